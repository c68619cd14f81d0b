"""The files of a dress's folder: bounded, regular, and inside it.

Nothing is followed out of the folder: no symbolic link, no ``..``, no pipe or device. What a municipality may replace
is a file with the name of one of ours (``gemensamt/huvud.html.j2``, ``genomforandeplan/plan.css``,
``genomforandeplan/plan.docx``); beside these it may have one stylesheet of its own, ``egen.css``, which comes last. A
file that would be overlooked is refused by name.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path

from pipeline.documents.bundle import templates
from pipeline.documents.dress_rules import refused
from pipeline.plan.refusals import nearest_key

OWN_STYLES = "egen.css"
WORD = ".docx"
REPLACED = (".j2", ".css", WORD)
"""The endings of the files that can be replaced."""
NOT_DOCUMENTS = frozenset({"kommuner", "provblad", "rutiner", "texter", "typsnitt"})

MOST_FILES = 100
MOST_BYTES = 200_000
"""Of one text or logotype."""
MOST_FONT_BYTES = 3_000_000
MOST_WORD_BYTES = 2_000_000

_OVERLOOKED = frozenset({"Thumbs.db", "desktop.ini"})
_UNSEEN = (".", "~$")
"""How the names begin of what is hidden, and of what Word leaves while it has a file open."""


def read(folder: Path, name: str, most: int = MOST_BYTES) -> bytes:
    """A file of the dress, `name` relative to its folder; raises Misuse("dokument_drakt") for any other than that."""
    slug, path = folder.name, folder / name
    if ".." in Path(name).parts or path.parent.resolve() != folder.resolve() / Path(name).parent:
        raise refused(slug, name, "utanfor")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise refused(slug, name, "fil_saknas") from error
    except OSError as error:
        raise refused(slug, name, "utanfor" if path.is_symlink() else "olaslig") from error
    with os.fdopen(handle, "rb") as source:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise refused(slug, name, "utanfor")
        content = source.read(most + 1)
    if len(content) > most:
        raise refused(slug, name, "for_stor", kilobyte=most // 1000)
    return content


def overrides(folder: Path) -> Mapping[str, str]:
    """The replacing files and the own stylesheet, by relative name; raises Misuse("dokument_drakt")."""
    found: dict[str, str] = {}
    for name in _replacing(folder):
        if name.endswith(WORD):
            continue
        try:
            found[name] = read(folder, name).decode("utf-8")
        except UnicodeDecodeError as error:
            raise refused(folder.name, name, "utf8") from error
    return found


def word_templates(folder: Path) -> Mapping[str, bytes]:
    """The replacing Word templates, by relative name; raises Misuse("dokument_drakt")."""
    names = (name for name in _replacing(folder) if name.endswith(WORD))
    return {name: read(folder, name, MOST_WORD_BYTES) for name in names}


def _replacing(folder: Path) -> Iterator[str]:
    for name in _names(folder):
        if name != OWN_STYLES and name not in replaceable():
            near = nearest_key(name, sorted(replaceable()))
            hint = near or ", ".join(sorted(replaceable()))
            raise refused(folder.name, name, "ersatter_inget", namn=hint)
        yield name


def _names(folder: Path) -> Iterator[str]:
    """The files that mean to replace something: all in folders, and templates and stylesheets beside kommun.toml."""
    for entry in _entries(folder, folder.name):
        if entry.is_dir(follow_symlinks=False):
            yield from (f"{entry.name}/{inner.name}" for inner in _entries(Path(entry.path), folder.name))
        elif entry.name.endswith(REPLACED) or entry.is_dir():
            yield entry.name


def _entries(folder: Path, slug: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        entries = list(islice(found, MOST_FILES + 1))
    if len(entries) > MOST_FILES:
        raise refused(slug, folder.name, "for_manga_filer", antal=MOST_FILES)
    seen = (e for e in entries if not e.name.startswith(_UNSEEN) and e.name not in _OVERLOOKED)
    return sorted(seen, key=lambda entry: entry.name)


@cache
def replaceable() -> frozenset[str]:
    """The names of our own templates and stylesheets, by kind of document and in ``gemensamt``."""
    root = templates()
    kinds = (kind for kind in root.iterdir() if kind.is_dir() and kind.name not in NOT_DOCUMENTS)
    return frozenset(f"{kind.name}/{file.name}" for kind in kinds for file in kind.iterdir() if file.suffix in REPLACED)
