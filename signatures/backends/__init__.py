"""Where the private key works."""

from .local import LocalSigner, as_asn1, generate_key

__all__ = ["LocalSigner", "as_asn1", "generate_key"]
