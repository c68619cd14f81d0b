"""Builders: dresses in a folder of their own, good ones and broken ones."""

from pathlib import Path
from typing import Any

import tomli_w

from pipeline.documents.bundle import templates
from pipeline.documents.dress import Dress, load_dress

KOD = "9909"
COLOURS = {"text": "#111111", "rubrik": "#222222", "linje": "#444444", "yta": "#eeeeee"}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10">{}</svg>'
SQUARE = '<path fill="#004488" d="M0 0H40V10H0Z"/>'
FONTS = templates() / "typsnitt"


def dressed(workspace: Path, files: dict[str, str | bytes] | None = None, slug: str = "prov", **fields: Any) -> Path:
    """A workspace whose dress `slug` has these fields in its kommun.toml (None leaves one out) and these files."""
    folder = workspace / "kommuner" / slug
    folder.mkdir(parents=True, exist_ok=True)
    told = {"kod": KOD, "farger": COLOURS} | fields
    (folder / "kommun.toml").write_text(tomli_w.dumps({k: v for k, v in told.items() if v is not None}), "utf-8")
    for name, content in (files or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return workspace


def loaded(workspace: Path, kod: str = KOD) -> Dress:
    return load_dress(templates(), kod, workspace)


def mark(**fields: Any) -> dict[str, Any]:
    return {"fil": "logotyp.svg", "alt": "Provby kommun", "bredd_mm": 40} | fields
