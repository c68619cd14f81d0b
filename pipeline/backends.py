"""The places where private keys work that `plansigill.toml` names, made from its settings and the files beside it."""

from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from pipeline.casework.tools import Backend
from pipeline.setting_files import SettingFiles
from pipeline.settings import Settings
from pipeline.settings_signing import KeyAtService, KeyFile, KeyInToken, OneTimeKey, Signing, SwedishService

if TYPE_CHECKING:
    from signatures.backends.token import Token, TokenKey
    from signatures.backends.work import SignBackend

EVERYONE = frozenset(("brukare", "kontaktman", "enhetschef"))
SECTION = "signing"


def backends(home: Path, settings: Settings) -> Sequence[Backend]:
    """One for each `[[signing]]`; a key or service is opened once, by its own `make`, so that none holds up another.

    `make` raises `Misuse` naming the setting whose file is missing or is no such file.
    """
    return tuple(_backend(SettingFiles(home, SECTION), each, test=settings.test) for each in settings.signing)


def _backend(files: SettingFiles, signing: Signing, *, test: bool) -> Backend:
    if isinstance(signing, OneTimeKey):
        return Backend(signing.name, signing.who, EVERYONE, None)
    make = cache(partial(_made, files, signing, test=test))  # opening a key file takes a while, by design
    if isinstance(signing, SwedishService):
        return Backend(signing.name, None, frozenset(signing.roles), make)
    return Backend(signing.name, signing.who, EVERYONE, make)


def _made(
    files: SettingFiles, signing: KeyFile | KeyInToken | KeyAtService | SwedishService, *, test: bool
) -> "SignBackend":
    match signing:
        case KeyFile():
            return _key_file(files, signing, test=test)
        case KeyInToken():
            return _key_in_token(files, signing, test=test)
        case KeyAtService():
            return _key_at_service(files, signing, test=test)
        case SwedishService():
            return _swedish_service(files, signing, test=test)


def _key_file(files: SettingFiles, signing: KeyFile, *, test: bool) -> "SignBackend":
    from signatures.backends.held import Pkcs12
    from signatures.standing import fetched

    return Pkcs12(
        data=files.read(signing.file, "file"),
        passphrase=files.secret(signing.passphrase_file, "passphrase_file").encode(),
        roots=files.certificates(signing.roots, "roots"),
        standing=fetched(),
        test=test,
    )


def _key_in_token(files: SettingFiles, signing: KeyInToken, *, test: bool) -> "SignBackend":
    from signatures.backends.held import Pkcs11
    from signatures.standing import fetched

    given = files.certificates(signing.certificate, "certificate")[0] if signing.certificate else None
    return Pkcs11(
        token=_token(files, signing.library, signing.token, signing.pin_file),
        key=signing.key,
        chain=files.certificates(signing.chain, "chain") if signing.chain else (),
        roots=files.certificates(signing.roots, "roots"),
        standing=fetched(),
        certificate=given,
        test=test,
    )


def _token(files: SettingFiles, library: str, label: str, pin_file: str) -> "Token":
    from signatures.backends.token import Token

    return Token(files.home / library, label, files.secret(pin_file, "pin_file"))


def _key_at_service(files: SettingFiles, signing: KeyAtService, *, test: bool) -> "SignBackend":
    from signatures.backends.csc import Csc
    from signatures.backends.remote import Service
    from signatures.standing import fetched

    access = files.secret(signing.access_file, "access_file")
    roots = files.read(signing.server_roots, "server_roots") if signing.server_roots else None
    service = Service(signing.url, {"Authorization": f"Bearer {access}"}, signing.timeout_seconds, roots)
    return Csc(
        service=service,
        credential_id=signing.credential,
        roots=files.certificates(signing.roots, "roots"),
        standing=fetched(),
        unlock={"PIN": files.secret(signing.pin_file, "pin_file")} if signing.pin_file else {},
        test=test,
    )


def _swedish_service(files: SettingFiles, signing: SwedishService, *, test: bool) -> "SignBackend":
    from signatures.backends.sweden_connect import SwedenConnect
    from signatures.standing import fetched

    passphrase = files.secret(signing.passphrase_file, "passphrase_file")
    key, certificate = files.pair(signing.certificate, passphrase, "certificate")
    return SwedenConnect(
        address=signing.address,
        service=signing.service,
        requester=signing.requester,
        identity_provider=signing.identity_provider,
        return_url=signing.return_url,
        level=signing.level,
        key=key,
        certificate=certificate,
        service_certificate=files.pem(signing.service_certificate, "service_certificate")[0],
        roots=files.certificates(signing.roots, "roots"),
        standing=fetched(),
        test=test,
    )


def trusted_roots(home: Path, settings: Settings) -> bytes:
    """The roots (PEM) that people's certificates may lead to besides our own issuer's, now or formerly."""
    files = SettingFiles(home, SECTION)
    named = [(each.roots, "roots") for each in settings.signing if not isinstance(each, OneTimeKey)]
    found = [root for name, key in named for root in files.pem(name, key)]
    found += [root for name in settings.trusted_roots for root in files.pem(name, "trusted_roots")]
    return b"".join(dict.fromkeys(each.public_bytes(Encoding.PEM) for each in found))


def issuer_key(home: Path, settings: Settings) -> "TokenKey | None":
    """The issuing key where `[issuer]` says that it lies in a token. Raises BackendRefused or BackendUnavailable."""
    from signatures.backends.token import TokenKey

    given = settings.issuer
    if given is None:
        return None
    token = _token(SettingFiles(home, "issuer"), given.library, given.token, given.pin_file)
    return TokenKey(token, given.key)
