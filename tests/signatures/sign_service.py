"""A federated signing service (Sweden Connect), honest or not, as far as a browser's two posts show it.

It checks our request as the profile demands, identifies whoever it is told to, makes a key and a certificate, adds the
certificate's hash to the signed attributes, signs them, and signs its answer.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

from signatures.authority import start, usage
from signatures.backends import sweden_xml as xml
from signatures.container import as_der
from signatures.identity import IdentityEvidence

from . import keys
from .plans import NOW, issuer

LOA2, LOA3 = "http://id.elegnamnden.se/loa/1.0/loa2", "http://id.elegnamnden.se/loa/1.0/loa3"
SERVICE, REQUESTER, IDP = "https://sign.test/service", "https://kommun.test/sp", "https://idp.test/"
MAJOR = "urn:oasis:names:tc:dss:1.0:resultmajor:"


def identity(name: str, held: keys.Key, now: datetime = NOW) -> x509.Certificate:
    """A self-signed certificate for messages, as metadata carries them."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = start(subject, subject, held.public_key(), now - timedelta(days=9), now + timedelta(days=900))  # type: ignore[arg-type]
    return made.add_extension(usage("digital_signature"), critical=True).sign(held, hashes.SHA256())  # type: ignore[arg-type]


@dataclass
class SignService:
    """`kind` is what it does wrong; `person` whom it identifies; `seen` the last request it took."""

    requester: x509.Certificate
    person: IdentityEvidence = field(repr=False)
    kind: str = "honest"
    now: datetime = NOW
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 3072), repr=False)
    seen: Any = None
    made: x509.Certificate = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.made = self.leaf()

    @property
    def certificate(self) -> x509.Certificate:
        return identity(SERVICE, self.key, self.now)

    def answer(self, form: Mapping[str, str]) -> dict[str, str]:
        assert form["Binding"] == "POST/XML/1.0"
        document = base64.b64decode(form["EidSignRequest"])
        request = self._checked(document)
        assert request.get("RequestID") == form["RelayState"]
        assert len(request.get("RequestID")) >= 32
        self.seen = request
        made = self._signed(self._response(request))
        relay = "another" if self.kind == "another relay state" else form["RelayState"]
        return dict(xml.form("EidSignResponse", relay, made))

    def _checked(self, document: bytes) -> Any:
        expected = SignatureConfiguration(location=f"./{{{xml.DSS}}}OptionalInputs/", verification_time=self.now)
        found = XMLVerifier().verify(document, x509_cert=self.requester, expect_config=expected)
        root = found.signed_xml  # type: ignore[union-attr]
        assert root is not None
        assert root.tag == f"{{{xml.DSS}}}SignRequest"
        assert root.get("Profile") == xml.PROFILE
        extension = "dss:OptionalInputs/csig:SignRequestExtension"
        assert xml.text(root, f"{extension}/csig:SignService") == SERVICE
        assert xml.text(root, f"{extension}/csig:SignRequester") == REQUESTER
        (conditions,) = root.xpath(f"{extension}/saml:Conditions", namespaces=xml.NAMESPACES)
        assert conditions.get("NotBefore") <= xml.stamp(self.now) < conditions.get("NotOnOrAfter")
        return root

    def _response(self, request: Any) -> Any:
        request_id = "0" * 40 if self.kind == "another request" else request.get("RequestID")
        profile = "http://other.test/" if self.kind == "another profile" else xml.PROFILE
        root = xml._element(None, "dss:SignResponse", Profile=profile, RequestID=request_id)
        self._result(root)
        outputs = xml._element(root, "dss:OptionalOutputs")
        if self.kind not in {"cancelled", "failed"}:
            self._extension(outputs, request)
        xml._element(outputs, "ds:Signature", Id="placeholder")
        if self.kind not in {"cancelled", "failed", "no task"}:
            tasks = xml._element(xml._element(xml._element(root, "dss:SignatureObject"), "dss:Other"), "csig:SignTasks")
            for _ in range(2 if self.kind == "two tasks" else 1):
                self._task(tasks, request)
        return root

    def _result(self, root: Any) -> None:
        result = xml._element(root, "dss:Result")
        failed = self.kind in {"cancelled", "failed"}
        xml._element(result, "dss:ResultMajor", MAJOR + ("ResponderError" if failed else "Success"))
        if self.kind == "cancelled":
            xml._element(result, "dss:ResultMinor", "http://id.elegnamnden.se/sig-status/1.1/user-cancel")

    def _extension(self, outputs: Any, request: Any) -> None:
        extension = xml._element(outputs, "csig:SignResponseExtension", Version="1.4")
        at = self.now - timedelta(hours=1) if self.kind == "an old answer" else self.now
        xml._element(extension, "csig:ResponseTime", xml.stamp(at))
        info = xml._element(extension, "csig:SignerAssertionInfo")
        context = xml._element(info, "csig:ContextInfo")
        xml._element(context, "csig:IdentityProvider", "https://other.test/" if self.kind == "another idp" else IDP)
        identified = self.now - timedelta(hours=1) if self.kind == "an old identification" else self.now
        xml._element(context, "csig:AuthenticationInstant", xml.stamp(identified))
        xml._element(context, "saml:AuthnContextClassRef", LOA2 if self.kind == "a low level" else LOA3)
        xml._element(context, "csig:AssertionRef", "_assertion-1")
        self._statement(info, request)
        chain = xml._element(extension, "csig:SignatureCertificateChain")
        listed = [self.made, *self.above()]
        for each in [] if self.kind == "no chain" else listed:
            xml._element(chain, "csig:X509Certificate", base64.b64encode(as_der(each)).decode())

    def _statement(self, info: Any, request: Any) -> None:
        (asked,) = request.xpath(".//csig:Signer/saml:Attribute", namespaces=xml.NAMESPACES)
        statement = xml._element(info, "saml:AttributeStatement")
        attribute = xml._element(statement, "saml:Attribute", Name=asked.get("Name"))
        value = "SE2321000016-9Z9Z" if self.kind == "another person" else self.person.id_value
        xml._element(attribute, "saml:AttributeValue", value)

    def leaf(self) -> x509.Certificate:
        who = replace(self.person, name="Kim Annan") if self.kind == "another name in the certificate" else self.person
        return keys.certificate(keys.key(), who, self.now)

    def above(self) -> tuple[x509.Certificate, ...]:
        return issuer().issuing, issuer().root

    def _task(self, tasks: Any, request: Any) -> None:
        (asked,) = request.xpath(".//csig:SignTaskData", namespaces=xml.NAMESPACES)
        assert asked.get("SigType") == "PDF"
        name = "another" if self.kind == "another task" else asked.get("SignTaskId")
        task = xml._element(tasks, "csig:SignTaskData", SignTaskId=name, SigType="PDF", AdESType="BES")
        ours = xml.octets(asked, "csig:ToBeSignedBytes")
        if self.kind == "another digest":
            ours = keys.other_document(ours)
        named = keys.with_certificate(ours, as_der(self.leaf() if self.kind == "names another" else self.made))
        value = keys.value(keys.key("p256") if self.kind == "another key" else keys.key(), named)
        xml._element(task, "csig:ToBeSignedBytes", base64.b64encode(named).decode())
        xml._element(task, "csig:Base64Signature", base64.b64encode(value).decode(), Type=xml.RSA_SHA256)

    def _signed(self, root: Any) -> bytes:
        if self.kind == "unsigned":
            (hole,) = root.xpath(".//ds:Signature", namespaces=xml.NAMESPACES)
            hole.getparent().remove(hole)
            return bytes(etree.tostring(root))
        if self.kind == "signed by somebody else":
            stranger = rsa.generate_private_key(65537, 3072)
            return xml.signed(root, stranger, identity(SERVICE, stranger))
        whole = xml.signed(root, self.key, self.certificate)
        bare = whole.partition(b"?>")[2].strip()
        outer = b'<dss:SignResponse xmlns:dss="%s">%s</dss:SignResponse>' % (xml.DSS.encode(), bare)
        spoilt = {
            "changed on the way": whole.replace(LOA3.encode(), (LOA3[:-1] + "4").encode()),
            "wrapped": outer,  # the signed answer inside another, that nobody has signed
            "a document type": b'<!DOCTYPE a [<!ENTITY b "c">]>' + bare,
            "rubbish": b"<dss",
            "huge": whole + b" " * 1_000_000,
        }
        return spoilt.get(self.kind, whole)
