"""What a stranger wrote into a certificate or a field's name is shown, and writes no lines of its own."""

from __future__ import annotations

import unicodedata
from typing import Any, cast

import pytest
from lxml import etree

from signatures.names import printable
from signatures.verify import Report, Trust, Verdict, to_json, to_text, verify, verify_bounded
from signatures.verify.etsi import to_etsi
from tests.attacks.model import Plan
from tests.attacks.pki import NOW, Kind, certify, ec_key, name, world
from tests.attacks.plans import Signing, base, sign

NOBODY = Trust(b"", b"")
SCREEN = "\x1b[2J\x1b[HGILTIG / valid\n  Bo Ek, betrodd / trusted\u202e\u2028\x1b[8m"


def signed_by(stranger: str) -> bytes:
    town = world("Falskbo")
    holder = certify(name(stranger), ec_key(), town.issuing, Kind(signer=True))
    return sign(base(), Signing(town, careless=True), "brukare", holder, NOW)


@pytest.fixture(scope="module")
def screen() -> Report:
    return verify(signed_by(SCREEN), NOBODY, None, NOW)


def test_a_name_writes_no_lines_and_commands_no_terminal(screen: Report) -> None:
    (shown,) = screen.signatures
    assert "GILTIG / valid" in shown.signer, "it is shown, so that people see what somebody tried"
    for told in (to_text(screen, "sv"), to_text(screen, "en")):
        lines = told.split("\n")
        assert not any("betrodd / trusted" in line and "GILTIG" not in line for line in lines)
        assert not [c for line in lines for c in line if unicodedata.category(c)[0] == "C"]
    assert "\x1b" not in str(to_json(screen))


def test_a_report_as_xml_can_be_made_of_any_name(screen: Report) -> None:
    assert etree.fromstring(to_etsi(screen)) is not None


def test_a_name_that_is_no_text_is_answered(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate's text may be any bytes, and reading it as what it says it is may fail."""
    monkeypatch.setattr("signatures.verify.judging.common_name", lambda _: b"\xff\xfe".decode())
    report = verify(plan.sealed, NOBODY, None, NOW)
    assert {s.signer for s in (*report.signatures, *report.stamps)} == {printable("\x00")}
    assert to_text(report)


def test_what_breaks_is_not_said_to_be_too_much_work(plan: Plan) -> None:
    report = verify_bounded(plan.sealed, NOBODY, cast("Any", "no record"), NOW)
    assert report.verdict is Verdict.INDETERMINATE
    assert report.rules[0].reason == "unreadable"
