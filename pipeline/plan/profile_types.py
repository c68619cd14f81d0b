"""The scalars and the base class that a routine profile is built from."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Requirement = Annotated[str, StringConstraints(pattern=r"^(P|S[0-9]\.[0-9]{1,2})$")]
"""The source requirement of a rule, such as ``S1.13``, or ``P`` for the product's own."""

Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class ProfilePart(BaseModel):
    """Base of every table in a profile: frozen, strict, unknown keys refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
