"""From the bytes of a dropped file to a plan, an order or an event, or to findings that say why not."""

from dataclasses import dataclass, field
from typing import TypeAlias

from pydantic import ValidationError

from pipeline.errors import Refused
from pipeline.plan.canonical import Json, canonical, normalised_object
from pipeline.plan.findings import Finding, Level
from pipeline.plan.model import Genomforandeplan, Handelse, Uppdrag
from pipeline.plan.parsing import NotAnObject, parse
from pipeline.plan.refusals import MOST_SHOWN, format_findings, schema_findings, unknown_schema
from pipeline.plan.schemas import Kind
from pipeline.texts import text

__all__ = ["DroppedFile", "Kind", "Unreadable", "read_file"]

Value: TypeAlias = Genomforandeplan | Uppdrag | Handelse

_MODELS: dict[Kind, type[Genomforandeplan] | type[Uppdrag] | type[Handelse]] = {
    Kind.GENOMFORANDEPLAN: Genomforandeplan,
    Kind.UPPDRAG: Uppdrag,
    Kind.HANDELSE: Handelse,
}


class Unreadable(Refused):
    """The bytes are no valid file of any kind; `findings` holds every reason, all of level stop."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("olasbar", antal=len(findings))
        self.findings = findings

    def __reduce__(self) -> tuple[type["Unreadable"], tuple[tuple[Finding, ...]]]:
        """Worker processes hand the refusal back whole."""
        return type(self), (self.findings,)


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A file that was accepted."""

    kind: Kind
    value: Value = field(repr=False)
    content: bytes = field(repr=False)
    """RFC 8785 bytes of the NFC object without ``_`` keys: two files with the same content are the same version."""
    raw: dict[str, Json] = field(repr=False)
    """The object that `content` writes."""


def read_file(data: bytes) -> DroppedFile:
    """The file in `data`; raises `Unreadable` with every reason found when it is none."""
    try:
        tree, problems = parse(data)
    except NotAnObject as refusal:
        raise Unreadable(tuple(format_findings([refusal.problem]))) from None
    findings = format_findings(problems[: MOST_SHOWN + 1])
    kind = _kind(tree)
    if kind is None:
        raise Unreadable(_bounded([*findings, *unknown_schema(tree)]))
    try:
        value = _MODELS[kind].model_validate(tree)
    except ValidationError as error:
        told = {finding.field for finding in findings}
        findings += [f for f in schema_findings(error, kind, tree) if f.field not in told]
        raise Unreadable(_bounded(findings)) from None
    if findings:
        raise Unreadable(_bounded(findings))
    raw = normalised_object(tree)
    return DroppedFile(kind=kind, value=value, content=canonical(raw), raw=raw)


def _kind(tree: dict[str, Json]) -> Kind | None:
    name = tree.get("schema")
    return next((kind for kind in Kind if kind.value == name), None)


def _bounded(findings: list[Finding]) -> tuple[Finding, ...]:
    if len(findings) <= MOST_SHOWN:
        return tuple(findings)
    told = text("format.fler", antal=MOST_SHOWN)
    more = Finding("format", Level.STOP, None, told.sv, "P", told.en)
    return (*findings[:MOST_SHOWN], more)
