"""The application: `uvicorn workshop.main:app`. Its document is at /openapi.json, as FastAPI writes it."""

import os
from secrets import compare_digest
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Path, Query, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader
from starlette.routing import Match

from workshop.library import Conflict, Library, Unknown
from workshop.models import (
    Category,
    Health,
    Loan,
    Member,
    NewLoan,
    NewMember,
    NewTool,
    Problem,
    Tool,
    ToolChanges,
    Tools,
)

DEFAULT_KEY = "workshop-key"
ToolId = Annotated[UUID, Path(description="The id of a tool.")]
MemberId = Annotated[int, Path(ge=1, le=2**53, description="The number of a member.")]
LoanId = Annotated[int, Path(ge=1, le=2**53, description="The number of a loan.")]
Responses = dict[int | str, dict[str, Any]]
DENIED: Responses = {401: {"model": Problem, "description": "The key is missing or wrong."}}
UNKNOWN: Responses = {404: {"model": Problem, "description": "There is no such record."}}
UNREADABLE: Responses = {400: {"model": Problem, "description": "The body is no text in UTF-8."}}
CONFLICT: Responses = {409: {"model": Problem, "description": "The record's state doesn't allow it."}}
key_header = APIKeyHeader(name="X-API-Key", auto_error=False)


def with_key(request: Request, key: Annotated[str | None, Security(key_header)]) -> None:
    """Let in who has the key."""
    wanted: str = request.app.state.key
    if key is None or not compare_digest(key.encode(), wanted.encode()):
        raise HTTPException(401, "Send the key of this workshop in X-API-Key.", {"WWW-Authenticate": "ApiKey"})


def library_of(request: Request) -> Library:
    """The library of this application."""
    library: Library = request.app.state.library
    return library


Records = Annotated[Library, Depends(library_of)]
public = APIRouter(tags=["health"])
tools = APIRouter(prefix="/tools", tags=["tools"], dependencies=[Depends(with_key)], responses=DENIED)
loans = APIRouter(tags=["loans"], dependencies=[Depends(with_key)], responses=DENIED)
members = APIRouter(prefix="/members", tags=["members"], dependencies=[Depends(with_key)], responses=DENIED)
ROUTERS = public, tools, loans, members


@public.get("/health")
def health() -> Health:
    """Whether the service is up."""
    return Health(status="ok")


@tools.get("")
def list_tools(  # noqa: PLR0913 (a parameter each)
    library: Records,
    category: Category | None = None,
    q: Annotated[str | None, Query(max_length=80, description="A part of the name.")] = None,
    available: bool | None = None,  # noqa: FBT001 (FastAPI reads it from the query)
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> Tools:
    """The tools that fit, by name, a page of them."""
    found = library.tools(category, q, available=available)
    return Tools(items=found[offset : offset + limit], total=len(found))


@tools.post("", status_code=201, responses=UNREADABLE)
def add_tool(library: Records, tool: NewTool) -> Tool:
    """Add a tool."""
    return library.add_tool(tool)


@tools.get("/{tool_id}", responses=UNKNOWN)
def read_tool(library: Records, tool_id: ToolId) -> Tool:
    """A tool."""
    return library.tool(tool_id)


@tools.put("/{tool_id}", responses=UNKNOWN | UNREADABLE)
def replace_tool(library: Records, tool_id: ToolId, tool: NewTool) -> Tool:
    """Replace a tool."""
    return library.replace_tool(tool_id, tool)


@tools.patch("/{tool_id}", responses=UNKNOWN | UNREADABLE)
def change_tool(library: Records, tool_id: ToolId, changes: ToolChanges) -> Tool:
    """Change some of a tool."""
    return library.change_tool(tool_id, changes.model_dump(exclude_unset=True))


@tools.delete("/{tool_id}", status_code=204, responses=UNKNOWN | CONFLICT)
def remove_tool(library: Records, tool_id: ToolId) -> None:
    """Remove a tool that is in."""
    library.remove_tool(tool_id)


@loans.get("/tools/{tool_id}/loans", responses=UNKNOWN)
def list_loans(library: Records, tool_id: ToolId) -> list[Loan]:
    """The loans of a tool, the oldest first."""
    return list(library.loans(tool_id))


@loans.post("/tools/{tool_id}/loans", status_code=201, responses=UNKNOWN | CONFLICT | UNREADABLE)
def lend(library: Records, tool_id: ToolId, loan: NewLoan) -> Loan:
    """Lend a tool that is in."""
    return library.lend(tool_id, loan)


@loans.get("/loans/{loan_id}", responses=UNKNOWN)
def read_loan(library: Records, loan_id: LoanId) -> Loan:
    """A loan."""
    return library.loan(loan_id)


@loans.post("/loans/{loan_id}/return", responses=UNKNOWN | CONFLICT)
def bring_back(library: Records, loan_id: LoanId) -> Loan:
    """End a loan."""
    return library.bring_back(loan_id)


@members.get("")
def list_members(library: Records) -> list[Member]:
    """All members, those that joined first first."""
    return library.members()


@members.post("", status_code=201, responses=CONFLICT | UNREADABLE)
def add_member(library: Records, member: NewMember) -> Member:
    """Let somebody join."""
    return library.add_member(member)


@members.get("/{member_id}", responses=UNKNOWN)
def read_member(library: Records, member_id: MemberId) -> Member:
    """A member."""
    return library.member(member_id)


@members.delete("/{member_id}", status_code=204, responses=UNKNOWN | CONFLICT)
def remove_member(library: Records, member_id: MemberId) -> None:
    """Let a member go who has brought back everything."""
    library.remove_member(member_id)


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """A 422 without the input: that may be NaN, which Python reads in a body, and can't write."""
    listed = error.errors() if isinstance(error, RequestValidationError) else []
    problems = [{name: problem[name] for name in ("loc", "msg", "type")} for problem in listed]
    return JSONResponse({"detail": problems}, 422)


def _not_allowed(request: Request, _error: Exception) -> JSONResponse:
    """A 405 whose `Allow` has the methods of all routes of the path: Starlette names those of one."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    matching = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    methods = {method for route in matching for method in route.methods}
    return JSONResponse({"detail": "Method Not Allowed"}, 405, {"Allow": ", ".join(sorted(methods))})


def create_app(library: Library | None = None, key: str | None = None) -> FastAPI:
    """An application with a library of its own. `key` is what X-API-Key has to be: WORKSHOP_API_KEY, or the default."""
    made = FastAPI(title="Workshop", version="1.0.0", generate_unique_id_function=lambda route: route.name)
    made.state.library = library or Library()
    made.state.key = key or os.environ.get("WORKSHOP_API_KEY") or DEFAULT_KEY
    for router in ROUTERS:
        made.include_router(router)
    made.add_exception_handler(RequestValidationError, _invalid)
    made.add_exception_handler(405, _not_allowed)
    made.add_exception_handler(Unknown, lambda _, error: JSONResponse({"detail": str(error)}, 404))
    made.add_exception_handler(Conflict, lambda _, error: JSONResponse({"detail": str(error)}, 409))
    return made


app = create_app()
