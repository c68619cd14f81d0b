"""Whether a signature's mathematics holds: its own, and that of the time stamps over it (R4).

What of a CMS value nobody has signed is `loose.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, x509
from cryptography.hazmat.primitives import hashes
from pyhanko.sign.general import SignedDataCerts
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity

HASHES: dict[str, type[hashes.HashAlgorithm]] = {
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
    state = hashes.Hash(HASHES[algorithm]())
    state.update(data)
    return state.finalize()


def only_signer(signed_data: cms.SignedData) -> cms.SignerInfo:
    """The one signer of a CMS value; ValueError when there are none or several."""
    (info,) = signed_data["signer_infos"]
    return info


def intact(signed_data: cms.SignedData, content_type: str, content_digest: bytes) -> bool:
    """Whether the signature is the signer's and covers exactly this content.

    Checks the message digest, the content type (both where it is signed and where it is not, RFC 5652 §5.1 and §11.1),
    the signing-certificate attribute where there is one (`names_signer`), and the public-key signature.
    """
    if signed_data["encap_content_info"]["content_type"].native != content_type:
        return False
    certs: SignedDataCerts = extract_certs_for_validation(signed_data)
    info = only_signer(signed_data)
    whole, genuine = validate_sig_integrity(info, certs.signer_cert, content_type, content_digest)
    return bool(whole and genuine)


def names_signer(signed_data: cms.SignedData) -> bool:
    """Whether the signer's certificate is named by what is signed, the attribute signing-certificate or its second
    version.

    Without it, whose signature it is can be exchanged afterwards for another certificate of the same key: the place
    that says so is not signed (RFC 5652 §5.3; RFC 5035 §1). PAdES demands it (ETSI EN 319 142-1 §6.3), and so do time
    stamps (RFC 3161 §2.4.2, RFC 5816 §2.2.1). That it names the right one is `intact`'s question.
    """
    kinds = {a["type"].native for a in only_signer(signed_data)["signed_attrs"] or ()}
    return not kinds.isdisjoint({"signing_certificate", "signing_certificate_v2"})


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
    # All octets of the content (RFC 5652 §5.4), not only those that a parser has made something of.
    return intact(signed_data, "tst_info", digest(algorithm, bytes(content)))


def signature_tokens(signed_data: cms.SignedData) -> Iterator[cms.SignedData]:
    """The time-stamp tokens over a person's signature value (the unsigned attribute signature-time-stamp)."""
    unsigned = only_signer(signed_data)["unsigned_attrs"]
    for attribute in unsigned or ():
        if attribute["type"].native == "signature_time_stamp_token":
            for value in attribute["values"]:
                yield value["content"]


def certificates(signed_data: cms.SignedData) -> list[x509.Certificate]:
    """The certificates that a CMS value carries itself; other kinds (attribute certificates) are left out."""
    return [c.chosen for c in signed_data["certificates"] or () if c.name == "certificate"]


def carried(signed_data: cms.SignedData) -> list[x509.Certificate]:
    """Every certificate that a CMS value and its time stamps carry."""
    stamps = signature_tokens(signed_data)
    return [c for part in (signed_data, *stamps) for c in certificates(part)]
