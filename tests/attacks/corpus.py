"""Every attack there is, group by group."""

from __future__ import annotations

from . import crossrefs, drawn, evidence, on_bytes, parsers, searched, shadow, signing, unsigned, updates, widgets
from .model import Attack

ATTACKS: tuple[Attack, ...] = (
    *on_bytes.ATTACKS,
    *updates.ATTACKS,
    *widgets.ATTACKS,
    *unsigned.ATTACKS,
    *signing.ATTACKS,
    *evidence.ATTACKS,
    *drawn.ATTACKS,
    *parsers.ATTACKS,
    *crossrefs.ATTACKS,
    *searched.ATTACKS,
    *shadow.ATTACKS,
)
BY_NAME = {attack.name: attack for attack in ATTACKS}
