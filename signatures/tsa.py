"""Time stamps after RFC 3161: a local authority for tests, a server for everything else."""

# mypy: allow-untyped-calls
# pyHanko's own functions are only half typed.

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pyhanko.sign.timestamps import TimeStamper

from . import container, der
from .backends import as_asn1
from .container import as_der
from .errors import TimestampUnavailable
from .issuer import Issuer

POLICY = "2.25.212817053190186329312903164513047385411"  # a UUID of our own: "no policy but that of a test"


@dataclass(frozen=True, slots=True)
class Stamping:
    """What one act needs: pyHanko's port, and what shows that the stamps' certificate was good.

    `crls` and `ocsps` are DER; `certificates` lie between the stamp's own and a root.
    """

    stamper: TimeStamper
    crls: tuple[bytes, ...]
    ocsps: tuple[bytes, ...] = ()
    certificates: tuple[asn1.Certificate, ...] = ()


class Timestamper(Protocol):
    """A place to have time stamps from."""

    def at(self, now: datetime) -> Stamping:
        """All that one act made at `now` needs. Raises TimestampUnavailable."""
        ...

    def roots(self) -> tuple[asn1.Certificate, ...]:
        """The certificates a reader must trust for these stamps."""
        ...

    def trust_pem(self) -> bytes:
        """The same as PEM."""
        ...


@dataclass(frozen=True, slots=True)
class LocalTimestamper:
    """The time-stamp unit that `create_issuer` makes for a test: its time is the caller's."""

    issuer: Issuer

    def __post_init__(self) -> None:
        """Refuse to exist outside a test."""
        if not self.issuer.test or self.issuer.tsa is None or self.issuer.tsa_key is None:
            raise TimestampUnavailable(
                "tidsstampel_onabar", "a local time-stamp authority exists only in a test workspace"
            )

    def at(self, now: datetime) -> Stamping:
        """Stamps that say `now`; the root's list covers the unit."""
        return Stamping(_LocalAuthority(self.issuer, now), (self.issuer.root_crl(now),))

    def roots(self) -> tuple[asn1.Certificate, ...]:
        """The issuer's own root."""
        return (as_asn1(self.issuer.root),)

    def trust_pem(self) -> bytes:
        """The issuer's own root."""
        return self.issuer.trust_pem()


class _LocalAuthority(TimeStamper):
    def __init__(self, issuer: Issuer, now: datetime) -> None:
        super().__init__()
        if issuer.tsa is None or issuer.tsa_key is None:
            raise TimestampUnavailable("tidsstampel_onabar", "the issuer has no time-stamp unit")
        self._key, self._certificate = issuer.tsa_key, issuer.tsa
        self._now = now.replace(microsecond=0)

    async def async_dummy_response(self, md_algorithm: str) -> cms.ContentInfo:
        """What a stamp will look like: its size, and its certificate."""
        if md_algorithm not in self._dummy_response_cache:
            self._register_dummy(md_algorithm, _sample(self._key, self._certificate))
        return self._dummy_response_cache[md_algorithm]

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return answer(req, self._key, self._certificate, self._now)


@lru_cache(maxsize=4)
def _sample(key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> cms.ContentInfo:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(32)}
    request = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "nonce": 2**62, "cert_req": True})
    return answer(request, key, certificate, certificate.not_valid_before_utc)["time_stamp_token"]


def answer(
    request: tsp.TimeStampReq, key: rsa.RSAPrivateKey, certificate: x509.Certificate, now: datetime
) -> tsp.TimeStampResp:
    """A granted time stamp (RFC 3161 2.4.2) over the request's imprint, with an ESSCertIDv2 (RFC 5816)."""
    facts: dict[str, Any] = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": request["message_imprint"],
        "serial_number": x509.random_serial_number(),
        "gen_time": now,
    }
    if request["nonce"].native is not None:
        facts["nonce"] = request["nonce"]
    content, raw = tsp.TSTInfo(facts).dump(), as_der(certificate)
    attributes = container.attributes(hashlib.sha256(content).digest(), raw, der.TST_INFO)
    value = key.sign(attributes, padding.PKCS1v15(), hashes.SHA256())
    token = container.assemble(container.Signature(attributes, value, raw), content=(der.TST_INFO, content))
    granted = der.sequence(der.integer(0))
    return tsp.TimeStampResp.load(der.sequence(granted, token))
