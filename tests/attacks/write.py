"""Writes the attacks as files, each named for what it does: `python -m tests.attacks.write FOLDER [ATTACK …]`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from .corpus import BY_NAME
from .fixtures import good_plan, made


def write(folder: Path, names: Sequence[str] = ()) -> list[Path]:
    """Write the named attacks, or all of them, and return where; KeyError for a name that is none."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in names or BY_NAME:
        path = folder / f"{name}.pdf"
        path.write_bytes(made(BY_NAME[name]))
        written.append(path)
    return written


def main(arguments: Sequence[str]) -> None:
    """The attacks, and beside them the root certificate and every stage of the good plan they were made from."""
    folder = Path(arguments[0])
    write(folder, arguments[1:])
    (folder / "root.pem").write_bytes(good_plan().world.root.pem())
    for stage, pdf in good_plan().at.items():
        (folder / f"good_{stage}.pdf").write_bytes(pdf)


if __name__ == "__main__":
    main(sys.argv[1:])
