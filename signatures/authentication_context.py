"""How a person was identified, as their certificate says it (RFC 7773, with the Swedish SAML context)."""

from __future__ import annotations

import re
from datetime import UTC
from xml.sax.saxutils import quoteattr

from asn1crypto import core
from cryptography import x509

from .identity.evidence import IdentityEvidence

AUTHENTICATION_CONTEXT = x509.ObjectIdentifier("1.2.752.201.5.1")
SACI = "http://id.elegnamnden.se/auth-cont/1.0/saci"
_HASH = re.compile(r' AssertionRef="sha256:([0-9a-f]{64})"')


class _Context(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    _fields = [("type", core.UTF8String), ("info", core.UTF8String, {"optional": True})]  # noqa: RUF012  # as it wants them


class _Contexts(core.SequenceOf):  # type: ignore[misc]  # asn1crypto ships no types
    _child_spec = _Context


def authentication_context(evidence: IdentityEvidence) -> x509.UnrecognizedExtension:
    """The extension: who identified, when, how well, and the evidence's hash."""
    instant = evidence.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    info = (
        f'<saci:SAMLAuthContext xmlns:saci="{SACI}"><saci:AuthContextInfo'
        f" IdentityProvider={quoteattr(evidence.method)} AuthenticationInstant={quoteattr(instant)}"
        f" AuthnContextClassRef={quoteattr(evidence.level)} AssertionRef={quoteattr('sha256:' + evidence.digest())}/>"
        "</saci:SAMLAuthContext>"
    )
    contexts: bytes = _Contexts([_Context({"type": SACI, "info": info})]).dump()
    return x509.UnrecognizedExtension(AUTHENTICATION_CONTEXT, contexts)


def evidence_sha256(certificate: bytes) -> str | None:
    """The hash of the evidence that a certificate (DER) of ours was made on; None when it tells of none.

    A service's own certificate has its own reference there, which is no hash of our evidence.
    """
    try:
        told = x509.load_der_x509_certificate(certificate).extensions
        context = told.get_extension_for_oid(AUTHENTICATION_CONTEXT).value
        infos = [str(each["info"].native) for each in _Contexts.load(context.public_bytes())]
    except (
        x509.ExtensionNotFound,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
        ValueError,
        TypeError,
    ):
        return None
    found = _HASH.search(infos[0]) if len(infos) == 1 else None
    return found and found[1]
