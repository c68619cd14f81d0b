"""The ways to identify people that `plansigill.toml` names, made from its settings and the files beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from pipeline.casework.shown import PAPER
from pipeline.casework.tools import Identification
from pipeline.errors import Misuse
from pipeline.settings import AttestedWay, BankIdWay, PaperWay, Settings, Way

if TYPE_CHECKING:
    from signatures.identity import IdentityProvider

EVERYONE = frozenset(("brukare", "kontaktman", "enhetschef"))
LARGEST = 1_000_000
"""Bytes of a certificate or key file."""


def ways(home: Path, settings: Settings) -> tuple[Identification, ...]:
    """The ways in the order in which they stand; in a test workspace, where none does, test identities.

    Raises `Misuse` naming the setting whose file is missing or is no such file.
    """
    if not settings.identity and settings.test:
        return _of_a_test()
    services = {_named(way): _bankid(home, way) for way in settings.identity if isinstance(way, BankIdWay)}
    return tuple(
        Identification(
            _named(way),
            frozenset(way.roles),
            services[_named(way)] if isinstance(way, BankIdWay) else _vouched(way, services),
        )
        for way in settings.identity
    )


def _named(way: Way) -> str:
    return way.name or way.method


def _of_a_test() -> tuple[Identification, ...]:
    from signatures.identity import TestIdentityProvider
    from signatures.identity.attested import Attested
    from signatures.identity.paper import Certified
    from signatures.identity.testing import LEVEL

    anyone = TestIdentityProvider(test=True)
    attested = Identification("intygad", frozenset(("brukare",)), Attested(anyone, LEVEL))
    paper = Identification("papper", frozenset((PAPER,)), Certified(anyone, LEVEL))
    return (Identification("test", EVERYONE, anyone), attested, paper)


def _vouched(way: AttestedWay | PaperWay, services: Mapping[str, "IdentityProvider"]) -> "IdentityProvider":
    """A way in which an employee vouches for somebody, whom another way identifies."""
    from signatures.identity.attested import Attested
    from signatures.identity.paper import Certified

    if way.by not in services:
        rule = f"one of: {', '.join(services) or '-'}"
        raise Misuse("installning_ogiltig", key="identity.by", rule=rule)
    inner = services[way.by]
    return Attested(inner, way.minimum) if isinstance(way, AttestedWay) else Certified(inner, way.minimum)


def _bankid(home: Path, way: BankIdWay) -> "IdentityProvider":
    from signatures.identity.bankid import BankId
    from signatures.identity.bankid_chain import POLICIES, TEST_POLICIES
    from signatures.identity.http import Service

    server = _read(home, way.server_roots, "server_roots") if way.server_roots else None
    pair = _pair(home, way.certificate, way.passphrase_file)
    service = Service(way.url, roots_pem=server, certificate=pair, timeout=way.timeout_seconds)
    policies = TEST_POLICIES if way.test_service else POLICIES
    return BankId(
        service,
        _read(home, way.roots, "roots"),
        policies=tuple(policies),
        pin_code=way.pin_code,
        end_user_ip=way.end_user_ip,
    )


def _read(home: Path, name: str, key: str) -> bytes:
    try:
        with (home / name).open("rb") as source:
            return source.read(LARGEST)
    except OSError as error:
        raise Misuse("installning_ogiltig", key=f"identity.{key}", rule=f"{name}: {error.strerror}") from error


def _pair(home: Path, name: str, passphrase_file: str) -> tuple[bytes, bytes]:
    """Our certificate and its key as PEM, from a PKCS#12 file; the passphrase is a file's first line."""
    passphrase = _read(home, passphrase_file, "passphrase_file").splitlines()[:1]
    try:
        found = pkcs12.load_pkcs12(_read(home, name, "certificate"), passphrase[0] if passphrase else b"")
    except ValueError as error:
        rule = "PKCS#12, opened by passphrase_file"
        raise Misuse("installning_ogiltig", key="identity.certificate", rule=rule) from error
    if found.key is None or found.cert is None:
        raise Misuse("installning_ogiltig", key="identity.certificate", rule="a key and its certificate")
    chain = (found.cert, *found.additional_certs)
    pem = b"".join(each.certificate.public_bytes(Encoding.PEM) for each in chain)
    key = found.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem, key
