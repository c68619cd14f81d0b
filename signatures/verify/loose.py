"""What of a CMS signature nobody has signed, and whether it is what it should be and nothing more (R4, second half).

Only the signed attributes of a CMS signature are signed. The certificates beside them, version numbers, algorithm
names and unsigned attributes are not; in the file's last time stamp nothing else covers them either. So the whole
value is built once more from what is signed or proves itself, in the only form that the standard allows (RFC 5652 §5),
and must come out as the same bytes. What proves itself is a certificate by its issuer's signature, and a time-stamp
token by its own. What the standard leaves to the writer is left here too, as it has no room for words: the order of
the certificates (RFC 5652 §10.2.3), whether parameters that say nothing are written (RFC 5754 §2), and which of its
two names RSA's signature has (RFC 5754 §3.2).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from asn1crypto import cms, core, x509
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation

from .. import der
from .cms import certificates, names_signer, only_signer, signature_tokens
from .issued import issued_by, may_have_issued
from .wrapping import as_der


def loose_parts(raw: bytes, known: Iterable[x509.Certificate], held: Container[bytes]) -> Iterator[str]:
    """Every reason why an unsigned part of a CMS value is not what it should be.

    `raw` starts with the ContentInfo; `known` are certificates that may have issued those inside, and `held` the
    SHA-256 of those that are trusted or lie in the document security store. Reasons are keys under R4 in the texts.
    """
    read = as_der(raw)
    if read is None:
        yield "not_der"
        return
    content = cms.ContentInfo.load(read.value, strict=True)
    signed_data = content["content"]
    parts = (signed_data, *signature_tokens(signed_data))
    carried = [c for part in parts for c in certificates(part)]
    signers = [extract_certs_for_validation(part).signer_cert for part in parts]
    needed = _needed(signers, carried)
    for part in parts:
        if not names_signer(part):
            yield "signer_not_bound"
        yield from _unproven(part, [*known, *carried], held)
    if any(_more(part, needed) for part in parts):
        yield "unsigned_part"
    elif _rebuilt(content) != read.value or not all(map(_called_right, parts, signers)):
        yield "structure"


def _needed(signers: Iterable[x509.Certificate], carried: list[x509.Certificate]) -> set[bytes]:
    """The SHA-256 of the signers' certificates and of those carried that lead to them, issuer by issuer."""
    waiting, needed = list(signers), set[bytes]()
    while waiting:
        cert = waiting.pop()
        if cert.sha256 not in needed:
            needed.add(cert.sha256)
            waiting += _issuers_of(cert, carried)
    return needed


def _issuers_of(cert: x509.Certificate, among: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """Those whose name is the issuer's, byte for byte, as an authority must write it (RFC 5280 §4.1.2.6)."""
    name = cert.issuer.dump()
    return [each for each in among if each.subject.dump() == name]


def _more(signed_data: cms.SignedData, needed: set[bytes]) -> bool:
    """Whether a value carries what CMS allows and nobody needs: it may hold any words, and nobody has signed it.

    That is revocation lists, digests that its signer did not use, attributes other than a time stamp, a certificate
    twice, and one that neither signs nor leads to one that does. Odd parameters of RSA-PSS are among it, as they have
    more than one form.
    """
    info = only_signer(signed_data)
    stamped = signed_data["encap_content_info"]["content_type"].native == "tst_info"
    allowed = [] if stamped else ["signature_time_stamp_token"]
    attributes = [a["type"].native for a in info["unsigned_attrs"] or ()]
    digests = [a["algorithm"].native for a in signed_data["digest_algorithms"]]
    carried = [c.dump() for c in signed_data["certificates"] or ()]
    return bool(
        signed_data["crls"]
        or digests != [info["digest_algorithm"]["algorithm"].native]
        or attributes not in ([], allowed)
        or len(set(carried)) != len(carried)
        or len(certificates(signed_data)) != len(carried)
        or any(c.sha256 not in needed for c in certificates(signed_data))
        or (_is_pss(info["signature_algorithm"]) and _canonical(info["signature_algorithm"]) is None)
    )


def _rebuilt(content: cms.ContentInfo) -> bytes:
    """A signature or time-stamp token, built once more from what is signed or proves itself.

    A signature's content lies outside, in the PDF; a token's inside (ISO 32000-2, 12.8.3.3.1; RFC 3161 §2.4.2).
    """
    signed_data = content["content"]
    info, inside = only_signer(signed_data), signed_data["encap_content_info"]
    stamped = inside["content_type"].native == "tst_info"
    octets = der.tlv(0xA0, der.tlv(der.OCTETS, bytes(inside["content"]))) if stamped else b""
    by_key = info["sid"].name == "subject_key_identifier"
    body = der.sequence(
        der.integer(3 if stamped or by_key else 1),  # RFC 5652 §5.1
        der.tlv(der.SET, *map(_algorithm, signed_data["digest_algorithms"])),
        der.sequence(der.TST_INFO if stamped else der.DATA, octets),
        der.tlv(0xA0, *(c.dump() for c in signed_data["certificates"])),
        der.tlv(der.SET, _signer_info(signed_data, by_key=by_key)),
    )
    return der.sequence(der.SIGNED_DATA, der.tlv(0xA0, body))


def _signer_info(signed_data: cms.SignedData, *, by_key: bool) -> bytes:
    info = only_signer(signed_data)
    sid = info["sid"].chosen
    issued = b"" if by_key else der.sequence(sid["issuer"].dump(), sid["serial_number"].dump())
    signed, tokens = info["signed_attrs"], [_rebuilt(t) for t in _token_values(info)]
    stamps = der.sequence(der.TIME_STAMP_TOKEN, der.tlv(der.SET, *tokens))
    return der.sequence(
        der.integer(3 if by_key else 1),  # RFC 5652 §5.3
        der.tlv(0x80, sid.native) if by_key else issued,
        _algorithm(info["digest_algorithm"]),
        der.tlv(0xA0, signed.contents) if signed else b"",
        _algorithm(info["signature_algorithm"]),
        der.tlv(der.OCTETS, info["signature"].native),
        der.tlv(0xA1, stamps) if info["unsigned_attrs"] else b"",
    )


def _called_right(signed_data: cms.SignedData, signer: x509.Certificate) -> bool:
    """Whether the signer is named byte for byte as its certificate does it: names compare without case elsewhere."""
    sid = only_signer(signed_data)["sid"]
    if sid.name == "subject_key_identifier":
        return bool(sid.native == signer.key_identifier)
    serial = signer["tbs_certificate"]["serial_number"]
    return bool(
        sid.chosen["issuer"].dump() == signer.issuer.dump() and sid.chosen["serial_number"].dump() == serial.dump()
    )


def _token_values(info: cms.SignerInfo) -> Iterator[cms.ContentInfo]:
    for attribute in info["unsigned_attrs"] or ():
        yield from attribute["values"]


def _algorithm(algorithm: core.Sequence) -> bytes:
    return _canonical(algorithm) or b""


def _canonical(algorithm: core.Sequence) -> bytes | None:
    """An algorithm as it is, where its parameters are absent or NULL (RFC 5754 §2, §3), or those of RSA-PSS."""
    raw = bytes(algorithm.dump())
    if _is_pss(algorithm):
        return raw if algorithm.copy().dump(force=True) == raw else None
    name = algorithm["algorithm"].dump()
    return raw if raw in {der.sequence(name), der.sequence(name, der.NULL)} else None


def _is_pss(algorithm: core.Sequence) -> bool:
    return str(algorithm["algorithm"].native) == "rsassa_pss"


def _unproven(signed_data: cms.SignedData, issuers: list[x509.Certificate], held: Container[bytes]) -> Iterator[str]:
    """A certificate inside that no known issuer's key has signed: it may have been altered without a trace.

    One that has signed itself proves nothing by that; it must be one that is known from elsewhere.
    """
    for cert in certificates(signed_data):
        candidates = [each for each in issuers if may_have_issued(each, cert)]
        if cert.issuer.dump() == cert.subject.dump() and cert.sha256 not in held:
            yield "unproven_certificate"
        elif True not in (told := {issued_by(issuer, cert) for issuer in candidates}):
            yield "altered_certificate" if told == {False} else "unproven_certificate"
