"""The two layouts of the plan document, which say the same in the same order: as usual, and easy to read (lättläst)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from pipeline.documents import bildstod
from pipeline.documents.dress import Dress
from pipeline.documents.phrases import phrases
from pipeline.documents.rendering import type_size
from pipeline.documents.words import swedish
from pipeline.plan.model import Genomforandeplan

LINE = 45
"""Characters of a line of easy reading."""
_WIDE, _LETTER = 500, 0.52
"""Points of a line on paper, and how wide a letter is on the average, in ems."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A template, the pictures it shows, and the values it needs beside the view."""

    template: str
    pictures: tuple[tuple[str, bytes], ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)


def layout(plan: Genomforandeplan, dress: Dress) -> Layout:
    """The layout that the reduced plan's person wants."""
    wanted = plan.anpassning
    if wanted is None or wanted.format != "lattlast":
        return Layout("plan.html.j2")
    w = swedish()
    supports = bildstod.support(w, plan) if wanted.bildstod else ()
    most = min(LINE, int(_WIDE / (_LETTER * type_size(plan))))
    values = {"phrases": partial(phrases, most=most), "pictures": supports}
    return Layout("lattlast.html.j2", tuple(bildstod.served(w, supports, dress)), values)
