"""The library itself: tools, members and loans, in memory."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from workshop.models import Category, Loan, Member, NewLoan, NewMember, NewTool, Tool


class Unknown(LookupError):
    """There is no such record."""


class Conflict(Exception):
    """The record's state doesn't allow it."""


class Library:
    """All records. `today` and `new_id` are handed in by tests."""

    def __init__(self, today: Callable[[], date] = date.today, new_id: Callable[[], UUID] = uuid4) -> None:
        self._today, self._new_id = today, new_id
        self._tools: dict[UUID, NewTool] = {}
        self._members: dict[int, Member] = {}
        self._loans: dict[int, Loan] = {}
        self._numbers = count(1)

    # ---------------------------------------------------------------- tools
    def tools(self, category: Category | None, text: str | None, *, available: bool | None) -> list[Tool]:
        """The tools that fit, by name."""
        found = (self._shown(tool_id, tool) for tool_id, tool in self._tools.items())
        fitting = (
            tool
            for tool in found
            if (category is None or tool.category is category)
            and (text is None or text.lower() in tool.name.lower())
            and (available is None or tool.available is available)
        )
        return sorted(fitting, key=lambda tool: (tool.name.lower(), tool.id))

    def tool(self, tool_id: UUID) -> Tool:
        """A tool. Raises Unknown."""
        return self._shown(tool_id, self._kept(tool_id))

    def add_tool(self, new: NewTool) -> Tool:
        """Add a tool."""
        tool_id = self._new_id()
        self._tools[tool_id] = new
        return self.tool(tool_id)

    def replace_tool(self, tool_id: UUID, new: NewTool) -> Tool:
        """Replace a tool. Raises Unknown."""
        self._kept(tool_id)
        self._tools[tool_id] = new
        return self.tool(tool_id)

    def change_tool(self, tool_id: UUID, changes: dict[str, Any]) -> Tool:
        """Change some of a tool. Raises Unknown."""
        self._tools[tool_id] = self._kept(tool_id).model_copy(update=changes)
        return self.tool(tool_id)

    def remove_tool(self, tool_id: UUID) -> None:
        """Remove a tool that is in, and its loans. Raises Unknown and Conflict."""
        if not self.tool(tool_id).available:
            raise Conflict("The tool is out.")
        del self._tools[tool_id]
        self._loans = {number: loan for number, loan in self._loans.items() if loan.tool_id != tool_id}

    # ---------------------------------------------------------------- members
    def members(self) -> list[Member]:
        """All members, those that joined first first."""
        return list(self._members.values())

    def member(self, member_id: int) -> Member:
        """A member. Raises Unknown."""
        if member_id not in self._members:
            raise Unknown(f"No member {member_id}.")
        return self._members[member_id]

    def add_member(self, new: NewMember) -> Member:
        """Let somebody join. Raises Conflict for an email that another has."""
        if any(member.email.lower() == new.email.lower() for member in self._members.values()):
            raise Conflict("Another member has this email.")
        member = Member(**new.model_dump(), id=next(self._numbers), joined=self._today())
        self._members[member.id] = member
        return member

    def remove_member(self, member_id: int) -> None:
        """Let a member go who has brought back everything. Raises Unknown and Conflict."""
        self.member(member_id)
        if any(loan.member_id == member_id and loan.returned is None for loan in self._loans.values()):
            raise Conflict("The member has a tool out.")
        del self._members[member_id]

    # ---------------------------------------------------------------- loans
    def loans(self, tool_id: UUID) -> Iterator[Loan]:
        """The loans of a tool, the oldest first. Raises Unknown."""
        self._kept(tool_id)
        return (loan for loan in self._loans.values() if loan.tool_id == tool_id)

    def loan(self, loan_id: int) -> Loan:
        """A loan. Raises Unknown."""
        if loan_id not in self._loans:
            raise Unknown(f"No loan {loan_id}.")
        return self._loans[loan_id]

    def lend(self, tool_id: UUID, new: NewLoan) -> Loan:
        """Lend a tool that is in to a member. Raises Unknown and Conflict."""
        if not self.tool(tool_id).available:
            raise Conflict("The tool is out.")
        if new.member_id not in self._members:
            raise Conflict(f"No member {new.member_id}.")
        due = self._today() + timedelta(days=new.days)
        loan = Loan(id=next(self._numbers), tool_id=tool_id, member_id=new.member_id, due=due, returned=None)
        self._loans[loan.id] = loan
        return loan

    def bring_back(self, loan_id: int) -> Loan:
        """End a loan. Raises Unknown, and Conflict if it has ended."""
        loan = self.loan(loan_id)
        if loan.returned is not None:
            raise Conflict("The tool is back already.")
        self._loans[loan_id] = loan.model_copy(update={"returned": self._today()})
        return self._loans[loan_id]

    def _kept(self, tool_id: UUID) -> NewTool:
        if tool_id not in self._tools:
            raise Unknown(f"No tool {tool_id}.")
        return self._tools[tool_id]

    def _shown(self, tool_id: UUID, tool: NewTool) -> Tool:
        is_out = any(loan.tool_id == tool_id and loan.returned is None for loan in self._loans.values())
        return Tool(**tool.model_dump(), id=tool_id, available=not is_out)
