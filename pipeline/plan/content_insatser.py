"""Rules of the content table about each insats: what, how, when, where, who, in what mode, for which need."""

from collections.abc import Iterator

from pipeline.plan.content import Case, Hit, Rule, blank, indexed
from pipeline.plan.model_plan import Nar
from pipeline.plan.time_sum import granted


def _written(key: str) -> Rule:
    """The rule that every insats has something written under `key`."""

    def rule(case: Case) -> Iterator[Hit]:
        for path, insats in indexed(case.plan.insatser, key):
            if blank(getattr(insats, key)):
                yield Hit(path, key)

    return rule


def nar(case: Case) -> Iterator[Hit]:
    """Every insats says when."""
    for path, insats in indexed(case.plan.insatser, "nar"):
        if insats.nar is None or (blank(insats.nar.text) and not _distributed(insats.nar)):
            yield Hit(path, "nar")


def nar_fordelad(case: Case) -> Iterator[Hit]:
    """When the decision grants minutes, every insats that is not `ej_tidsatt` is spread and timed (S4.5)."""
    if granted(case.plan.uppdrag) is None:
        return
    for i, insats in enumerate(case.plan.insatser):
        if insats.ej_tidsatt:
            continue
        if not _distributed(insats.nar):
            yield Hit(f"insatser[{i}].nar", "nar_fordelad_dagar")
        if insats.tid is None:
            yield Hit(f"insatser[{i}].tid", "nar_fordelad_tid")


def _distributed(when: Nar | None) -> bool:
    return when is not None and bool(when.veckodagar or when.frekvens)


def utforandesatt(case: Case) -> Iterator[Hit]:
    """Every insats says in what mode it is given: alone, supported, motivated, compensated (S2.6)."""
    for path, insats in indexed(case.plan.insatser, "utforandesatt"):
        if insats.utforandesatt is None:
            yield Hit(path, "utforandesatt")


def beviljat_tackt(case: Case) -> Iterator[Hit]:
    """Every granted insats is taken up by some insats of the plan; a decision that lists none asks nothing."""
    taken = {insats.beviljad_ref for insats in case.plan.insatser}
    for i, beviljad in enumerate(case.plan.uppdrag.beviljade_insatser):
        if beviljad.id not in taken:
            yield Hit(f"uppdrag.beviljade_insatser[{i}]", "beviljat_tackt")


RULES: dict[str, Rule] = {
    "vad": _written("vad"),
    "hur": _written("hur"),
    "nar": nar,
    "nar_fordelad": nar_fordelad,
    "var": _written("var"),
    "vem": _written("vem"),
    "utforandesatt": utforandesatt,
    "behov": _written("behov"),
    "beviljat_tackt": beviljat_tackt,
}
