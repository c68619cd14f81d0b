"""The few forms of DER (X.690) that signatures are put together from, written straight to bytes.

asn1crypto builds the same by copying every certificate value by value, which takes longer than the
signing itself; reading is still left to it.
"""

from __future__ import annotations

SEQUENCE, SET, OCTETS, INTEGER = 0x30, 0x31, 0x04, 0x02
NULL = b"\x05\x00"
DATA = bytes.fromhex("06092a864886f70d010701")
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
SIGNING_CERTIFICATE_V2 = bytes.fromhex("060b2a864886f70d010910022f")  # RFC 5035
TIME_STAMP_TOKEN = bytes.fromhex("060b2a864886f70d010910020e")  # RFC 3161, appendix A
TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
SHA256 = bytes.fromhex("0609608648016503040201")
SHA256_WITH_RSA = bytes.fromhex("06092a864886f70d01010b")
ECDSA_WITH_SHA256 = bytes.fromhex("06082a8648ce3d040302")


def tlv(tag: int, *parts: bytes) -> bytes:
    """One value of the tag and the concatenated contents."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE of encoded values."""
    return tlv(SEQUENCE, *parts)


def set_of(*parts: bytes, tag: int = SET) -> bytes:
    """SET OF encoded values, in the order DER wants (X.690, 11.6)."""
    return tlv(tag, *sorted(parts))


def integer(value: int) -> bytes:
    """INTEGER of a number that is not negative."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))
