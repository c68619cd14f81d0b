"""What a command says: JSON for programs, Swedish with English beside it for people, and the exit code."""

import json as jsonlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.errors import PlansigillError
from pipeline.texts import text

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """One command's answer: `values` are printed as JSON, one a line; `lines` are for people."""

    values: Sequence[Json]
    lines: Sequence[str] = field(default_factory=tuple)
    exit_code: int = 0


def say(answer: object, *, json: bool) -> int:
    """Print an `Answer` and give its exit code."""
    if not isinstance(answer, Answer):
        raise TypeError("a command answers with an Answer")
    if json:
        for value in answer.values:
            sys.stdout.write(jsonlib.dumps(value, ensure_ascii=False) + "\n")
    else:
        for line in answer.lines:
            sys.stdout.write(line + "\n")
    return answer.exit_code


def say_error(error: PlansigillError, *, json: bool) -> int:
    """Tell an error: as JSON on standard output when asked for, and in both languages on standard error."""
    if json:
        value = {"error": {"code": error.code, "sv": error.sv, "en": error.en}}
        sys.stdout.write(jsonlib.dumps(value, ensure_ascii=False) + "\n")
    sys.stderr.write(f"{error.sv}\n{error.en}\n")
    return error.exit_code


def say_beside(what: str, error: PlansigillError) -> None:
    """Tell on standard error what went wrong with one of many, whose results are told all the same."""
    sys.stderr.write(f"{what}: {error.sv}\n{what}: {error.en}\n")


def both(key: str, **params: object) -> str:
    """A catalogue line in both languages, Swedish first."""
    found = text(key, **params)
    return found.sv if found.sv == found.en else f"{found.sv} / {found.en}"


def word(table: str, key: object) -> str:
    """The Swedish word for a code, such as a state or a deadline; the code itself when the catalogue has none."""
    try:
        return text(f"{table}.{key}").sv
    except KeyError:
        return str(key)


@contextmanager
def progress(total: int, key: str) -> Iterator["Progress"]:
    """A progress bar on standard error when somebody is looking, for work on `total` things."""
    if total < 2 or not sys.stderr.isatty():
        yield Progress(None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(both(key), total=total)
        yield Progress(lambda: bar.advance(task))


class Progress:
    """One thing done, told to whoever watches."""

    def __init__(self, advance: "object | None") -> None:
        self._advance = advance

    def step(self) -> None:
        """One more is done."""
        if callable(self._advance):
            self._advance()


def standing_lines(value: Json) -> list[str]:
    """One plan's standing for a person to read."""
    lines = [f"{value['plan_id']}  version {value['version']}  {word('lage', value['state'])}"]
    if value["document"]:
        lines.append(f"  {both('rad.dokument')}: {value['document']}")
    for slot in _items(value["slots"]):
        outcome = slot["outcome"]
        ended = word("utfall", outcome) if outcome else both("rad.vantar")
        who = f" – {slot['signer']}" if slot["signer"] else ""
        why = f" ({word('orsak', slot['reason'])})" if slot["reason"] else ""
        lines.append(f"  {word('roll', slot['role']):<12} {ended}{who}{why}")
    lines += at_service_lines(value)
    if value["state"] == "withdrawn":
        lines.append(f"  {both('rad.orsak')}: {word('aterkallelse', value['end_reason'])}")
    for deadline in _items(value["deadlines"]):
        lines.append(f"  {deadline_line(deadline)}")
    for step in _items(value.get("waiting", ())):
        if step["error_code"]:
            lines.append(f"  {both('rad.vantar_steg', steg=step['kind'], kod=step['error_code'])}")
    return lines


def at_service_lines(value: Json) -> list[str]:
    """Where signatures wait for a service that makes them, or waited until its time was out."""
    waiting = [slot["at_service"] for slot in _items(value["slots"]) if slot.get("at_service")]
    return [
        f"  {both('rad.tjanst_for_sent', expires=each['expires'])}"
        if each["expired"]
        else f"  {both('rad.vid_tjanst', address=each['address'], expires=each['expires'])}"
        for each in _items(waiting)
    ]


def deadline_line(value: Json) -> str:
    """One deadline for a person to read."""
    note = f" ({value['note']})" if value.get("note") else ""
    day = value["due"] or "–"
    who = f" – {word('ansvarig', value['responsible'])}" if value.get("responsible") else ""
    return f"{word('frist_status', value['status']):<10} {day}  {word('frist_kod', value['code'])}{note}{who}"


def finding_line(value: Json) -> str:
    """One finding for a person to read."""
    where = f"{value['field']}: " if value["field"] else ""
    return f"  {word('niva', value['level']):<6} {where}{value['text']} [{value['source']}]"


def everything_lines(value: Json) -> list[str]:
    """The same for a person to read."""
    lines = [str(value["plan_id"])]
    for v in _items(value["versions"]):
        lines.append(f"  version {v['version']}: {word('lage', v['state'])}  {v['archived_at'] or v['accepted_at']}")
        for slot in _items(v["slots"]):
            ended = word("utfall", slot["outcome"]) if slot["outcome"] else "–"
            lines.append(
                f"    {word('roll', slot['role'])}: {ended} {slot['signer'] or ''} {slot['at'] or ''}".rstrip()
            )
        lines += [f"    {f['kind']:<9} {f['sha256']}" for f in _items(v["files"])]
    lines += [f"  {p['slag']} {p['number']} ({p['form']})  {p['sha256']}" for p in _items(value["papers"])]
    lines += [f"  {e['datum']}  {word('handelse', e['slag'])}" for e in _items(value["events"])]
    return lines


def _items(value: object) -> Sequence[Json]:
    return value if isinstance(value, Sequence) else ()
