"""Every attack there is, group by group."""

from __future__ import annotations

from . import drawn, on_bytes, parsers, shadow, signing, updates, widgets
from .model import Attack

ATTACKS: tuple[Attack, ...] = (
    *on_bytes.ATTACKS,
    *updates.ATTACKS,
    *widgets.ATTACKS,
    *signing.ATTACKS,
    *drawn.ATTACKS,
    *parsers.ATTACKS,
    *shadow.ATTACKS,
)
BY_NAME = {attack.name: attack for attack in ATTACKS}
