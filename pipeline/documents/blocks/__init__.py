"""The blocks that documents around the plan consist of: each a function from words and facts to one section or several.

A block says one thing, wherever it stands; a section without content is left out. `dokument.toml` names them.
"""

from collections.abc import Callable, Mapping

from pipeline.documents.blocks import (
    archive,
    change,
    consents,
    delay,
    feedback,
    handover,
    money,
    notes,
    order,
    review,
    unsigned,
    visits,
)
from pipeline.documents.facts import Facts
from pipeline.documents.view import Section
from pipeline.documents.words import Words

Block = Callable[[Words, Facts], Section | tuple[Section, ...]]

BLOCKS: Mapping[str, Block] = {
    **order.BLOCKS,
    **review.BLOCKS,
    **delay.BLOCKS,
    **money.BLOCKS,
    **archive.BLOCKS,
    **change.BLOCKS,
    **visits.BLOCKS,
    **notes.BLOCKS,
    **unsigned.BLOCKS,
    **handover.BLOCKS,
    **feedback.BLOCKS,
    **consents.BLOCKS,
}
