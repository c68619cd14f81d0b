"""The ways to identify people that `plansigill.toml` names, made from its settings and the files beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from pipeline.casework.shown import PAPER
from pipeline.casework.tools import Identification
from pipeline.errors import Misuse
from pipeline.setting_files import SettingFiles
from pipeline.settings import AttestedWay, BankIdWay, FrejaWay, OidcWay, PaperWay, Settings, called

if TYPE_CHECKING:
    from signatures.identity import IdentityProvider
    from signatures.identity.jose import OwnKey

EVERYONE = frozenset(("brukare", "kontaktman", "enhetschef"))


def ways(home: Path, settings: Settings) -> tuple[Identification, ...]:
    """The ways in the order in which they stand; in a test workspace, where none does, test identities.

    Raises `Misuse` naming the setting whose file is missing or is no such file.
    """
    if not settings.identity and settings.test:
        return _of_a_test()
    asked = (way for way in settings.identity if not isinstance(way, AttestedWay | PaperWay))
    services = {called(way): _service(SettingFiles(home, f"identity.{called(way)}"), way) for way in asked}
    return tuple(
        Identification(
            called(way),
            frozenset(way.roles),
            _vouched(way, services) if isinstance(way, AttestedWay | PaperWay) else services[called(way)],
        )
        for way in settings.identity
    )


def _service(files: SettingFiles, way: BankIdWay | FrejaWay | OidcWay) -> "IdentityProvider":
    match way:
        case OidcWay():
            return _oidc(files, way)
        case FrejaWay():
            return _freja(files, way)
        case _:
            return _bankid(files, way)


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
        raise Misuse("installning_ogiltig", key=f"identity.{called(way)}.by", rule=rule)
    inner = services[way.by]
    return Attested(inner, way.minimum) if isinstance(way, AttestedWay) else Certified(inner, way.minimum)


def _bankid(files: SettingFiles, way: BankIdWay) -> "IdentityProvider":
    from signatures.identity.bankid import BankId
    from signatures.identity.bankid_chain import POLICIES, TEST_POLICIES
    from signatures.identity.http import Service

    server = files.read(way.server_roots, "server_roots") if way.server_roots else None
    pair = _pair(files, way.certificate, way.passphrase_file)
    service = Service(way.url, roots_pem=server, certificate=pair, timeout=way.timeout_seconds)
    policies = TEST_POLICIES if way.test_service else POLICIES
    return BankId(
        service,
        files.read(way.roots, "roots"),
        policies=tuple(policies),
        pin_code=way.pin_code,
        end_user_ip=way.end_user_ip,
    )


def _freja(files: SettingFiles, way: FrejaWay) -> "IdentityProvider":
    from signatures.identity.freja import Freja
    from signatures.identity.freja_proof import certificates
    from signatures.identity.http import Service

    _require_level_known(files, way.minimum, "minimum")
    server = files.read(way.server_roots, "server_roots") if way.server_roots else None
    pair = _pair(files, way.certificate, way.passphrase_file)
    answers = files.read(way.answers, "answers")
    try:
        certificates(answers)
    except ValueError as error:
        raise files.refuse("answers", "PEM: Freja's certificates") from error
    service = Service(way.url, roots_pem=server, certificate=pair, timeout=way.timeout_seconds)
    return Freja(service, answers, way.minimum, way.registration, way.test_service)


def _oidc(files: SettingFiles, way: OidcWay) -> "IdentityProvider":
    from signatures.identity import IdType
    from signatures.identity.http import Service
    from signatures.identity.oidc import Oidc
    from signatures.identity.oidc_broker import Broker, Login
    from signatures.identity.oidc_proof import Reading
    from signatures.identity.oidc_request import Ask, Request

    for level in (way.minimum, *way.levels.values()):
        _require_level_known(files, level, "minimum" if level == way.minimum else "levels")
    login = Login(way.login)
    server = files.read(way.server_roots, "server_roots") if way.server_roots else None
    pair = _pair(files, way.certificate or "", way.passphrase_file or "") if login is Login.CERTIFICATE else None
    secret = files.secret(way.secret_file or "", "secret_file") if login is Login.SECRET else None
    service = Service(way.issuer, roots_pem=server, certificate=pair, timeout=way.timeout_seconds)
    kinds = {IdType(kind): claim for kind, claim in way.identifiers.items()}
    reading = Reading(way.issuer, way.rp_id, kinds, tuple(way.name_claims), way.levels, way.ask == "signature")
    request = Request(way.redirect, tuple(way.scopes), Ask(way.ask), tuple(way.acr))
    return Oidc(
        Broker(service, way.issuer, way.rp_id, login, _own_key(files, way), secret), reading, request, way.minimum
    )


def _own_key(files: SettingFiles, way: OidcWay) -> "OwnKey | None":
    from signatures.identity.jose import OwnKey

    if way.key is None:
        return None
    found = OwnKey(files.read(way.key, "key"), way.key_id)
    try:
        found.loaded()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        rule = "PEM without a passphrase: RSA of 2048 bits or more, P-256, P-384 or P-521"
        raise files.refuse("key", rule) from error
    return found


def _require_level_known(files: SettingFiles, level: str, key: str) -> None:
    from signatures.identity.checks import rank

    if not rank(level):
        raise files.refuse(key, "http://id.elegnamnden.se/loa/1.0/loa3 …")


def _pair(files: SettingFiles, name: str, passphrase_file: str) -> tuple[bytes, bytes]:
    """Our certificate, its chain and its key as PEM, from a PKCS#12 file."""
    passphrase = files.secret(passphrase_file, "passphrase_file").encode()
    try:
        found = pkcs12.load_pkcs12(files.read(name, "certificate"), passphrase)
    except ValueError as error:
        raise files.refuse("certificate", "PKCS#12, opened by passphrase_file") from error
    if found.key is None or found.cert is None:
        raise files.refuse("certificate", "a key and its certificate")
    chain = (found.cert, *found.additional_certs)
    pem = b"".join(each.certificate.public_bytes(Encoding.PEM) for each in chain)
    key = found.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem, key
