"""The files that settings name: read in bounds, refused by the setting's name when they are not what it asks for."""

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from pipeline.errors import Misuse

LARGEST = 1_000_000
"""Bytes of a certificate or key file."""


@dataclass(frozen=True, slots=True)
class SettingFiles:
    """The files of one section of `plansigill.toml`; `section` is its name, `home` what paths are relative to.

    Every reading raises `Misuse` naming section and key, never what the file holds.
    """

    home: Path
    section: str

    def refuse(self, key: str, rule: str) -> Misuse:
        """The error that says which setting is wrong."""
        return Misuse("installning_ogiltig", key=f"{self.section}.{key}", rule=rule)

    def read(self, name: str, key: str) -> bytes:
        """The file's bytes."""
        try:
            with (self.home / name).open("rb") as source:
                data = source.read(LARGEST + 1)
        except OSError as error:
            raise self.refuse(key, f"{name}: {error.strerror}") from error
        if len(data) > LARGEST:
            raise self.refuse(key, f"{name}: larger than {LARGEST} bytes")
        return data

    def secret(self, name: str, key: str) -> str:
        """The file's first line: a passphrase, a PIN, a token."""
        try:
            lines = self.read(name, key).decode("utf-8").splitlines()
        except UnicodeDecodeError:
            raise self.refuse(key, "UTF-8") from None
        if not lines or not lines[0].strip():
            raise self.refuse(key, f"{name}: a first line that is not empty")
        return lines[0].strip()

    def pem(self, name: str, key: str) -> tuple[x509.Certificate, ...]:
        """The certificates of a PEM file, at least one."""
        try:
            return tuple(x509.load_pem_x509_certificates(self.read(name, key)))
        except ValueError as error:
            raise self.refuse(key, f"{name}: certificates as PEM") from error

    def certificates(self, name: str, key: str) -> tuple[bytes, ...]:
        """The same as DER."""
        return tuple(each.public_bytes(Encoding.DER) for each in self.pem(name, key))

    def pair(self, name: str, passphrase: str, key: str) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
        """An RSA key and its certificate from a PKCS#12 file."""
        try:
            found, certificate, _ = pkcs12.load_key_and_certificates(self.read(name, key), passphrase.encode())
        except ValueError as error:
            raise self.refuse(key, "PKCS#12, opened by its passphrase_file") from error
        if not isinstance(found, rsa.RSAPrivateKey) or certificate is None:
            raise self.refuse(key, "an RSA key and its certificate")
        return found, certificate
