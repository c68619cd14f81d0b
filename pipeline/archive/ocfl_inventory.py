"""An OCFL 1.1 inventory as a value: what the object holds, and which of it each version names."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import EnvironmentFailed

TYPE = "https://ocfl.io/1.1/spec/#inventory"
USER = {"name": "Plansigill", "address": "urn:plansigill"}


def sha512(data: bytes) -> str:
    """SHA-512, hex: the digest by which an object names its files."""
    return hashlib.sha512(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its logical paths with their digests, and when and why it was made."""

    state: Mapping[str, str]
    created: str
    message: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """All versions, oldest first; `manifest` is digest to content path, `fixity` content path to SHA-256."""

    object_id: str
    versions: tuple[Version, ...]
    manifest: Mapping[str, str]
    fixity: Mapping[str, str]

    @classmethod
    def empty(cls, object_id: str) -> "Inventory":
        """An object before its first version."""
        return cls(object_id, (), {}, {})

    @property
    def head(self) -> str:
        """The newest version's folder."""
        return f"v{len(self.versions)}"

    @property
    def next_head(self) -> str:
        """The folder of the version to come."""
        return f"v{len(self.versions) + 1}"

    @property
    def state(self) -> Mapping[str, str]:
        """The newest version's logical paths with their digests."""
        return self.versions[-1].state

    def content_path(self, digest: str) -> str:
        """Where in the object the bytes of that digest lie; `KeyError` when it holds none."""
        return self.manifest[digest]

    def next(self, version: Version, added: Mapping[str, str], fixity: Mapping[str, str]) -> "Inventory":
        """The inventory with one version more, and what that adds to the manifest and the fixity block."""
        versions = (*self.versions, version)
        return Inventory(self.object_id, versions, {**self.manifest, **added}, {**self.fixity, **fixity})

    def serialised(self) -> bytes:
        """The bytes of ``inventory.json``."""
        value = {
            "id": self.object_id,
            "type": TYPE,
            "digestAlgorithm": "sha512",
            "head": self.head,
            "manifest": {digest: [path] for digest, path in sorted(self.manifest.items())},
            "versions": {f"v{number}": _version(version) for number, version in enumerate(self.versions, 1)},
            "fixity": {"sha256": _inverted(self.fixity)},
        }
        return json.dumps(value, indent=1).encode("utf-8") + b"\n"


def read_inventory(data: bytes) -> Inventory:
    """The inventory that `Inventory.serialised` wrote; raises `EnvironmentFailed` ("arkiv_skadat") for any other."""
    try:
        value = json.loads(data)
        versions = tuple(
            Version(
                {path: digest for digest, paths in version["state"].items() for path in paths},
                version["created"],
                version["message"],
            )
            for version in (value["versions"][f"v{number}"] for number in range(1, len(value["versions"]) + 1))
        )
        fixity = {path: digest for digest, paths in value["fixity"]["sha256"].items() for path in paths}
        found = Inventory(value["id"], versions, {d: paths[0] for d, paths in value["manifest"].items()}, fixity)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise EnvironmentFailed("arkiv_skadat") from error
    if found.serialised() != data:
        raise EnvironmentFailed("arkiv_skadat")
    return found


def truth(folder: Path) -> bytes | None:
    """The inventory in the object's newest version folder; None when there is no object.

    Raises `EnvironmentFailed` ("arkiv_skadat") when it does not match the digest beside it.
    """
    if not folder.is_dir():
        return None
    newest = max((int(f.name[1:]) for f in folder.iterdir() if re.fullmatch(r"v[1-9][0-9]*", f.name)), default=0)
    try:
        data = (folder / f"v{newest}" / "inventory.json").read_bytes()
        told = (folder / f"v{newest}" / "inventory.json.sha512").read_text("ascii").split()
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError) as error:
        raise EnvironmentFailed("arkiv_skadat") from error
    if told != [sha512(data), "inventory.json"] or read_inventory(data).head != f"v{newest}":
        raise EnvironmentFailed("arkiv_skadat")
    return data


def _version(version: Version) -> dict[str, object]:
    state = _inverted(version.state)
    return {"created": version.created, "state": state, "message": version.message, "user": USER}


def _inverted(digests: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, digest in sorted(digests.items()):
        found.setdefault(digest, []).append(path)
    return found
