"""A paper as plain text, to be pasted into a journal: its sections without letterhead, secrecy line or page."""

from collections.abc import Iterator

from pipeline.documents.view import Fact, Paper, Section, Table


def text(paper: Paper) -> bytes:
    """UTF-8, a line a statement, an empty line between sections; ends in a line feed."""
    blocks = ["\n".join(lines) for lines in _parts(paper) if lines]
    return ("\n\n".join(blocks) + "\n").encode()


def _parts(paper: Paper) -> Iterator[list[str]]:
    yield [paper.frame.title, *([paper.frame.test] if paper.frame.test else []), *_facts(paper.head)]
    yield list(paper.opening)
    for section in paper.sections:
        yield list(_section(section))


def _section(section: Section) -> Iterator[str]:
    if section.heading:
        yield section.heading
    yield from section.lines
    yield from _facts(section.facts)
    for table in section.tables:
        yield from _table(table)
    for item in section.items:
        yield f"- {item.heading}"
        yield from (f"  {line}" for line in (*_facts(item.facts), *item.lines))


def _facts(facts: tuple[Fact, ...]) -> Iterator[str]:
    for fact in facts:
        yield f"{fact.label}: {fact.lines[0]}"
        yield from (f"  {line}" for line in fact.lines[1:])


def _table(table: Table) -> Iterator[str]:
    for first, *rest in table.rows:
        yield f"- {' '.join(first)}"
        for column, cell in zip(table.columns[1:], rest, strict=True):
            if cell:
                yield f"  {column}: {' '.join(cell)}"
