"""WeasyPrint's repeated work, done once: the same bytes in some two thirds of the time.

WeasyPrint computes styles, shapes text and writes objects as if every element and every document were the first of its
kind. In a plan they are not: the same stylesheets, labels and boxes come again on every page and in every document that
a process makes. What is replaced here is replaced by name, in the version that the lock pins, and only where the result
cannot differ; `tests/documents/test_quick.py` holds it to the bytes that an untouched WeasyPrint makes. Whoever moves
WeasyPrint to another version and sees that test fail drops the part that no longer fits: each stands alone.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@cache
def install() -> None:
    """Put the replacements in place, for every document that this process makes."""
    from pipeline.documents.quick import boxes, context, objects, pictures, styles, text

    for part in (styles, text, boxes, objects, context, pictures):
        part.install()


def forget() -> None:
    """Let go of all that has been kept: a document failed, and what WeasyPrint says of it shall be said again."""
    from pipeline.documents.quick import pictures, styles, text

    for kept in (pictures.drawn, styles.patterns, text.lines):
        kept.clear()


@contextmanager
def undisturbed() -> Iterator[None]:
    """A block that makes a document, without pauses for collecting garbage: it makes a million objects and keeps none.

    At its end the document is let go; what is left in cycles is collected among the young objects only.
    """
    from pipeline.documents.quick import context

    was_enabled, before = gc.isenabled(), context.count()
    gc.disable()
    try:
        yield
    finally:
        context.let_go(before)
        if was_enabled:
            gc.enable()
            gc.collect(0)
