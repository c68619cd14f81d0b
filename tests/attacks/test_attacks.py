"""Every attack of the corpus is caught, by the rule that is there for it."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from signatures.verify import RuleVerdict, Trust, verify

from .corpus import ATTACKS, BY_NAME
from .fixtures import made
from .listener import listener
from .pki import NOW
from .write import write

LATER = NOW + timedelta(hours=1)


def test_no_two_attacks_share_a_name() -> None:
    assert len({a.name for a in ATTACKS}) == len(ATTACKS) >= 100


def test_nobody_is_asked_at_an_address_that_a_certificate_names(trust: Trust) -> None:
    """With a door ajar to knock at: the server counts every connection."""
    pdf, before = made(BY_NAME["addresses_inside_the_network"]), listener().visits
    verify(pdf, trust, None, LATER)
    assert listener().visits == before


def test_a_decompression_bomb_is_not_unpacked(trust: Trust) -> None:
    """Unpacked it would be 300 MB, and unpacking that takes seconds and memory: what is packed twice is not read."""
    pdf, started = made(BY_NAME["decompression_bomb"]), time.process_time()
    report = verify(pdf, trust, None, LATER)
    assert time.process_time() - started < 20
    metadata = next(r for r in report.rules if r.id == "R9")
    assert (metadata.verdict, metadata.evidence) == (RuleVerdict.NOT_CHECKED, ("NotUnderstood",))


def test_every_attack_can_be_had_as_a_file_with_its_name(tmp_path: Path) -> None:
    written = write(tmp_path, ["content_byte", "bytes_before"])
    assert [p.name for p in written] == ["content_byte.pdf", "bytes_before.pdf"]
    assert written[0].read_bytes() == made(BY_NAME["content_byte"])
