"""The XML of the Swedish signing services: DIGG 2019-312 (profile) and 2019-314 (DSS extension), signed and read.

What is read is only what the service's signature covers.
"""

# mypy: allow-untyped-calls
# signxml is only half typed.

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from ..errors import BackendUnavailable

PROFILE = "http://id.elegnamnden.se/csig/1.1/dss-ext/profile"
VERSION = "1.4"
DSS, CSIG = "urn:oasis:names:tc:dss:1.0:core:schema", "http://id.elegnamnden.se/csig/1.1/dss-ext/ns"
SAML, DS = "urn:oasis:names:tc:SAML:2.0:assertion", "http://www.w3.org/2000/09/xmldsig#"
NAMESPACES = {"dss": DSS, "csig": CSIG, "saml": SAML, "ds": DS}
ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
LARGEST = 512 * 1024  # bytes; an answer with an assertion and a chain is some 20 kB
_METHODS = {"RSA_SHA256", "RSA_SHA384", "RSA_SHA512", "ECDSA_SHA256", "ECDSA_SHA384", "ECDSA_SHA512"}


@dataclass(frozen=True, slots=True)
class Question:
    """What a sign request says; times are aware UTC, names of parties are SAML entityIDs."""

    request_id: str
    requester: str
    service: str
    identity_provider: str
    return_url: str
    signer: tuple[str, str] = field(repr=False)
    """A SAML attribute's name and value."""
    levels: Sequence[str]
    message: str
    attributes: bytes
    """DER signed attributes: all that is told of the document."""
    begins: datetime
    ends: datetime


def request(question: Question, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> bytes:
    """A signed sign request (2019-312, 2.1)."""
    root = _element(None, "dss:SignRequest", Profile=PROFILE, RequestID=question.request_id)
    inputs = _element(root, "dss:OptionalInputs")
    extension = _element(inputs, "csig:SignRequestExtension", Version=VERSION)
    _extend(extension, question)
    _element(inputs, "ds:Signature", Id="placeholder")
    tasks = _element(_element(_element(root, "dss:InputDocuments"), "dss:Other"), "csig:SignTasks")
    task = _element(tasks, "csig:SignTaskData", SignTaskId=question.request_id, SigType="PDF", AdESType="BES")
    _element(task, "csig:ToBeSignedBytes", base64.b64encode(question.attributes).decode("ascii"))
    return signed(root, key, certificate)


def signed(root: Any, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> bytes:
    """The document with its enveloped signature over all of it, where the placeholder stands."""
    signer = XMLSigner(
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    made: bytes = etree.tostring(signer.sign(root, key=key, cert=[certificate]), encoding="UTF-8", xml_declaration=True)
    return made


def _extend(extension: Any, question: Question) -> None:
    """2019-314, 3.1: the order is the schema's."""
    _element(extension, "csig:RequestTime", stamp(question.begins))
    span = {"NotBefore": stamp(question.begins), "NotOnOrAfter": stamp(question.ends)}
    conditions = _element(extension, "saml:Conditions", **span)
    _element(_element(conditions, "saml:AudienceRestriction"), "saml:Audience", question.return_url)
    name, value = question.signer
    attribute = _element(_element(extension, "csig:Signer"), "saml:Attribute", Name=name)
    _element(attribute, "saml:AttributeValue", value)
    _element(extension, "csig:IdentityProvider", question.identity_provider, Format=ENTITY)
    _element(extension, "csig:SignRequester", question.requester, Format=ENTITY)
    _element(extension, "csig:SignService", question.service, Format=ENTITY)
    _element(extension, "csig:RequestedSignatureAlgorithm", RSA_SHA256)
    properties = _element(extension, "csig:CertRequestProperties", CertType="PKC")
    for level in question.levels:
        _element(properties, "saml:AuthnContextClassRef", level)
    wanted = _element(properties, "csig:RequestedCertAttributes")
    for oid, source in (("2.5.4.5", name), ("2.5.4.3", "urn:oid:2.16.840.1.113730.3.1.241")):  # displayName
        mapped = _element(wanted, "csig:RequestedCertAttribute", CertAttributeRef=oid, Required="true")
        _element(mapped, "csig:SamlAttributeName", source)
    shown = {"MustShow": "true", "DisplayEntity": question.identity_provider, "MimeType": "text"}
    message = _element(extension, "csig:SignMessage", **shown)
    _element(message, "csig:Message", base64.b64encode(question.message.encode()).decode("ascii"))


def read_signed(data: bytes, certificate: x509.Certificate, now: datetime) -> Any:
    """The element that `certificate` has signed: a whole sign response, or nothing at all.

    Raises BackendUnavailable `tjanst_felaktig`.
    """
    root = _parsed(data)
    expected = SignatureConfiguration(
        location=f"./{{{DSS}}}OptionalOutputs/",
        signature_methods=frozenset(SignatureMethod[name] for name in _METHODS),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512}),
        verification_time=now,
    )
    try:
        found = XMLVerifier().verify(root, x509_cert=certificate, expect_config=expected)
    except (SignXMLException, ValueError, TypeError, KeyError, etree.LxmlError) as error:
        raise _wrong(f"its signature does not hold ({type(error).__name__})") from error
    whole = None if isinstance(found, list) else found.signed_xml
    if whole is None or whole.tag != f"{{{DSS}}}SignResponse":
        raise _wrong("its signature does not cover all of it")
    return whole


def _parsed(data: bytes) -> Any:
    if len(data) > LARGEST:
        raise _wrong("it is larger than any")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _wrong("it is no XML") from error
    if root.getroottree().docinfo.doctype:
        raise _wrong("it has a document type")
    return root


def text(root: Any, path: str) -> str:
    """The text of the one element at `path`; raises BackendUnavailable for none, or several."""
    found = root.xpath(path, namespaces=NAMESPACES)
    if len(found) != 1 or not (found[0].text or "").strip():
        raise _wrong(f"it does not have one {path.rpartition('/')[2]}")
    return str(found[0].text).strip()


def octets(root: Any, path: str) -> bytes:
    """The same, decoded from base64."""
    return decoded(text(root, path))


def decoded(value: str) -> bytes:
    """Bytes of base64 with or without line breaks."""
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except ValueError as error:
        raise _wrong("it is not base64") from error


def instant(root: Any, path: str) -> datetime:
    """A time in it, aware; without a zone it is UTC (2019-314, 1.3.3)."""
    try:
        found = datetime.fromisoformat(text(root, path))
    except ValueError as error:
        raise _wrong("a time in it is none") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def stamp(at: datetime) -> str:
    """A time as the profile writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _element(parent: Any, name: str, content: str | None = None, **attributes: str) -> Any:
    prefix, _, local = name.partition(":")
    tag = f"{{{NAMESPACES[prefix]}}}{local}"
    made = etree.Element(tag, attributes, NAMESPACES) if parent is None else etree.SubElement(parent, tag, attributes)
    made.text = content
    return made


def form(name: str, relay_state: str, document: bytes) -> Mapping[str, str]:
    """What a browser carries (2019-312, 3.1)."""
    return {
        "Binding": "POST/XML/1.0",
        "RelayState": relay_state,
        name: base64.b64encode(document).decode("ascii"),
    }


def _wrong(why: str) -> BackendUnavailable:
    return BackendUnavailable("tjanst_felaktig", f"the signing service's answer is not accepted: {why}")
