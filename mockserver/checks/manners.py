"""Bodies that aren't what they should be: no JSON, or declared as something else."""

from collections.abc import Callable, Iterator
from functools import partial

import requests

from mockserver.checks.bench import Bench
from mockserver.checks.ownership import hash_of
from mockserver.checks.surface import Call

JSON = "application/json"


class Manners:
    """Stories about every operation that takes a body."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self._judge = bench, bench.judge

    def stories(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Names and attempts."""
        for call in self._bench.plan.calls:
            if JSON in call.operation.media_types:
                yield f"no JSON at {call.id}", partial(self._no_json, call)
                if "415" in call.operation.responses:
                    yield f"another type at {call.id}", partial(self._other_type, call)

    def _send(self, call: Call, body: bytes, media_type: str) -> requests.Response:
        arguments = self._bench.plan.tenant(call)
        if call.record is not None:
            arguments[call.record] = self._bench.ownership.spare(call, arguments) or self._bench.ownership.unknown_id()
        headers = {"Content-Type": media_type} | ({} if call.public else self._bench.headers)
        return self._bench.send(call, arguments, headers=headers, data=body)

    def _no_json(self, call: Call) -> None:
        answer = self._send(call, b'{"no json', JSON)
        if "400" in call.operation.responses and answer.status_code != requests.codes.bad_request:
            mark = self._judge.places.assumption_of_response(call, "400")
            details = {"message": "a body that is no JSON isn't refused", "assumption": mark}
            self._judge.broken(call, "malformed_body", answer, expected="400", **details)

    def _other_type(self, call: Call) -> None:
        """A body that would be good, declared as a form: by name, as the example of the contract has it."""
        body = b"name=value&number=%d" % hash_of(call.id)
        answer = self._send(call, body, "application/x-www-form-urlencoded")
        if answer.status_code != requests.codes.unsupported_media_type:
            mark = self._judge.places.assumption_of_response(call, "415")
            details = {"message": "a body that isn't declared as JSON isn't refused", "assumption": mark}
            self._judge.broken(call, "media_type", answer, expected="415", **details)
