"""A masked copy of a sealed plan, for release to others; the look-up is logged as its own action."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.app import open_workspace
from pipeline.archive import lookup
from pipeline.casework import papers
from pipeline.console.files import named, write
from pipeline.console.printing import Answer, both
from pipeline.errors import Refused
from pipeline.store import rows

MASKED = ".maskerad.pdf"


def get_masked(
    home: Path, plan_id: str, version: int | None, out: Path | None, *, mask: Sequence[str], purpose: str
) -> Answer:
    """Write the copy, with the fields `mask` or, without any, the usual ones blacked out.

    Raises `Refused` for an unknown plan or one that is not sealed, `Misuse` for a field that the document has not.
    """
    from pipeline.documents import masked, masking

    tools = open_workspace(home)
    row = lookup.version(tools, plan_id, lookup.Access(purpose, tools.now()), "get_masked", number=version)
    with tools.db.read() as conn:
        sealed = rows.newest_issued(conn, row)
        if sealed is None:
            raise Refused("mask_ej_forseglad")
        made_of = replace(papers.shown_rendering(tools, conn, row), ended=papers.all_endings(tools, conn, row))
    paths = tuple(masking.read_path(field, made_of.plan) for field in mask) or masked.usual(made_of)
    original = sealed.sha256
    made = masked.render_masked(masked.MaskedCopy(made_of, paths, original, tools.today()))
    path = out or Path(f"{plan_id}_v{row.version}{MASKED}")
    write(path, made.pdf)
    value = {
        "plan_id": plan_id,
        "version": row.version,
        "sha256": hashlib.sha256(made.pdf).hexdigest(),
        "file": named(home, path),
        "original_sha256": original,
        "masked": [*masking.ALWAYS, *(mask or masking.USUALLY)],
    }
    return Answer([value], [named(home, path), both("rad.las_kopian")])
