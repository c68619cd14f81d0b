"""Typst, in this process and warm: its compiler keeps fonts and unchanged results between documents."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.documents.fonts import folder
from rivals.content import Job

TEMPLATE = Path(__file__).with_name("plan.typ")


def engine(_packages: Path) -> Callable[[Job], bytes]:
    """The plan by Typst as PDF/A-3a and PDF/UA-1, data embedded, as our own."""
    import typst  # of the packages, which are on the path

    compilers: dict[str, Any] = {}

    def make(job: Job) -> bytes:
        compiler = compilers.get(job.name)
        if compiler is None:
            compiler = compilers[job.name] = typst.Compiler(
                TEMPLATE, font_paths=[str(folder())], ignore_system_fonts=True
            )
        logotype = job.served["dress:logotyp.svg"][1].decode()
        told = {"words": json.dumps(job.words), "data": job.data.decode(), "logotype": logotype}
        made: bytes = compiler.compile(format="pdf", sys_inputs=told, pdf_standards=["a-3a", "ua-1"])
        return made

    return make
