"""A federated signing service of the Swedish framework: it identifies the person itself, makes a key and a certificate,
and signs the attributes that the person's browser brings it. Nothing else of the document leaves the house, and nobody
knows the certificate until the answer has come, which may be to another process.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from ..errors import BackendRefused, BackendUnavailable, IdentityRefused
from ..identity import IdentityEvidence, IdType
from ..identity.checks import CLOCKS_DIFFER, plain, require_level
from ..standing import Standing
from . import sweden_xml as xml
from .work import Credential, Pending, Signing, SignResult, SignWork

LIFE = timedelta(minutes=3)  # research and the profile's deployments: how long a request may be begun with
ANSWERED_WITHIN = timedelta(minutes=15)  # from the request to the answer, the identification included
SUCCESS = "urn:oasis:names:tc:dss:1.0:resultmajor:Success"
CANCELLED = "http://id.elegnamnden.se/sig-status/1.1/user-cancel"
MOST_CERTIFICATES = 10
_SAML_NAMES = {
    IdType.PERSONNUMMER: "urn:oid:1.2.752.29.4.13",
    IdType.SAMORDNINGSNUMMER: "urn:oid:1.2.752.29.4.13",
    IdType.HSA_ID: "urn:oid:1.2.752.29.6.2.1",
    IdType.ORG_ID: "urn:oid:1.2.752.201.3.1",
}
_EXTENSION = "dss:OptionalOutputs/csig:SignResponseExtension"
_CONTEXT = f"{_EXTENSION}/csig:SignerAssertionInfo/csig:ContextInfo"
_TASK = "dss:SignatureObject/dss:Other/csig:SignTasks/csig:SignTaskData"


@dataclass(frozen=True, slots=True)
class SwedenConnect:
    """One signing service, as its metadata and ours tell: entityIDs, addresses and certificates.

    `key` and `certificate` sign our requests; `service_certificate` is the one its answers must be signed with;
    `roots` (DER) are those that the people's certificates must lead to; `level` must be reached.
    """

    address: str
    service: str
    requester: str
    identity_provider: str
    return_url: str
    level: str
    key: rsa.RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate = field(repr=False)
    service_certificate: x509.Certificate = field(repr=False)
    roots: tuple[bytes, ...] = field(repr=False)
    standing: Standing = field(repr=False)
    test: bool = False

    def open(self, evidence: IdentityEvidence, now: datetime) -> Signing:
        """Nothing is asked yet. Raises BackendRefused `fel_innehavare` for a person whom no identity service knows."""
        _signer(evidence)
        return Signing(None, self._ask)

    def look(self, now: datetime) -> None:
        """Whether our certificate and the service's hold; it is people's browsers that go there, never this machine.

        Raises BackendRefused `fel_certifikat`.
        """
        for each in (self.certificate, self.service_certificate):
            if not each.not_valid_before_utc <= now <= each.not_valid_after_utc:
                raise BackendRefused("fel_certifikat", "our certificate, or the service's, does not hold at this time")

    def _ask(self, work: SignWork) -> Pending:
        reference, ends = secrets.token_hex(20), work.now + LIFE
        question = xml.Question(
            request_id=reference,
            requester=self.requester,
            service=self.service,
            identity_provider=self.identity_provider,
            return_url=self.return_url,
            signer=_signer(work.evidence),
            levels=(self.level,),
            message=work.message,
            attributes=work.attributes,
            begins=work.now,
            ends=ends,
        )
        document = xml.request(question, self.key, self.certificate)
        return Pending(
            reference=reference,
            expires=work.now + ANSWERED_WITHIN,
            address=self.address,
            form=dict(xml.form("EidSignRequest", reference, document)),
            state=json.dumps({"asked": work.now.isoformat(), "evidence": work.evidence.digest()}).encode(),
        )

    def finish(
        self, pending: Pending, answer: Mapping[str, str], evidence: IdentityEvidence, now: datetime
    ) -> SignResult:
        """What the browser brought back, checked as far as it can be without the document; `pades.complete` does the
        rest. Use up the order first: an answer counts once.

        Raises IdentityRefused `avbruten`, `utgangen`, `fel_bindning`, `fel_person` or `for_lag_niva`,
        BackendUnavailable `tjanst_felaktig`.
        """
        asked, digest = _state(pending)
        if evidence.digest() != digest:
            raise IdentityRefused("fel_bindning", "the order was made with other evidence")
        if now > pending.expires:
            raise IdentityRefused("utgangen", "the signing service has answered too late")
        if answer.get("RelayState") != pending.reference:
            raise IdentityRefused("fel_bindning", "the answer is another order's")
        document = xml.decoded(answer.get("EidSignResponse", "")[: 2 * xml.LARGEST])
        root = xml.read_signed(document, self.service_certificate, now)
        _check_order(root, pending, asked, now)
        self._check_person(root, evidence, asked, now)
        return SignResult(
            attributes=xml.octets(root, f"{_TASK}/csig:ToBeSignedBytes"),
            signature=xml.octets(root, f"{_TASK}/csig:Base64Signature"),
            credential=self.standing(self._credential(root), now),
        )

    def _check_person(self, root: Any, evidence: IdentityEvidence, asked: datetime, now: datetime) -> None:
        if xml.text(root, f"{_CONTEXT}/csig:IdentityProvider") != self.identity_provider:
            raise IdentityRefused("fel_person", "another identity service has answered than the one asked for")
        require_level(xml.text(root, f"{_CONTEXT}/saml:AuthnContextClassRef"), self.level)
        _check_time(xml.instant(root, f"{_CONTEXT}/csig:AuthenticationInstant"), asked, now)
        name, value = _signer(evidence)
        statement = f"{_EXTENSION}/csig:SignerAssertionInfo/saml:AttributeStatement"
        told = xml.text(root, f"{statement}/saml:Attribute[@Name='{name}']/saml:AttributeValue")
        if plain(told) != plain(value):
            raise IdentityRefused("fel_person", "somebody else has signed than the person asked for")

    def _credential(self, root: Any) -> Credential:
        path = f"{_EXTENSION}/csig:SignatureCertificateChain/csig:X509Certificate"
        listed = root.xpath(path, namespaces=xml.NAMESPACES)
        if not 1 <= len(listed) <= MOST_CERTIFICATES:
            raise BackendUnavailable("tjanst_felaktig", "the signing service tells no certificate chain")
        chain = tuple(xml.decoded(each.text or "") for each in listed)
        return Credential(chain[0], tuple(each for each in chain[1:] if each not in self.roots), self.roots)


def _check_order(root: Any, pending: Pending, asked: datetime, now: datetime) -> None:
    if root.get("RequestID") != pending.reference or root.get("Profile") != xml.PROFILE:
        raise IdentityRefused("fel_bindning", "the answer is another order's")
    if xml.text(root, "dss:Result/dss:ResultMajor") != SUCCESS:
        minor = root.xpath("dss:Result/dss:ResultMinor", namespaces=xml.NAMESPACES)
        if [each.text for each in minor] == [CANCELLED]:
            raise IdentityRefused("legitimering_avbruten", "the person did not sign")
        raise BackendUnavailable("tjanst_felaktig", "the signing service could not sign")
    _check_time(xml.instant(root, f"{_EXTENSION}/csig:ResponseTime"), asked, now)
    (task, *others) = root.xpath(_TASK, namespaces=xml.NAMESPACES) or (None,)
    if task is None or others or task.get("SignTaskId") != pending.reference or task.get("SigType") != "PDF":
        raise BackendUnavailable("tjanst_felaktig", "the signing service answers for another task, or several")


def _check_time(at: datetime, asked: datetime, now: datetime) -> None:
    if not asked - CLOCKS_DIFFER <= at <= now + CLOCKS_DIFFER:
        raise IdentityRefused("utgangen", "the answer was not made within the order's time")


def _signer(evidence: IdentityEvidence) -> tuple[str, str]:
    try:
        return _SAML_NAMES[evidence.id_type], evidence.id_value
    except KeyError:
        raise BackendRefused("fel_innehavare", "the person is known to us alone, and to no service") from None


def _state(pending: Pending) -> tuple[datetime, str]:
    kept = json.loads(pending.state)
    return datetime.fromisoformat(kept["asked"]), str(kept["evidence"])
