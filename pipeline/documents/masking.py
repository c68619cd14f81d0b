"""Fields of a plan taken away before a copy of it is made for others: what is hidden never reaches the document.

`masked` puts `HIDDEN` in the place of each chosen text, code and day, and leaves numbers and yes or no out, so that
neither a value nor its length can be seen; a hidden list shows one item however long it was. What the fields held is
given back as `Secret`s, for `pipeline.documents.scrubbing` to find where other texts repeat it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from pipeline.documents.reduced import PRINTED, Spec
from pipeline.documents.words import HIDDEN, HiddenDay
from pipeline.errors import Misuse
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_parts import SammaSom
from pipeline.plan.model_types import Part

ALWAYS = ("brukare.person_id.varde",)
"""The personal number leaves no masked copy."""
USUALLY = (
    "brukare.adress",
    "brukare.telefon",
    "narstaende",
    "foretradare.underlag",
    "utforare.telefon",
    *(f"roller.{r}.telefon" for r in ("kontaktman", "vice_kontaktman", "fast_omsorgskontakt")),
    *(f"roller.{r}.telefon" for r in ("enhetschef", "planerare", "handlaggare")),
)
"""What is masked where nobody has chosen otherwise."""
_NEVER = ("schema", "plan_id")
_STEP = re.compile(r"([a-z_]+)(?:\[([0-9]{1,4})\])?")
_NAMES = ("namn", "fornamn", "efternamn", "tilltalsnamn", "relation")
_IDENTITY = frozenset((*_NAMES, "telefon", "gata", "postnr", "ort", "varde", "underlag"))

Step = tuple[str, int | None]
Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Secret:
    """A hidden text; of an identity (a name, a number, an address) each word is as secret as the whole."""

    text: str
    identity: bool


def read_path(written: str, plan: Genomforandeplan) -> Path:
    """A field as findings write it, such as ``insatser[2].hur`` or, for every item, ``insatser.hur``.

    Raises Misuse("mask_okant_falt") for what the document never prints, Misuse("mask_saknas") for an item that the plan
    does not have.
    """
    found = [_STEP.fullmatch(part) for part in written.split(".")]
    steps = tuple((m[1], int(m[2]) if m[2] else None) for m in found if m)
    if len(steps) < len(found) or steps[0][0] in _NEVER or not _is_printed(steps):
        near = get_close_matches(re.sub(r"\[[0-9]+\]", "", written), [*_all_paths(PRINTED)], 1)
        raise Misuse("mask_okant_falt", falt=written[:80], narmast=near[0] if near else "brukare.adress")
    if not _has_items(plan, steps):
        raise Misuse("mask_saknas", falt=written[:80])
    return steps


def _is_printed(steps: Path) -> bool:
    spec: Spec | None = PRINTED
    for name, _ in steps:
        if spec is None or name not in spec:
            return False
        spec = spec[name]
    return True


def _all_paths(spec: Spec, before: str = "") -> Iterator[str]:
    for name, inner in spec.items():
        yield f"{before}{name}"
        if inner is not None:
            yield from _all_paths(inner, f"{before}{name}.")


def _has_items(value: Any, steps: Path) -> bool:
    for name, index in steps:
        values = value if isinstance(value, tuple) else (value,)
        value = getattr(next(iter(values), None), name, None)
        if index is not None:
            if not isinstance(value, tuple) or index >= len(value):
                return False
            value = value[index]
    return True


def masked(plan: Genomforandeplan, paths: Sequence[Path]) -> tuple[Genomforandeplan, tuple[Secret, ...]]:
    """The plan without what the paths lead to, and what that was."""
    secrets: list[Secret] = []
    for path in paths:
        plan = _without(plan, path, PRINTED, secrets)
    return plan, tuple(dict.fromkeys(secrets))


def open_names(plan: Genomforandeplan) -> tuple[str, ...]:
    """The names that a plan, masked or not, still says of whom it is for and who answers for it.

    A relative often has the person's surname, and an address the municipality's name. No first name is among them: it
    may be a relative's too.
    """
    k, u = plan.kommun, plan.utforare
    names = (plan.brukare.efternamn, k.namn, k.namnd, k.forvaltning, u.namn, u.enhet)
    return tuple(name for name in names if name and HIDDEN not in name)


def _without(value: Any, path: Path, spec: Spec | None, secrets: list[Secret]) -> Any:
    (name, index), rest = path[0], path[1:]
    inner = (spec or {}).get(name)
    old = getattr(value, name, None)
    if old is None:
        return value

    def new(item: Any) -> Any:
        return _without(item, rest, inner, secrets) if rest else _hidden(item, inner, name, secrets)

    if isinstance(old, tuple) and (rest or index is not None):
        return value.model_copy(
            update={name: tuple(new(item) if index in (None, i) else item for i, item in enumerate(old))}
        )
    return value.model_copy(update={name: new(old)})


def _hidden(value: Any, spec: Spec | None, name: str, secrets: list[Secret]) -> Any:
    """What stands in the place of `value`; None where nothing can. What it said is added to `secrets`."""
    if isinstance(value, SammaSom):
        return None
    if isinstance(value, Part):
        return _hidden_part(value, spec or {}, secrets)
    if isinstance(value, tuple):
        items = [_hidden(item, spec, name, secrets) for item in value]
        return tuple(item for item in items[:1] if item is not None)
    if isinstance(value, str):
        secrets.extend([Secret(value, name in _IDENTITY)] if HIDDEN not in value else [])
        return HIDDEN
    if isinstance(value, date):
        secrets.extend([Secret(value.isoformat(), identity=False)] if not isinstance(value, HiddenDay) else [])
        return HiddenDay(1, 1, 1)
    return None


def _hidden_part(part: Part, spec: Mapping[str, Spec | None], secrets: list[Secret]) -> Part | None:
    told = {name: getattr(part, name) for name in type(part).model_fields if name in spec}
    new = {name: _hidden(value, spec[name], name, secrets) for name, value in told.items()}
    fields = type(part).model_fields
    lost = [name for name in new if new[name] is None and told[name] is not None and fields[name].is_required()]
    return None if lost else part.model_copy(update=new)
