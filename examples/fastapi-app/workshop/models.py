"""What the API takes and answers.

Numbers are no texts: FastAPI takes "5" for 5 otherwise, which its document doesn't say (`check live` found that).
"""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def no_text(value: object) -> object:
    """A value that is neither a text nor a truth, both of which Pydantic would take for a number."""
    if isinstance(value, str | bool):
        raise ValueError("Input should be a number")  # noqa: TRY004 (Pydantic wants this one)
    return value


NO_TEXT = BeforeValidator(no_text)  # behind the bounds: before them, Pydantic's document loses them
Name = Annotated[str, Field(min_length=1, max_length=80, examples=["Cordless drill"])]
Note = Annotated[str | None, Field(max_length=500, examples=["Two batteries, one charger."])]
Email = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9.+_-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=120, examples=["robin@example.com"])
]
Cents = Annotated[int, Field(ge=0, le=1_000_000, examples=[2500]), NO_TEXT]


class Category(StrEnum):
    """What a tool is for."""

    GARDEN = "garden"
    METAL = "metal"
    PAINT = "paint"
    WOOD = "wood"


class Model(BaseModel):
    """A body with no other keys than the declared ones."""

    model_config = ConfigDict(extra="forbid")


class NewTool(Model):
    """A tool, as it is added or replaced."""

    name: Name
    category: Category
    deposit: Cents = 0
    note: Note = None


class ToolChanges(Model):
    """What changes of a tool: the keys that are sent. A note can be taken away by `null`."""

    name: Name = "Cordless drill"
    category: Category = Category.WOOD
    deposit: Cents = 0
    note: Note = None


class Tool(NewTool):
    """A tool."""

    id: UUID
    available: bool


class Tools(Model):
    """A page of tools. `total` is the number of all that fit."""

    items: list[Tool]
    total: int


class NewMember(Model):
    """A member, as they join."""

    name: Annotated[str, Field(min_length=1, max_length=80, examples=["Robin Hale"])]
    email: Email


class Member(NewMember):
    """A member."""

    id: int
    joined: date


class NewLoan(Model):
    """A loan, as it begins."""

    member_id: Annotated[int, Field(ge=1, examples=[1]), NO_TEXT]
    days: Annotated[int, Field(ge=1, le=28), NO_TEXT] = 7


class Loan(Model):
    """A loan. It has no `returned` as long as the tool is out."""

    id: int
    tool_id: UUID
    member_id: int
    due: date
    returned: date | None


class Health(Model):
    """Whether the service is up."""

    status: str


class Problem(Model):
    """Why something was refused."""

    detail: str
