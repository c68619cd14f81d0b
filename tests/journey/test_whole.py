"""A field, a signature or a seal that costs the file its conformance stops the step, and nothing of it is kept."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest

import signatures.fields
import signatures.pades
from pipeline import acts
from pipeline.errors import EnvironmentFailed
from pipeline.store import rows
from tests.journey.conftest import PLAN_ID, Town, sample


def losing(step: Callable[..., bytes], name: str) -> Callable[..., bytes]:
    """The step as it is, but for one entry of the catalog."""

    def lossy(*args: Any, **kwargs: Any) -> bytes:
        out = BytesIO()
        with pikepdf.open(BytesIO(step(*args, **kwargs))) as pdf:
            del pdf.Root[name]
            pdf.save(out)
        return out.getvalue()

    return lossy


def kinds(town: Town, plan_id: str) -> list[str]:
    with town.tools.db.read() as conn:
        v = rows.latest_version(conn, plan_id)
        assert v is not None
        return [f.kind for f in rows.files_of(conn, v, "document", "prepared", "signed", "sealed")]


def test_fields_that_lose_the_tags_mark(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures.fields, "prepare", losing(signatures.fields.prepare, "/MarkInfo"))
    plan_id = town.send(sample("hemtjanst-kort")).plan_id
    assert plan_id is not None
    with pytest.raises(EnvironmentFailed) as stopped:
        acts.rest(town.tools, plan_id)
    assert (stopped.value.code, stopped.value.params["fel"]) == ("dokument_forlorad", "MarkInfo")
    assert kinds(town, plan_id) == ["document"]


def test_a_signature_that_loses_the_output_intent(open_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    plan_id = PLAN_ID
    monkeypatch.setattr(signatures.pades, "sign_with", losing(signatures.pades.sign_with, "/OutputIntents"))
    with pytest.raises(EnvironmentFailed) as stopped:
        acts.sign(open_town.tools, plan_id, "brukare")
    assert stopped.value.params["fel"] == "OutputIntents"
    assert kinds(open_town, plan_id) == ["document", "prepared"]


def test_a_seal_that_loses_the_metadata(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Caught twice: a seal is verified before the file is looked at for what it lost."""
    plan_id = town.ready(sample("lss-avstar"))
    monkeypatch.setattr(signatures.pades, "seal", losing(signatures.pades.seal, "/Metadata"))
    with pytest.raises(EnvironmentFailed):
        town.sign_all(plan_id, "kontaktman", "enhetschef")
    assert kinds(town, plan_id) == ["document", "prepared", "signed", "signed"]
