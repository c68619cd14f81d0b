"""Whether a signature's mathematics holds, and whether its unsigned parts are what they should be (R4, second half).

Only the signed attributes of a CMS signature are signed. The certificates beside them, version numbers, algorithm
names and unsigned attributes are not; in the file's last time stamp nothing else covers them either. So every such
part must be the only one that the standard allows (RFC 5652 §5), or prove itself (a certificate by its issuer's
signature, a time-stamp token by its own).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import load_der_x509_certificate
from pyhanko.sign.general import SignedDataCerts
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity

from .wrapping import der_length, der_well_formed

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha3_256": hashes.SHA3_256,
    "sha3_384": hashes.SHA3_384,
    "sha3_512": hashes.SHA3_512,
}


@dataclass(frozen=True, slots=True)
class Token:
    """A time-stamp token (RFC 3161): when, by whom, and the certificates it carries."""

    time: datetime
    signed_data: cms.SignedData
    signer: x509.Certificate
    others: tuple[x509.Certificate, ...]


def digest(algorithm: str, data: bytes) -> bytes:
    """The hash of `data`; KeyError for an algorithm we do not know."""
    state = hashes.Hash(_HASHES[algorithm]())
    state.update(data)
    return state.finalize()


def only_signer(signed_data: cms.SignedData) -> cms.SignerInfo:
    """The one signer of a CMS value; ValueError when there are none or several."""
    (info,) = signed_data["signer_infos"]
    return info


def intact(signed_data: cms.SignedData, content_type: str, content_digest: bytes) -> bool:
    """Whether the signature is the signer's and covers exactly this content.

    Checks the message digest, the content type, the signing-certificate attribute and the public-key signature.
    """
    certs: SignedDataCerts = extract_certs_for_validation(signed_data)
    info = only_signer(signed_data)
    whole, genuine = validate_sig_integrity(info, certs.signer_cert, content_type, content_digest)
    return bool(whole and genuine)


def token(signed_data: cms.SignedData) -> Token:
    """Read a time-stamp token without judging it."""
    certs = extract_certs_for_validation(signed_data)
    info = signed_data["encap_content_info"]["content"].parsed
    return Token(info["gen_time"].native, signed_data, certs.signer_cert, tuple(certs.other_certs))


def token_intact(signed_data: cms.SignedData, stamped: bytes) -> bool:
    """Whether a time-stamp token is genuine and stamps exactly the bytes `stamped`."""
    content = signed_data["encap_content_info"]["content"]
    imprint = content.parsed["message_imprint"]
    if digest(imprint["hash_algorithm"]["algorithm"].native, stamped) != imprint["hashed_message"].native:
        return False
    return token_self_intact(signed_data)


def token_self_intact(signed_data: cms.SignedData) -> bool:
    """Whether a token is what its authority signed; what it stamps is another question."""
    content = signed_data["encap_content_info"]["content"]
    algorithm = only_signer(signed_data)["digest_algorithm"]["algorithm"].native
    return intact(signed_data, "tst_info", digest(algorithm, content.parsed.dump()))


def signature_tokens(signed_data: cms.SignedData) -> Iterator[cms.SignedData]:
    """The time-stamp tokens over a person's signature value (the unsigned attribute signature-time-stamp)."""
    unsigned = only_signer(signed_data)["unsigned_attrs"]
    for attribute in unsigned or ():
        if attribute["type"].native == "signature_time_stamp_token":
            for value in attribute["values"]:
                yield value["content"]


def loose_parts(raw: bytes, known: Iterable[x509.Certificate], held: Container[bytes]) -> str | None:
    """The reason why an unsigned part of a CMS value is not what it should be, or None.

    `raw` starts with the DER value of the ContentInfo; `known` are certificates that may have issued those inside, and
    `held` the SHA-256 of those that are trusted or lie in the document security store.
    """
    length = der_length(raw)
    if length is None or not der_well_formed(raw[:length]):
        return "not_der"
    signed_data = cms.ContentInfo.load(raw[:length], strict=True)["content"]
    stamps = list(signature_tokens(signed_data))
    pools = (signed_data, *stamps)
    issuers = [*known, *(c for pool in pools for c in _certificates(pool))]
    for part in pools:
        problem = _structure(part) or _unsigned_attributes(part) or _unproven(part, issuers, held)
        if problem:
            return problem
    return None


def _certificates(signed_data: cms.SignedData) -> list[x509.Certificate]:
    return [c.chosen for c in signed_data["certificates"] or () if c.name == "certificate"]


def carried(signed_data: cms.SignedData) -> list[x509.Certificate]:
    """Every certificate that a CMS value and its time stamps carry."""
    stamps = signature_tokens(signed_data)
    return [c for part in (signed_data, *stamps) for c in _certificates(part)]


def _structure(signed_data: cms.SignedData) -> str | None:
    return _versions(signed_data) or _algorithms(signed_data)


def _versions(signed_data: cms.SignedData) -> str | None:
    info = only_signer(signed_data)
    by_key = info["sid"].name == "subject_key_identifier"
    plain = signed_data["encap_content_info"]["content_type"].native == "data"
    expected = "v1" if plain and not by_key else "v3"
    info_expected = "v3" if by_key else "v1"
    right = signed_data["version"].native == expected and info["version"].native == info_expected
    return None if right and not signed_data["crls"] and _names_signer(signed_data) else "structure"


def _names_signer(signed_data: cms.SignedData) -> bool:
    """Whether the signer is named byte for byte as its certificate does it: names compare without case elsewhere."""
    sid = only_signer(signed_data)["sid"]
    if sid.name == "subject_key_identifier":
        return True
    signer = extract_certs_for_validation(signed_data).signer_cert
    return bool(sid.chosen["issuer"].dump() == signer.issuer.dump())


def _algorithms(signed_data: cms.SignedData) -> str | None:
    info = only_signer(signed_data)
    name = info["digest_algorithm"]["algorithm"].native
    listed = [a["algorithm"].native for a in signed_data["digest_algorithms"]]
    digests = (info["digest_algorithm"], *signed_data["digest_algorithms"])
    empty = all(a["parameters"].native is None for a in digests)
    if listed != [name] or not empty:
        return "structure"
    algorithm = info["signature_algorithm"]
    if algorithm["algorithm"].native.endswith("_pss") or algorithm["parameters"].native is None:
        return None
    return "structure"


def _unsigned_attributes(signed_data: cms.SignedData) -> str | None:
    stamped = signed_data["encap_content_info"]["content_type"].native == "tst_info"
    allowed = set() if stamped else {"signature_time_stamp_token"}
    kinds = [a["type"].native for a in only_signer(signed_data)["unsigned_attrs"] or ()]
    return None if set(kinds) <= allowed and len(kinds) == len(set(kinds)) else "unsigned_part"


def _unproven(signed_data: cms.SignedData, issuers: list[x509.Certificate], held: Container[bytes]) -> str | None:
    """A certificate inside that no known issuer's key has signed: it may have been altered without a trace.

    One that has signed itself proves nothing by that; it must be one that is known from elsewhere.
    """
    if len(_certificates(signed_data)) != len(signed_data["certificates"] or ()):
        return "unsigned_part"
    for cert in _certificates(signed_data):
        if cert.issuer == cert.subject and cert.sha256 not in held:
            return "unproven_certificate"
        candidates = [i for i in issuers if i.subject == cert.issuer]
        if not any(_issued(cert, issuer) for issuer in candidates):
            return "altered_certificate" if candidates else "unproven_certificate"
    return None


def _issued(cert: x509.Certificate, issuer: x509.Certificate) -> bool:
    if cert.serial_number <= 0 or issuer.serial_number <= 0:
        return False
    try:
        load_der_x509_certificate(cert.dump()).verify_directly_issued_by(load_der_x509_certificate(issuer.dump()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True
