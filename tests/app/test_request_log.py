"""mockserver.app.request_log: the line of a request."""

import pytest

from mockserver.app.request_log import RequestLine
from mockserver.errors import NotFound
from mockserver.http.messages import OpenResponse, Request, Response, error_response
from mockserver.http.messages import json_response as answer
from mockserver.remarks import Remarks


def _line(response: Response, target: bytes = b"/a?token=secret") -> RequestLine:
    return RequestLine(Request("GET", target, {}, None), response, 1.26, "listThings")


def test_usual_line_is_short() -> None:
    """Method, path without its query, status and time: nothing more where there is nothing to say."""
    assert str(_line(answer(200, {}))) == "GET /a 200 1.3 ms"


def test_refusal_has_its_reason() -> None:
    """Behind a refusal stands the hint that the client gets, too."""
    assert str(_line(error_response(NotFound(hint="No such thing.")))) == "GET /a 404 1.3 ms - No such thing."


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ({"faultId": "1", "name": "outage", "effect": "dropConnection"}, "outage"),
        ({"faultId": "1", "effect": "dropConnection"}, "dropConnection"),
        ({"faultId": "1"}, "1"),
    ],
)
def test_faults_are_named(fault: dict[str, object], name: str) -> None:
    """A line that a fault made has its name, else its effect, else its id; an answer that was cut says how."""
    response = answer(200, {})
    response.ending, response.remarks = "dropped", Remarks(fault=fault)

    assert str(_line(response)) == f"GET /a 200 dropped 1.3 ms [fault {name}]"


class _Stream:
    """A stream that has nothing to tell."""

    async def read(self) -> bytes:
        return b""

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    "response",
    [answer(200, {}), answer(404, {}), OpenResponse(200, [], _Stream()), Response(200, [], b"cut", ending="truncated")],
)
def test_line_is_the_same_in_colours(response: Response) -> None:
    """The plain line says what the coloured one does, also of an answer that goes on or was cut."""
    line = _line(response)

    assert str(line) == "".join(text for text, _ in line.parts())


def test_answer_that_goes_on_is_not_cut() -> None:
    """A stream is a whole answer: the log doesn't call it incomplete."""
    line = _line(OpenResponse(200, [], _Stream()))

    assert (str(line), line.fields()["ending"]) == ("GET /a 200 1.3 ms", None)


def test_fields_are_those_of_the_line() -> None:
    """Programs get the same by name, and what broke the contract; what doesn't apply is None."""
    response = error_response(NotFound(hint="No such thing."))
    response.remark(violation="status: 404 is not declared")

    assert _line(response).fields() == {
        "method": "GET",
        "path": "/a",
        "status": 404,
        "ms": 1.3,
        "operationId": "listThings",
        "ending": None,
        "fault": None,
        "hint": "No such thing.",
        "violation": "status: 404 is not declared",
    }


def test_names_of_faults_forge_nothing() -> None:
    """A fault whose name steers terminals, or has lines in it, is one plain line."""
    response = answer(200, {})
    response.remark(fault={"faultId": "1", "name": "\x1b[2J\n2026-01-01 forged"})

    assert str(_line(response)).endswith("[fault \\x1b[2J\\n2026-01-01 forged]")
