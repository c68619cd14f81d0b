"""Time stamps from a configured server (RFC 3161 over HTTP), trusted no further than it can be checked.

An answer counts only if it is granted, carries our nonce and our imprint, is signed
by a certificate that leads to a configured root, and tells a time near ours. The
revocation evidence of that certificate is fetched when the stamp is, and embedded.
"""

# mypy: allow-untyped-calls
# pyHanko's own functions are only half typed.

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from asn1crypto import cms, core, pem, tsp
from asn1crypto import x509 as asn1
from pyhanko.sign.general import CMSStructuralError, SigningError
from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import CertificateFetchError, PathError, ValidationError
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend
from pyhanko_certvalidator.fetchers.api import OwnedFetcherBackend

from .errors import TimestampUnavailable
from .tsa import Stamping

TIMEOUT = 10  # seconds for each request, from connecting to the last byte
CLOCK_TOLERANCE = timedelta(minutes=5)
LARGEST_ANSWER = 64 * 1024  # bytes; an answer with its chain is some 6 kB
_MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError)  # what asn1crypto raises on foreign bytes


@dataclass(frozen=True, slots=True)
class HttpTimestamper:
    """A time-stamp server and the roots (PEM) its certificates must lead to; `headers` may carry a licence key."""

    url: str
    roots_pem: bytes
    timeout: float = TIMEOUT
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def at(self, now: datetime) -> Stamping:
        """Ask once for a stamp over nothing, and for the evidence behind the certificate that answered."""
        return asyncio.run(self._at(now))

    async def _at(self, now: datetime) -> Stamping:
        stamper = _CheckedServer(self, now)
        await stamper.async_dummy_response("sha256")
        fetching = ValidationContext(
            trust_roots=list(self.roots()),
            other_certs=list(stamper.cert_registry),
            allow_fetching=True,
            revocation_mode="hard-fail",
            fetcher_backend=OwnedFetcherBackend(AIOHttpFetcherBackend(per_request_timeout=self.timeout)),
        )
        try:
            async for _ in stamper.validation_paths(fetching):
                pass
        except (PathError, ValidationError, CertificateFetchError) as error:
            raise _wrong(f"no evidence that its certificate is good: {error}") from error
        finally:
            await fetching.aclose()
        return Stamping(
            stamper=stamper,
            crls=tuple(each.dump() for each in fetching.crls),
            ocsps=tuple(each.dump() for each in fetching.ocsps),
            certificates=tuple(stamper.cert_registry),
        )

    def roots(self) -> tuple[asn1.Certificate, ...]:
        """The configured roots."""
        return tuple(asn1.Certificate.load(der) for _, _, der in pem.unarmor(self.roots_pem, multiple=True))

    def trust_pem(self) -> bytes:
        """The configured roots."""
        return self.roots_pem


class _Answer(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """RFC 3161 2.4.2; asn1crypto's own takes no refusal, which has no token."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]  # noqa: RUF012


class _CheckedServer(HTTPTimeStamper):
    """pyHanko's HTTP client with every check that it leaves to others."""

    def __init__(self, server: HttpTimestamper, now: datetime) -> None:
        super().__init__(server.url, timeout=server.timeout, headers=dict(server.headers))
        self._server, self._now = server, now

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A checked token over the digest. Raises TimestampUnavailable."""
        nonce, request = self.request_cms(message_digest, md_algorithm)
        try:
            answer = await self.async_request_tsa_response(request)
        except TimestampRequestError as error:
            raise TimestampUnavailable(
                "tidsstampel_onabar", f"no time stamp from {self.url}: {error.__cause__ or error}", adress=self.url
            ) from error
        except _MALFORMED as error:
            raise _wrong(f"it is no time-stamp answer: {error}") from error
        try:
            return await self._checked(_Answer.load(answer.dump()), nonce, message_digest)
        except _MALFORMED as error:
            raise _wrong(f"it cannot be read: {error}") from error

    async def _checked(self, answer: _Answer, nonce: int, digest: bytes) -> cms.ContentInfo:
        status = answer["status"]["status"].native
        if status not in {"granted", "granted_with_mods"}:
            raise _wrong(f"the server refused: {status}")
        token = answer["time_stamp_token"]
        if len(token.dump()) > LARGEST_ANSWER:
            raise _wrong("it is larger than any time stamp")
        signed = token["content"]
        facts = signed["encap_content_info"]["content"].parsed
        if facts["nonce"].native != nonce:
            raise _wrong("it answers another request (nonce)")
        imprint = facts["message_imprint"]
        if imprint["hashed_message"].native != digest or imprint["hash_algorithm"]["algorithm"].native != "sha256":
            raise _wrong("it is over something else (imprint)")
        if abs(facts["gen_time"].native - self._now) > CLOCK_TOLERANCE:
            raise _wrong("its time differs from ours by more than five minutes")
        if any(each["sid"].name != "issuer_and_serial_number" for each in signed["signer_infos"]):
            raise _wrong("it names its certificate by the key, where PDF readers need issuer and serial number")
        await self._check_signature(signed, digest)
        return token

    async def _check_signature(self, signed: cms.SignedData, digest: bytes) -> None:
        context = ValidationContext(
            trust_roots=list(self._server.roots()),
            other_certs=[each.chosen for each in signed["certificates"]],
            moment=self._now,
            time_tolerance=CLOCK_TOLERANCE,
            revocation_mode="soft-fail",
        )
        try:
            found = await validate_tst_signed_data(signed, context, lambda _: digest)
        except (SignatureValidationError, CMSStructuralError, SigningError) as error:
            raise _wrong(f"its signature cannot be checked: {error}") from error
        if not (found["valid"] and found["intact"]):
            raise _wrong("its signature is broken")
        if found.get("trust_problem_indic") is not None or not found.get("validation_path"):
            raise _wrong("its certificate leads to no configured root")


def _wrong(why: str) -> TimestampUnavailable:
    return TimestampUnavailable("tidsstampel_felaktig", f"the time stamp is not accepted: {why}", orsak=why)
