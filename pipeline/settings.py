"""One frozen `Settings` from one `plansigill.toml`; an unknown key refuses start.

Every folder is relative to the workspace (the folder that holds `plansigill.toml`) unless it is absolute.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import Misuse, masked
from pipeline.settings_signing import IssuerToken, SigningSettings, stands_twice

CONFIG_NAME = "plansigill.toml"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Archive(_Section):
    """Where the truth lies: the database and the OCFL storage root."""

    index: str = "sqlite:///archive/index.db"
    objects: str = "file:archive/objects"


class Engine(_Section):
    """Who runs the steps: `workers` processes on this machine, each step under a lease of `lease_seconds`."""

    kind: Literal["local"] = "local"
    workers: int = Field(default=2, ge=1, le=64)
    lease_seconds: int = Field(default=60, ge=5, le=3600)


class Inbox(_Section):
    """The drop folder; a file is taken when it has looked the same for `settle_seconds`."""

    folder: str = "inbox"
    settle_seconds: float = Field(default=2.0, ge=0.0, le=600.0)
    rescan_seconds: float = Field(default=2.0, gt=0.0, le=600.0)
    fel_retention_days: int = Field(default=30, ge=1)


class Outbox(_Section):
    """Copies for people to fetch; never read back."""

    folder: str = "outbox"
    retention_days: int = Field(default=90, ge=1)


class Timestamp(_Section):
    """The RFC 3161 server of a real workspace, and the root certificate (PEM file) that its answers must chain to."""

    url: str = Field(pattern=r"^https?://")
    roots: str
    timeout_seconds: float = Field(default=20.0, gt=0.0, le=120.0)


class Weakened(_Section):
    """An algorithm that has fallen: from that day on it proves nothing, whatever our own table of algorithms says.

    A hash (``SHA256``), a kind of key (``RSA``), one up to so many bits (``RSA-3072``), or RSA's old padding
    (``PKCS1V15``).
    """

    algorithm: str = Field(pattern=r"^[A-Za-z0-9_-]{2,20}$")
    since: date = Field(alias="from")


class Renewal(_Section):
    """Archive time stamps are renewed `days_before` they can no longer be shown to be good.

    What rests on a `weakened` algorithm can be shown to be good until that has fallen, and no longer.
    """

    days_before: int = Field(default=365, ge=1, le=3650)
    weakened: tuple[Weakened, ...] = Field(default=(), strict=False)


class Case(_Section):
    """A case that waits for signatures: told of every `remind_days`, withdrawn when it has waited for `expire_days`."""

    remind_days: int = Field(default=14, ge=1, le=3650)
    expire_days: int = Field(default=180, ge=1, le=3650)


class BankIdWay(_Section):
    """Identification by BankID (RP API 6.0). Files are relative to the workspace.

    `certificate` is ours (PKCS#12; `passphrase_file` opens it), `roots` BankID's root for persons' certificates and
    `server_roots` the one for its web server (PEM). `end_user_ip` is the address that people sit at as BankID sees it.
    """

    method: Literal["bankid"]
    name: str = ""
    roles: list[Literal["brukare", "kontaktman", "enhetschef"]] = Field(min_length=1)
    url: str = Field(pattern=r"^https://")
    certificate: str
    passphrase_file: str
    roots: str
    server_roots: str | None = None
    end_user_ip: str
    pin_code: bool = True
    test_service: bool = False
    timeout_seconds: float = Field(default=10.0, gt=0.0, le=60.0)


class _VouchedWay(_Section):
    """A way in which an employee vouches for the brukare; the way named `by` identifies that employee."""

    name: str = ""
    by: str
    minimum: str = "http://id.elegnamnden.se/loa/1.0/loa3"


class AttestedWay(_VouchedWay):
    """The brukare's identity attested face to face."""

    method: Literal["intygad"]
    roles: list[Literal["brukare"]] = Field(default=["brukare"], min_length=1)


class PaperWay(_VouchedWay):
    """An original signed in ink, whose scan is certified."""

    method: Literal["papper"]
    roles: list[Literal["papper"]] = Field(default=["papper"], min_length=1)


class OidcWay(_Section):
    """Identification by an OpenID Connect broker. Files are relative to the workspace.

    `client_id` is what the broker calls us; `login` how we show that we are it: by `key` (PEM, of which the broker has
    the public half), by `certificate` over mutual TLS (PKCS#12; `passphrase_file` opens it), or by the secret in
    `secret_file`. `identifiers` and `name_claims` say what the broker calls things, `levels` what its `acr` values are
    called by DIGG or eIDAS. `ask` is what the person is asked there besides who they are.
    """

    method: Literal["oidc"]
    name: str = ""
    roles: list[Literal["brukare", "kontaktman", "enhetschef"]] = Field(min_length=1)
    issuer: str = Field(pattern=r"^https://[^?#\s]+$")
    rp_id: str = Field(alias="client_id", min_length=1, max_length=500)
    redirect: str = Field(pattern=r"^(https://[^#\s]+|http://(127\.0\.0\.1|\[::1\]):[1-9][0-9]{0,4}/[^?#\s]*)$")
    login: Literal["private_key_jwt", "tls_client_auth", "client_secret_basic"] = "private_key_jwt"
    key: str | None = None
    key_id: str | None = None
    certificate: str | None = None
    passphrase_file: str | None = None
    secret_file: str | None = None
    server_roots: str | None = None
    scopes: list[str] = [
        "https://id.oidc.se/scope/naturalPersonInfo",
        "https://id.oidc.se/scope/naturalPersonNumber",
    ]
    identifiers: dict[Literal["personnummer", "samordningsnummer", "hsa_id", "org_id"], str] = Field(
        default={
            "personnummer": "https://id.oidc.se/claim/personalIdentityNumber",
            "samordningsnummer": "https://id.oidc.se/claim/coordinationNumber",
        },
        min_length=1,
    )
    name_claims: list[str] = Field(default=["name"], min_length=1)
    acr: list[str] = []
    levels: dict[str, str] = {}
    minimum: str = "http://id.elegnamnden.se/loa/1.0/loa3"
    ask: Literal["login", "message", "approval", "signature"] = "login"
    timeout_seconds: float = Field(default=10.0, gt=0.0, le=60.0)

    @model_validator(mode="after")
    def _can_show_who_we_are(self) -> "OidcWay":
        needed = {
            "private_key_jwt": {"key": self.key},
            "tls_client_auth": {"certificate": self.certificate, "passphrase_file": self.passphrase_file},
            "client_secret_basic": {"secret_file": self.secret_file},
        }[self.login]
        if self.ask != "login":
            needed = needed | {"key": self.key}  # what the person is shown stands in a request that we sign
        if missing := [name for name, value in needed.items() if value is None]:
            raise ValueError(f"login = {self.login}, ask = {self.ask}: needs {', '.join(missing)}")
        return self


class FrejaWay(_Section):
    """Identification by Freja (relying-party API 1.0). Files are relative to the workspace.

    `certificate` is ours (PKCS#12; `passphrase_file` opens it), `answers` Freja's certificates for its signed answers
    and `server_roots` the root for its web server (PEM). `registration` is the level below which nobody may sign.
    """

    method: Literal["freja"]
    name: str = ""
    roles: list[Literal["brukare", "kontaktman", "enhetschef"]] = Field(min_length=1)
    url: str = Field(pattern=r"^https://")
    certificate: str
    passphrase_file: str
    answers: str
    server_roots: str | None = None
    registration: Literal["EXTENDED", "PLUS"] = "PLUS"
    minimum: str = "http://id.elegnamnden.se/loa/1.0/loa3"
    test_service: bool = False
    timeout_seconds: float = Field(default=10.0, gt=0.0, le=60.0)


Way = Annotated[BankIdWay | FrejaWay | OidcWay | AttestedWay | PaperWay, Field(discriminator="method")]


def called(way: Way) -> str:
    """What people choose the way by, and what another way's `by` means."""
    return way.name or way.method


def _each_its_name(given: tuple[Way, ...]) -> tuple[Way, ...]:
    """Two ways of one name would be one, with the roles of both and the service of the last."""
    if twice := stands_twice(called(way) for way in given):
        raise ValueError(f"name: {twice} stands twice; give each a name of its own")
    return given


class Settings(_Section):
    """The whole of `plansigill.toml`. One machine needs none of it but `test`, which `init --test` writes."""

    test: bool = False
    master_key: str = "master.key"
    keys: str = "keys"
    archive: Archive = Archive()
    engine: Engine = Engine()
    inbox: Inbox = Inbox()
    outbox: Outbox = Outbox()
    timestamp: Timestamp | None = None
    renewal: Renewal = Renewal()
    case: Case = Case()
    identity: Annotated[tuple[Way, ...], AfterValidator(_each_its_name)] = Field(default=(), strict=False)
    signing: SigningSettings = Field(default=(), strict=False)
    issuer: IssuerToken | None = None
    trusted_roots: tuple[str, ...] = Field(default=(), strict=False)
    """PEM files of roots that signatures made earlier lead to, when no `signing` names them any more."""


def load_settings(home: Path) -> Settings:
    """The settings of the workspace `home`.

    Raises `Misuse` when there is none, when it is no TOML, or when a key is unknown or has a value of the wrong kind.
    """
    try:
        data = read_toml(home / CONFIG_NAME)
    except FileNotFoundError:
        raise Misuse("ingen_arbetsyta", folder=home) from None
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        key, rule = first_fault(error)
        raise Misuse("installning_ogiltig", key=key, rule=rule) from error


def read_toml(path: Path) -> dict[str, object]:
    """A file that people write, with or without the byte order mark of some editors.

    Raises `FileNotFoundError`, or `Misuse` when it is no TOML, never repeating what looks like a personnummer.
    """
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misuse("installning_ogiltig", key=path.name, rule=masked(str(error))) from None
    except RecursionError:
        raise Misuse("installning_ogiltig", key=path.name, rule="lists or tables within each other, too deep") from None


def first_fault(error: ValidationError) -> tuple[str, str]:
    """Where the first fault of a file is and which rule it breaks, without what looks like a personnummer."""
    first = error.errors(include_url=False, include_input=False)[0]
    key = masked(".".join(str(part) for part in first["loc"]))
    several = first["type"] == "tuple_type"
    return key, f'a list: [[{key}]] for tables, ["…"] for texts' if several else first["msg"]


def sqlite_path(home: Path, index: str) -> Path:
    """The file of a ``sqlite:///`` index; raises `Misuse` for any other address."""
    prefix = "sqlite:///"
    if not index.startswith(prefix):
        raise Misuse("installning_ogiltig", key="archive.index", rule="sqlite:///FILE")
    return home / index.removeprefix(prefix)


def objects_path(home: Path, objects: str) -> Path:
    """The folder of a ``file:`` object store; raises `Misuse` for any other address."""
    prefix = "file:"
    if not objects.startswith(prefix):
        raise Misuse("installning_ogiltig", key="archive.objects", rule="file:FOLDER")
    return home / objects.removeprefix(prefix)
