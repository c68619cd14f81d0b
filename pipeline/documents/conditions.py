"""Named conditions of document kinds (`villkor` in a declaration): a document that is not called for is not made."""

from collections.abc import Callable, Mapping

from pipeline.documents.facts import Facts


def senare_version(facts: Facts) -> bool:
    """There is a version before this one to compare with."""
    return facts.earlier is not None


CONDITIONS: Mapping[str, Callable[[Facts], bool]] = {"senare_version": senare_version}
