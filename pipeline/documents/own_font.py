"""A municipality's own type: two TrueType files that are embedded in its documents, before the bundled ones.

Opening a font is work that a hostile one can make endless, so `OwnFont` only carries the files; they are looked into
where pages are made (`pipeline.documents.pages`), which for a workspace's dress is a bounded process.
"""

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Literal

from fontTools.ttLib import TTFont, TTLibError

from pipeline.documents import fonts
from pipeline.documents.dress_rules import refused

Weight = Literal["Regular", "Bold"]

NEEDED = frozenset(
    map(ord, "ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖÉÜabcdefghijklmnopqrstuvwxyzåäöéü0123456789 .,:;!?()/-–+%&§”’…·")
)
"""What a plan in Swedish cannot do without; other letters may come from the bundled fonts."""

_RESTRICTED, _WHOLE_ONLY = 0x0002, 0x0100
"""Bits of OS/2.fsType: no embedding allowed; no subset allowed (OpenType, OS/2 table)."""


@dataclass(frozen=True, slots=True)
class OwnFont:
    """The files of the two weights; `name` and `names` are for people, `slug` is the dress they belong to."""

    slug: str
    name: str
    names: tuple[str, str]
    normal: bytes
    bold: bytes

    @property
    def family(self) -> str:
        """The name in stylesheets, which no other font has."""
        return f"{self.name} {hashlib.sha256(self.normal + self.bold).hexdigest()[:8]}"

    @property
    def served(self) -> Mapping[str, tuple[str, bytes]]:
        """The files by the addresses that `face` names."""
        return {f"dress:{self.family[-8:]}-{n}.ttf": ("font/ttf", f) for n, f in enumerate((self.normal, self.bold))}

    @property
    def face(self) -> str:
        """The rules that make the family known."""
        rule = '@font-face {{ font-family: "{}"; font-weight: {}; src: url({}) }}\n'
        pairs = zip(("400", "700"), self.served, strict=True)
        return "".join(rule.format(self.family, weight, address) for weight, address in pairs)


@lru_cache(maxsize=16)
def widths(own: OwnFont, weight: Weight) -> Mapping[int, float]:
    """The width of each letter in ems; raises Misuse("dokument_drakt") for a font that may not or cannot be used."""
    name, content = (own.names[0], own.normal) if weight == "Regular" else (own.names[1], own.bold)
    try:
        with TTFont(BytesIO(content)) as font:
            _require_embeddable(own.slug, name, font)
            found = fonts.advances(font)
    except (TTLibError, struct.error, KeyError, ValueError, AssertionError, OverflowError, IndexError) as error:
        raise refused(own.slug, name, "typsnitt_trasigt") from error
    missing = sorted(NEEDED - found.keys())
    if missing:
        raise refused(own.slug, name, "typsnitt_tecken", tecken=" ".join(map(chr, missing[:12])))
    return found


def _require_embeddable(slug: str, name: str, font: TTFont) -> None:
    if "glyf" not in font or "fvar" in font:
        raise refused(slug, name, "typsnitt_slag")
    if font["OS/2"].fsType & (_RESTRICTED | _WHOLE_ONLY):
        raise refused(slug, name, "typsnitt_licens")
