"""Builders: a person's own key and certificate, a service that answers later, a token of SoftHSM's."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pyhanko.pdf_utils.reader import PdfFileReader

from signatures import container, der
from signatures.backends.token import Token
from signatures.backends.work import Credential, Pending, Signing, SignResult, SignWork
from signatures.container import as_der
from signatures.identity import IdentityEvidence
from signatures.issuer import Issuer
from signatures.standing import issued_by
from signatures.verify import RuleVerdict, Trust, verify

from .plans import NOW, base, evidence, issuer

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PIN = "246810"
LIBRARIES = (Path("/usr/lib/softhsm/libsofthsm2.so"), *Path("/usr/lib").glob("*/softhsm/libsofthsm2.so"))


def key(kind: str = "rsa") -> Key:
    return _key(kind)


@cache
def _key(kind: str) -> Key:
    if kind == "p256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, 2048 if kind == "rsa-2048" else 3072)


def certificate(held: Key, who: IdentityEvidence | None = None, now: datetime = NOW) -> x509.Certificate:
    """One that the tests' issuer gives the kontaktman, whose HSA-id is the same in every act."""
    given = replace(issuer(), keys=lambda: held)  # type: ignore[arg-type,return-value]
    return given.issue(who or evidence("kontaktman", base(), now), now)[1]


def credential(held: Key, now: datetime = NOW, given: x509.Certificate | None = None) -> Credential:
    bare = Credential(as_der(given or certificate(held)), (as_der(issuer().issuing),), (as_der(issuer().root),))
    return issued_by(issuer())(bare, now)


def value(held: Key, data: bytes) -> bytes:
    if isinstance(held, rsa.RSAPrivateKey):
        return held.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return held.sign(data, ec.ECDSA(hashes.SHA256()))


def with_certificate(attributes: bytes, raw: bytes, *more: bytes) -> bytes:
    """What a service makes of our attributes: its certificate's hash added, in DER's order."""
    parts = [each.dump() for each in cms.CMSAttributes.load(attributes)]
    return der.set_of(*parts, container.signing_certificate(raw), *more)


@dataclass(frozen=True)
class Later:
    """A backend whose certificate nobody knows until it has signed; it answers later."""

    test: bool = True

    def open(self, evidence: IdentityEvidence, now: datetime) -> Signing:
        def sign(work: SignWork) -> Pending:
            return Pending("order-1", now + timedelta(minutes=3), "https://sign.test/", {}, work.attributes)

        return Signing(None, sign)


def answered(attributes: bytes, kind: str = "rsa", **changed: Any) -> SignResult:
    """A good answer for the kontaktman, or one with something else in it."""
    held = key(kind)
    given: x509.Certificate = changed.pop("certificate", None) or certificate(held)
    made = credential(held, given=given)
    edit: Callable[[bytes], bytes] = changed.pop("edit", lambda whole: whole)
    signed = edit(with_certificate(attributes, made.certificate))
    return replace(SignResult(signed, value(held, signed), made), **changed)


def token(folder: Path) -> Token:
    """A new token, in a folder of its own; SoftHSM reads where from the environment, once in a process."""
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    made = ["--init-token", "--free", "--label", "kommun", "--so-pin", "97531", "--pin", PIN]
    subprocess.run(["softhsm2-util", *made], check=True, capture_output=True)
    return Token(next(each for each in LIBRARIES if each.exists()), "kommun", PIN)


def into_token(held: Key, label: str, number: str, folder: Path) -> None:
    kept = held.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{label}.pem"
    path.write_bytes(kept)
    asked = ["--import", path, "--token", "kommun", "--label", label, "--id", number, "--pin", PIN]
    subprocess.run(["softhsm2-util", *asked], check=True, capture_output=True)


def openssl_agrees(pdf: bytes, folder: Path, by: Issuer | None = None) -> bool:
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    start, length, second, rest = signature.byte_range
    (folder / "root.pem").write_bytes((by or issuer()).trust_pem())
    (folder / "sig.der").write_bytes(cms.ContentInfo.load(signature.pkcs7_content).dump())
    (folder / "sig.bin").write_bytes(pdf[start : start + length] + pdf[second : second + rest])
    asked = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "sig.der", "-content", "sig.bin"]
    trusted = ["-CAfile", "root.pem", "-purpose", "any", "-attime", str(int(NOW.timestamp()) + 60), "-out", "out"]
    return subprocess.run([*asked, *trusted], cwd=folder, capture_output=True, check=False).returncode == 0


def problems(pdf: bytes) -> dict[str, str | None]:
    """The rules that our verifier finds broken in a sealed file, and nothing else."""
    trust = Trust(issuer().trust_pem(), issuer().trust_pem())
    found = verify(pdf, trust, None, NOW + timedelta(days=1))
    return {rule.id.value: rule.reason for rule in found.rules if rule.verdict is RuleVerdict.FAILED}


def other_document(attributes: bytes) -> bytes:
    digest = next(
        each["values"][0].native for each in cms.CMSAttributes.load(attributes) if der.MESSAGE_DIGEST in each.dump()
    )
    return attributes.replace(digest, bytes(32))


def pem(given: x509.Certificate) -> bytes:
    return given.public_bytes(serialization.Encoding.PEM)
