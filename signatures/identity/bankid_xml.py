"""A BankID signature, read and checked byte for byte as its profile says it is built.

BankID's "Signature profile for BankID" fixes an XML signature whose parts already stand in canonical form: which
element comes where, which algorithms, and two references, to what was signed and to the certificates. So a signature is
compared with that frame as bytes before anything is parsed: no other element, attribute, reference, transform, comment,
entity or blank has a place to stand, and what is read is what the digests cover. Signature wrapping needs such a place.

Only RSA with SHA-256 counts, though the profile also has SHA-1.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from asn1crypto import x509 as asn1
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from ..errors import IdentityRefused

BANKID = "http://www.bankid.com/signature/v1.0.0/types"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
LARGEST = 600_000  # characters of base64: both texts at their longest (240 000), twice encoded, and a chain
LONGEST_CHAIN = 5  # certificates; a person's, a bank's and BankID's are three
SMALLEST_KEY = 2048  # bits of RSA
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError)  # what asn1crypto raises on foreign bytes

_BASE64 = rb"[A-Za-z0-9+/]+={0,2}"
_REFERENCE = (
    '<Transforms><Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"></Transform></Transforms>'
    '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod><DigestValue>@</DigestValue>'
)
_SIGNED_INFO = (
    f'<SignedInfo xmlns="{DSIG}">'
    '<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"></CanonicalizationMethod>'
    '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></SignatureMethod>'
    f'<Reference Type="{BANKID}" URI="#bidSignedData">{_REFERENCE}</Reference>'
    f'<Reference URI="#bidKeyInfo">{_REFERENCE}</Reference></SignedInfo>'
)


def _pattern(frame: str) -> bytes:
    """`frame` as a regular expression, with each @ a group of base64."""
    return re.escape(frame.encode()).replace(b"@", b"(" + _BASE64 + b")")


_FRAME = re.compile(
    rb'(?:<\?xml version="1\.0" encoding="UTF-8"(?: standalone="(?:no|yes)")?\?>)?'
    rb'<Signature xmlns="' + re.escape(DSIG.encode()) + rb'">'
    rb"(?P<signed_info>" + _pattern(_SIGNED_INFO) + rb")"
    rb"<SignatureValue>(?P<value>" + _BASE64 + rb")</SignatureValue>"
    rb'(?P<key_info><KeyInfo xmlns="' + re.escape(DSIG.encode()) + rb'" Id="bidKeyInfo"><X509Data>'
    rb"(?P<certificates>(?:<X509Certificate>" + _BASE64 + rb"</X509Certificate>)+)</X509Data></KeyInfo>)"
    rb'<Object>(?P<signed_data><bankIdSignedData xmlns="' + re.escape(BANKID.encode()) + rb'" Id="bidSignedData">'
    rb"[^&!?]*</bankIdSignedData>)</Object></Signature>"
)
_PARTS = [f"{{{BANKID}}}{name}" for name in ("usrVisibleData", "usrNonVisibleData", "srvInfo", "clientInfo")]


@dataclass(frozen=True, slots=True)
class Signed:
    """What somebody signed: the text they saw, what came with it unseen, and the certificates (DER), theirs first."""

    visible: str
    non_visible: bytes
    certificates: tuple[bytes, ...]


def refused(why: str) -> IdentityRefused:
    """The error `fel_bevis` for a BankID signature or what belongs to it."""
    return IdentityRefused("fel_bevis", f"the BankID signature is not accepted: {why}")


def read(signature: str) -> Signed:
    """What `signature` (base64, as BankID gave it) signs, once its digests and its RSA signature have been checked.

    Whose certificate that is, and whether it was good, is not judged here. Raises IdentityRefused `fel_bevis`.
    """
    if len(signature) > LARGEST:
        raise refused("it is larger than any")
    found = _FRAME.fullmatch(plain_base64(signature))
    if found is None:
        raise refused("it is not built as BankID's profile says")
    certificates = _certificates(found["certificates"])
    _check_digests(found)
    signed_info = found["signed_info"]
    key = rsa_key(certificates[0])
    try:
        key.verify(plain_base64(found["value"].decode()), signed_info, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise refused("its RSA signature does not hold") from error
    return _contents(found["signed_data"], certificates)


def plain_base64(text: str) -> bytes:
    """The bytes of `text`, which must be the one and only base64 form of them. Raises IdentityRefused `fel_bevis`."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise refused("something is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise refused("something is not written as base64 is")
    return data


def rsa_key(certificate: bytes) -> rsa.RSAPublicKey:
    """The key of a certificate (DER). Raises IdentityRefused `fel_bevis` for one that is not RSA of 2048 bits."""
    try:
        stated = loaded(certificate).public_key.dump()
        key = serialization.load_der_public_key(stated)
    except (*MALFORMED, UnsupportedAlgorithm) as error:
        raise refused("a certificate cannot be read") from error
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < SMALLEST_KEY:
        raise refused("a certificate's key is weak, or not RSA")
    return key


def loaded(certificate: bytes) -> asn1.Certificate:
    """A certificate (DER), in the one form that has nothing unsigned to change. Raises IdentityRefused `fel_bevis`."""
    try:
        found = asn1.Certificate.load(certificate, strict=True)
        parts = {name: found[name] for name in ("tbs_certificate", "signature_algorithm")}
        if asn1.Certificate(parts | {"signature_value": found["signature_value"].native}).dump() == certificate:
            return found
    except MALFORMED as error:
        raise refused("a certificate cannot be read") from error
    raise refused("a certificate is written in another way than DER")


def _certificates(listed: bytes) -> tuple[bytes, ...]:
    texts = re.findall(rb"<X509Certificate>([^<]+)</X509Certificate>", listed)
    if len(texts) > LONGEST_CHAIN:
        raise refused("it carries too many certificates")
    return tuple(plain_base64(text.decode()) for text in texts)


def _check_digests(found: re.Match[bytes]) -> None:
    over_data, over_keys = re.findall(rb"<DigestValue>([^<]+)</DigestValue>", found["signed_info"])
    for part, digest in ((found["signed_data"], over_data), (found["key_info"], over_keys)):
        if base64.b64encode(hashlib.sha256(part).digest()) != digest:
            raise refused("a digest does not match")


def _contents(data: bytes, certificates: tuple[bytes, ...]) -> Signed:
    root = _parsed(data)
    if [child.tag for child in root] != _PARTS:
        raise refused("what was signed has other parts than the profile's")
    visible, non_visible, _, app = root
    stray = [e for e in root.iter() if e is not root and e is not visible and e.attrib]
    if stray or non_visible.attrib or not _is_shown_text(dict(visible.attrib)) or len(visible) or len(non_visible):
        raise refused("what was signed is marked otherwise than the profile says")
    if [each.text for each in app if each.tag == f"{{{BANKID}}}funcId"] != ["Signing"]:
        raise refused("it is an identification, not a signature")
    try:
        text = plain_base64(visible.text or "").decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused("the text is not UTF-8") from error
    return Signed(text, plain_base64(non_visible.text or ""), certificates)


def _parsed(data: bytes) -> etree._Element:
    """The signed part, alone in a document of its own, where canonical form is the same as the digest's."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise refused("what was signed is no XML") from error
    if etree.tostring(root, method="c14n", exclusive=False, with_comments=False) != data:
        raise refused("what was signed is not in canonical form")
    inside = f"{{{BANKID}}}"
    if any(not str(e.tag).startswith(inside) or e.prefix or (len(e) and e.text) or e.tail for e in root.iter()):
        raise refused("what was signed has names or text of another kind")
    return root


def _is_shown_text(marks: dict[str | bytes, str | bytes]) -> bool:
    """Whether the text is marked as UTF-8 that was seen as it was signed (what you see is what you sign)."""
    return marks.pop("format", "simpleMarkdownV1") == "simpleMarkdownV1" and marks == {
        "charset": "UTF-8",
        "visible": "wysiwys",
    }
