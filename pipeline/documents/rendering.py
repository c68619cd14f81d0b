"""What goes into a document and what comes out: `Rendering`, `Document` and its `Placeholder`s."""

from dataclasses import dataclass

from pipeline.documents.dress import Dress
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.profile import Profil
from pipeline.plan.slots import EndedSlot, SlotDemand

STANDARD_SIZE = {"standard": 14, "storstil": 18, "lattlast": 14}
"""Points, by the wanted format, for a person who has not said a size."""

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Rendering:
    """Everything one edition is made of."""

    plan: Genomforandeplan
    profil: Profil
    dress: Dress
    version: int | None
    """None for a plan that has not been handed in, of which only a draft is made."""
    slots: tuple[SlotDemand, ...]
    ended: tuple[EndedSlot, ...] = ()
    test: bool = False
    draft: bool = False
    """A draft is looked at and never signed: it has no places for signatures and carries no data."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Where a role's empty field goes: page from 0, rectangle (llx, lly, urx, ury) in points from the bottom left."""

    role: str
    page: int
    rect: Rect


@dataclass(frozen=True, slots=True)
class Document:
    """A finished PDF with its signature places, in signing order."""

    pdf: bytes
    placeholders: tuple[Placeholder, ...]
    pages: int
    title: str
    lang: str


def type_size(plan: Genomforandeplan) -> int:
    """The type size in points: the person's own, else what the wanted format stands for."""
    wanted = plan.anpassning
    if wanted is None:
        return STANDARD_SIZE["standard"]
    return wanted.teckenstorlek_pt or STANDARD_SIZE[wanted.format or "standard"]
