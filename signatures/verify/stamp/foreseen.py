"""Whether a stamp that is still to be made will be understood when its file is judged (rule R8)."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import ExpectedSignature
from .canvas import Run
from .reading import Standing, standing

_LEADING = 1.2  # of the size


def will_be_understood(lines: Sequence[str], name: str, role: str, known: ExpectedSignature) -> bool:
    """Whether these lines show `name`, as it stands in the certificate, and nothing that is not understood beside it.

    They are read as if none was too long for its place: where lines are broken makes no difference to words. `role` is
    what the document calls the one who signs, `known` what the record will say of the signature.
    """
    runs = [Run(line.strip(), 0.0, -_LEADING * number, 1.0, 1.0) for number, line in enumerate(lines)]
    return standing(name, runs, role=role, known=known) is Standing.WHOLE
