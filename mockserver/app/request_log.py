"""The log line of a request: what was asked and answered, and of a refusal why."""

from collections.abc import Mapping

from mockserver.escaping import visible
from mockserver.http.messages import Request, Response
from mockserver.logs import LogEvent, Parts, style_of

FAILED = 400  # statuses from which on there is a reason


class RequestLine(LogEvent):
    """A request with its response, for the log. `operation_id` is None if no operation has the path and method."""

    __slots__ = ("_milliseconds", "_operation_id", "_request", "_response")

    def __init__(self, request: Request, response: Response, milliseconds: float, operation_id: str | None) -> None:
        self._request, self._response = request, response
        self._milliseconds, self._operation_id = milliseconds, operation_id

    def __str__(self) -> str:
        response = self._response
        if (
            response.status < FAILED and response.remarks.fault is None and response.ending is None
        ):  # in half the time, as most lines are so
            line = f"{self._request.method} {self._request.path} {response.status} {self._milliseconds:.1f} ms"
            return visible(line)
        return super().__str__()

    def parts(self) -> Parts:
        """`GET /path 404 0.3 ms`, and what is unusual: how the answer was cut, the fault that made it, the reason."""
        response = self._response
        yield f"{self._request.method} {self._request.path} ", ""
        yield str(response.status), style_of(response.status)
        if response.ending:
            yield f" {response.ending}", "fault"
        yield f" {self._milliseconds:.1f} ms", ""
        if fault := response.remarks.fault:
            yield f" [fault {fault_name(fault)}]", "fault"
        if self._hint:
            yield f" - {self._hint}", "dim"

    def fields(self) -> Mapping[str, object]:
        """The same by name."""
        response, remarks = self._response, self._response.remarks
        return {
            "method": self._request.method,
            "path": self._request.path,
            "status": response.status,
            "ms": round(self._milliseconds, 1),
            "operationId": self._operation_id,
            "ending": response.ending,
            "fault": fault_name(remarks.fault) if remarks.fault else None,
            "hint": self._hint or None,
            "violation": remarks.violation,
        }

    @property
    def _hint(self) -> str:
        return "" if self._response.status < FAILED else self._response.remarks.hint


def fault_name(fault: Mapping[str, object]) -> str:
    """The name of a fault for people: its own, else its effect, else its id."""
    return str(fault.get("name") or fault.get("effect") or fault["faultId"])
