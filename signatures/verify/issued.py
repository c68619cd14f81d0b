"""Whether an authority's key has signed a certificate, whatever else may be said of either."""

from __future__ import annotations

from asn1crypto import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509 import load_der_x509_certificate


def may_have_issued(issuer: x509.Certificate, cert: x509.Certificate) -> bool:
    """Whether the certificate names this issuer and no other key of that name, and both can be read here.

    Names are compared byte for byte, as an authority must write them (RFC 5280 §4.1.2.6, §4.2.1.1). A serial number
    that is not positive, which some old roots have, cannot be.
    """
    named = issuer.subject.dump() == cert.issuer.dump()
    wanted, own = cert.authority_key_identifier, issuer.key_identifier
    same_key = wanted is None or own is None or wanted == own
    return bool(named and same_key and cert.serial_number > 0 and issuer.serial_number > 0)


def issued_by(issuer: x509.Certificate, cert: x509.Certificate) -> bool | None:
    """Whether the issuer's key has signed the certificate; None where that is not known here.

    So it is of an algorithm that is not known, and of a certificate that names two (RFC 5280 §4.1.1.2).
    """
    try:
        load_der_x509_certificate(cert.dump()).verify_directly_issued_by(load_der_x509_certificate(issuer.dump()))
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return None
    return True
