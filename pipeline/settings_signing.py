"""Where private keys work, as `plansigill.toml` says it: `[[signing]]` for people's keys, `[issuer]` for our own.

Whoever is named nowhere here signs with a one-time key of our own issuer. Every file is relative to the workspace; what
is secret stands on the first line of a file of its own, never in the settings.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

RoleName = Literal["brukare", "kontaktman", "enhetschef"]
SERVICE = r"^(https://|http://127\.0\.0\.1[:/])"
"""A service is reached over TLS, or through something on this very machine."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _OwnKey(_Section):
    """A key of one person for years: `who` is their `personal_id`; `roots` (PEM) what its certificate leads to."""

    who: str = Field(min_length=1)
    roots: str

    @property
    def name(self) -> str:
        """What the record calls it."""
        return self.who


class KeyFile(_OwnKey):
    """A key file (PKCS#12) and the file with its passphrase."""

    method: Literal["pkcs12"]
    file: str
    passphrase_file: str


class KeyInToken(_OwnKey):
    """A key in a card or a hardware module (PKCS#11): the key's label in the token with the label `token`.

    `certificate` (PEM) is the person's where the token has none by the key's label; `chain` (PEM) lies above it.
    """

    method: Literal["pkcs11"]
    library: str
    token: str = Field(min_length=1)
    key: str = Field(min_length=1)
    pin_file: str
    certificate: str | None = None
    chain: str | None = None


class KeyAtService(_OwnKey):
    """A credential at a service after the CSC API; `url` ends before `credentials/info`.

    `access_file` is what opens the service for us (an OAuth bearer token), `pin_file` the credential's PIN where it has
    one, `server_roots` (PEM) what the service's web server leads to; without it the machine's own roots count.
    """

    method: Literal["csc"]
    url: str = Field(pattern=SERVICE)
    credential: str = Field(min_length=1)
    access_file: str
    pin_file: str | None = None
    server_roots: str | None = None
    timeout_seconds: float = Field(default=10.0, gt=0.0, le=60.0)


class SwedishService(_Section):
    """A federated signing service of the Swedish framework (DIGG 2019-312), for whoever fills one of the `roles`.

    `address` is where browsers bring our request, `return_url` where they bring the answer; `service`, `requester` and
    `identity_provider` are SAML entityIDs. `certificate` is ours (PKCS#12, opened by `passphrase_file`) and signs the
    requests; `service_certificate` (PEM) is the one its answers are signed with.
    """

    method: Literal["swedenconnect"]
    name: str = Field(default="swedenconnect", min_length=1)
    roles: list[RoleName] = Field(min_length=1)
    address: str = Field(pattern=r"^https://")
    service: str = Field(min_length=1)
    requester: str = Field(min_length=1)
    identity_provider: str = Field(min_length=1)
    return_url: str = Field(pattern=r"^https://")
    level: str = "http://id.elegnamnden.se/loa/1.0/loa3"
    certificate: str
    passphrase_file: str
    service_certificate: str
    roots: str


class OneTimeKey(_Section):
    """A person who signs with a one-time key although their role's others use a service."""

    method: Literal["one_time"]
    who: str = Field(min_length=1)

    @property
    def name(self) -> str:
        """What the record calls it."""
        return self.who


Signing = Annotated[KeyFile | KeyInToken | KeyAtService | SwedishService | OneTimeKey, Field(discriminator="method")]


def _one_for_each(given: tuple[Signing, ...]) -> tuple[Signing, ...]:
    """Nobody has two keys to choose between, and no role two services."""
    services = [each for each in given if isinstance(each, SwedishService)]
    people = [each.who for each in given if not isinstance(each, SwedishService)]
    for what, named in (
        ("who", people),
        ("roles", [role for each in services for role in each.roles]),
        ("name", [each.name for each in given]),
    ):
        if twice := stands_twice(named):
            raise ValueError(f"{what}: {twice} stands twice")
    return given


def stands_twice(named: Iterable[str]) -> str | None:
    """The first name that has been said before; None when each is said once."""
    seen: set[str] = set()
    for each in named:
        if each in seen:
            return each
        seen.add(each)
    return None


SigningSettings = Annotated[tuple[Signing, ...], AfterValidator(_one_for_each)]


class IssuerToken(_Section):
    """The issuing authority's own RSA key in a token (PKCS#11) instead of an encrypted file."""

    library: str
    token: str = Field(min_length=1)
    key: str = Field(min_length=1)
    pin_file: str
