"""The log line of a request: what was asked and answered, and of a refusal why."""

from collections.abc import Mapping
from dataclasses import dataclass

from mockserver.http.messages import Request, Response, hint_of
from mockserver.logs import LogEvent, Parts, style_of

FAILED = 400  # statuses from which on there is a reason


@dataclass(frozen=True, slots=True)
class Exchange(LogEvent):
    """A request with its response, for the log. `operation_id` is None if no operation has the path and method."""

    request: Request
    response: Response
    milliseconds: float
    operation_id: str | None

    def parts(self) -> Parts:
        """`GET /path 404 0.3 ms`, and what is unusual: how the answer was cut, the fault that made it, the reason."""
        response = self.response
        yield f"{self.request.method} {self.request.path} ", ""
        yield str(response.status), style_of(response.status)
        if response.ending:
            yield f" {response.ending}", "fault"
        yield f" {self.milliseconds:.1f} ms", ""
        if response.fault:
            yield f" [fault {fault_name(response.fault)}]", "fault"
        if self._hint:
            yield f" - {self._hint}", "dim"

    def fields(self) -> Mapping[str, object]:
        """The same by name."""
        response = self.response
        return {
            "method": self.request.method,
            "path": self.request.path,
            "status": response.status,
            "ms": round(self.milliseconds, 1),
            "operationId": self.operation_id,
            "ending": response.ending,
            "fault": fault_name(response.fault) if response.fault else None,
            "hint": self._hint or None,
            "violation": response.violation,
        }

    @property
    def _hint(self) -> str:
        return hint_of(self.response) if self.response.status >= FAILED else ""


def fault_name(fault: Mapping[str, object]) -> str:
    """The name of a fault for people: its own, else its effect, else its id."""
    return str(fault.get("name") or fault.get("effect") or fault["faultId"])
