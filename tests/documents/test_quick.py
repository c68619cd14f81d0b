"""What makes our rendering quick changes no byte: an untouched WeasyPrint makes the same documents."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import pipeline
from pipeline.documents import pdf
from pipeline.documents.render import render_plan
from pipeline.errors import EnvironmentFailed
from tests.documents.builders import Tree, full_plan, rendering, sample, sized

UNTOUCHED = """
import hashlib, json, sys
from pipeline.documents import quick
quick.install = lambda: None
from pipeline.documents import pdf
from pipeline.documents.render import render_plan
from pipeline.errors import EnvironmentFailed
from pipeline.documents.quick import styles
from tests.documents.builders import rendering
for line in sys.stdin:
    print(hashlib.sha256(render_plan(rendering(json.loads(line))).pdf).hexdigest())
if styles.patterns:
    raise SystemExit("touched")
"""
SCRIPTS = (
    "Göra “te” – 3 × 20 ml, ﬁn kopp. سلام دنيا، صباح الخير. ሰላም ዓለም። Ω и ψ, "
    "50\u00a0% av\u00admycket\u00adlånga\u00adord"
)


def _plans() -> list[Tree]:
    odd = sample("hemtjanst-kort")
    odd["insatser"][0]["hur"] = f"{SCRIPTS}\n\nNästa stycke.\nOch en rad till, {'mycket ' * 60}lång."
    odd["insatser"][1]["rubrik"] = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2
    return [sized(sample("lss-avstar"), 18), sized(sample("skyddad"), 12), odd, sized(odd, 24), full_plan()]


@pytest.fixture(scope="module")
def untouched() -> list[str]:
    asked = "\n".join(json.dumps(plan) for plan in _plans())
    roots = [str(Path(__file__).parents[2]), str(Path(pipeline.__file__).parents[1])]  # ours before any other `tests`
    command = [sys.executable, "-W", "ignore", "-c", f"import sys; sys.path[:0] = {roots}\n{UNTOUCHED}"]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_an_untouched_weasyprint_makes_the_same_bytes(untouched: list[str]) -> None:
    for turn in ("first", "again, from what was kept"):
        for plan, expected in zip(_plans(), untouched, strict=True):
            made = render_plan(rendering(plan)).pdf
            assert hashlib.sha256(made).hexdigest() == expected, (turn, plan["plan_id"], plan.get("anpassning"))


@pytest.mark.parametrize("css", ["p { colour: red }", "p { width: calc(1px + 1deg) }"])
def test_what_weasyprint_says_of_a_stylesheet_is_heard_every_time(css: str) -> None:
    source = pdf.Source("<html lang='sv'><title>Prov</title><p>Prov</p></html>", (css,))
    for _turn in range(2):
        with pytest.raises(EnvironmentFailed) as refused:
            pdf.lay_out(source)
        assert refused.value.code == "dokument_varning"
