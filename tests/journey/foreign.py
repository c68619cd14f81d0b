"""Somebody else's authority, which tells on this machine what it has revoked, and the people it has certified."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import tomli_w
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from signatures.authority import signed_under, start, usage
from tests.signatures import keys, sign_service, tsa_server
from tests.signatures.tsa_server import NOW, others

CHIEF = SimpleNamespace(name="Carina Ström", id_value="nb-0007")
CODE = "en lösen fras"
SERVICE_ADDRESS = "https://sign.test/request"


@contextmanager
def authority() -> Iterator[str]:
    """Where the authority's list of what it has revoked is fetched, while it runs."""
    with tsa_server.serving(tsa_server.Behaviour(others(), NOW)) as url:
        yield url.replace("/tsa", "/crl")


def certified(held: keys.Key, lists_at: str, who: Any = CHIEF) -> x509.Certificate:
    """The person's certificate, which says where the list is."""
    names = ((NameOID.COUNTRY_NAME, "SE"), (NameOID.SERIAL_NUMBER, who.id_value), (NameOID.COMMON_NAME, who.name))
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in names])
    place = x509.DistributionPoint([x509.UniformResourceIdentifier(lists_at)], None, None, None)
    span = (NOW - timedelta(days=1), NOW + timedelta(days=365))
    return (
        start(subject, others().root.subject, held.public_key(), *span)  # type: ignore[arg-type]
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage("content_commitment"), critical=True)
        .add_extension(signed_under(others().root), critical=False)
        .add_extension(x509.CRLDistributionPoints([place]), critical=False)
        .sign(others().root_key, hashes.SHA256())
    )


def key_file(held: keys.Key, certificate: x509.Certificate) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"kim",
        held,
        certificate,
        None,
        BestAvailableEncryption(CODE.encode()),
    )


class SignService(sign_service.SignService):
    """The double of a federated service, whose people the foreign authority certifies."""

    lists_at = ""

    def leaf(self) -> x509.Certificate:
        named = "Kim Annan" if self.kind == "another name in the certificate" else self.person.name
        return certified(keys.key(), self.lists_at, SimpleNamespace(name=named, id_value=self.person.id_value))

    def above(self) -> tuple[x509.Certificate, ...]:
        return (others().root,)


def sign_service_at(lists_at: str, kind: str = "honest") -> SignService:
    """A service that identifies the chief."""
    made = type("At", (SignService,), {"lists_at": lists_at})
    requester = sign_service.identity(sign_service.REQUESTER, keys.key(), NOW)
    return made(requester, CHIEF, kind, NOW, keys.key())  # type: ignore[no-any-return]


def swedish(files: Path, service: SignService, *roles: str) -> dict[str, object]:
    """The settings of a federated service, and the files they name."""
    put(files, {"ours.p12": key_file(keys.key(), service.requester), "ours.pass": CODE.encode() + b"\n"})
    put(files, {"service.pem": keys.pem(service.certificate), "roots.pem": others().trust_pem()})
    return {
        "method": "swedenconnect",
        "roles": list(roles),
        "address": SERVICE_ADDRESS,
        "service": sign_service.SERVICE,
        "requester": sign_service.REQUESTER,
        "identity_provider": sign_service.IDP,
        "return_url": "https://kommun.test/signed",
        "certificate": "keys/ours.p12",
        "passphrase_file": "keys/ours.pass",
        "service_certificate": "keys/service.pem",
        "roots": "keys/roots.pem",
    }


def put(files: Path, found: Mapping[str, bytes]) -> None:
    for name, data in found.items():
        (files / name).write_bytes(data)


@dataclass(frozen=True)
class Written:
    """Where the settings of a workspace are written."""

    home: Path

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    def settings(self, **sections: object) -> None:
        config = {"test": True, **sections}
        (self.home / "plansigill.toml").write_text(tomli_w.dumps(config), "utf-8")
