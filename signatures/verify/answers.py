"""Of an OCSP answer: who signed it and may do so, which certificate it is about, whether it may be used (RFC 6960)."""

from __future__ import annotations

from asn1crypto import ocsp as asn1_ocsp
from asn1crypto.keys import PublicKeyInfo
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from .cms import HASHES, digest
from .lists import extension

BROKEN_HASHES = (hashes.SHA1, hashes.MD5)
EDWARDS = ed25519.Ed25519PublicKey | ed448.Ed448PublicKey
_UNDERSTOOD = frozenset({"nonce", "archive_cutoff"})
_UNDERSTOOD_OF_RESPONDERS = (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage)


def usable_answer(told: asn1_ocsp.ResponseData) -> bool:
    """Whether the OCSP answer may be used at all: nothing in it is critical and not understood (RFC 6960, 4.4)."""
    everywhere = (told["response_extensions"], *(each["single_extensions"] for each in told["responses"]))
    return all(
        not each["critical"].native or each["extn_id"].native in _UNDERSTOOD
        for extensions in everywhere
        for each in extensions
    )


def may_sign_answers(responder: x509.Certificate) -> bool:
    """Whether the certificate is one for OCSP answers (RFC 6960, 4.2.2.2): its key usage, if it has any, allows
    signing (RFC 5280, 4.2.1.12), and nothing in it is critical and not understood."""
    usage, purposes = extension(responder, x509.KeyUsage), extension(responder, x509.ExtendedKeyUsage)
    signs = usage is None or usage.digital_signature or usage.content_commitment
    known = all(isinstance(e.value, _UNDERSTOOD_OF_RESPONDERS) for e in responder.extensions if e.critical)
    return purposes is not None and ExtendedKeyUsageOID.OCSP_SIGNING in purposes and signs and known


def is_about(single: ocsp.OCSPSingleResponse, issuer: x509.Certificate) -> bool:
    """Whether the answer is about a certificate of this issuer: the hashes of its name and of its key (RFC 6960)."""
    spki = issuer.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    key = PublicKeyInfo.load(spki)["public_key"].contents[1:]  # without the count of unused bits
    algorithm = single.hash_algorithm.name
    if algorithm not in HASHES:
        return False
    wanted = digest(algorithm, issuer.subject.public_bytes()), digest(algorithm, key)
    return wanted == (single.issuer_name_hash, single.issuer_key_hash)


def answer_signed_by(answer: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    """Whether the answer is signed with this certificate's key, by an algorithm that was never broken."""
    key, data = signer.public_key(), answer.tbs_response_bytes
    try:
        if isinstance(key, EDWARDS):
            key.verify(answer.signature, data)
            return True
        pad, algorithm = _rsa_padding(answer)
        if algorithm is None or isinstance(algorithm, BROKEN_HASHES):
            return False
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(answer.signature, data, pad, algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(answer.signature, data, ec.ECDSA(algorithm))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, KeyError, TypeError):
        return False
    return True


def _rsa_padding(answer: ocsp.OCSPResponse) -> tuple[padding.AsymmetricPadding, hashes.HashAlgorithm | None]:
    """How the answer is signed if by RSA, and with which hash; RSA-PSS has both in its parameters (RFC 4055 §3.1)."""
    if answer.signature_algorithm_oid != SignatureAlgorithmOID.RSASSA_PSS:
        return padding.PKCS1v15(), answer.signature_hash_algorithm
    whole = asn1_ocsp.OCSPResponse.load(answer.public_bytes(serialization.Encoding.DER))
    told = whole.basic_ocsp_response["signature_algorithm"]["parameters"]
    mask = HASHES[told["mask_gen_algorithm"]["parameters"]["algorithm"].native]()
    pad = padding.PSS(padding.MGF1(mask), told["salt_length"].native)
    return pad, HASHES[told["hash_algorithm"]["algorithm"].native]()
