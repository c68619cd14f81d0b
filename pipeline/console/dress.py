"""`plansigill dress check`: a dress is judged and tried on, as a PDF and a picture of each page."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.console.files import named
from pipeline.console.printing import Answer, both, progress
from pipeline.errors import Misuse

if TYPE_CHECKING:
    from pipeline.documents.dress import Dress

DPI = 110
WHOLE = frozenset({"provblad"})
"""Of these every page is shown; of a document its first page, and its last where that is for signatures."""
FIRST_AND_LAST = "genomforandeplan"


def check(home: Path, slug: str, out: Path) -> Answer:
    """Judge the dress `slug`, the workspace's own first, and put its specimen in the folder `out`.

    Raises Misuse for a dress that breaks a rule, cannot be laid out, or hides a text.
    """
    from pipeline.documents.bundle import templates
    from pipeline.documents.dress import named_dress
    from pipeline.documents.provblad import figures, tried_on

    if not out.is_dir():
        raise Misuse("fil_gar_inte_att_skriva", file=out)
    dress = named_dress(templates(), slug, home)
    documents = []
    with progress(20, "drakt.provar") as bar:
        for made in tried_on(dress):
            documents.append(made)
            bar.step()
    paths = _written(slug, documents, out)
    told = [
        {
            "name": f.name,
            "colour": f.value,
            "white": round(f.white, 2),
            "surface": round(f.surface, 2),
            "least": f.least,
        }
        for f in figures(dress)
    ]
    value = {
        "dress": slug,
        "kod": dress.kod,
        "bundled": dress.bundled,
        "replaces": sorted({*dress.overrides, *dress.word_templates}),
        "colours": told,
        "documents": [name for name, _ in documents],
        "files": [named(home, path) for path in paths],
    }
    return Answer([value], [*_lines(dress), *(str(path) for path in paths)])


def _lines(dress: "Dress") -> list[str]:
    from pipeline.documents.provblad import figures

    where = both("drakt.fran_installation" if dress.bundled else "drakt.fran_arbetsyta")
    lines = [both("drakt.bra", drakt=dress.slug), f"  {where}"]
    for f in figures(dress):
        least = f" (≥ {f.least:g})" if f.least else ""
        lines.append(f"  {f.name:<7} {f.value}  {f.white:4.1f}  {f.surface:4.1f}{least}")
    return lines


def _written(slug: str, documents: list[tuple[str, bytes]], out: Path) -> list[Path]:
    """One PDF of the chosen pages, and each of them as a PNG."""
    import pypdfium2

    paths = [out / f"{slug}-provblad.pdf"]
    with pypdfium2.PdfDocument.new() as whole:
        for name, content in documents:
            with pypdfium2.PdfDocument(content) as one:
                for index in _shown(name, len(one)):
                    whole.import_pages(one, [index])
                    path = out / f"{slug}-{len(whole):02}-{name}.png"
                    one[index].render(scale=DPI / 72).to_pil().save(path)
                    paths.append(path)
        whole.save(os.fspath(paths[0]))
    return paths


def _shown(name: str, count: int) -> list[int]:
    if name in WHOLE:
        return list(range(count))
    return sorted({0, count - 1}) if name.startswith(FIRST_AND_LAST) else [0]
