"""Sealed versions: OCFL objects, look-up, access log."""
