"""Where the private key works."""

from .local import as_asn1, generate_authority_key, generate_key

__all__ = ["as_asn1", "generate_authority_key", "generate_key"]
