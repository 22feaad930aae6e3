"""A mutant in the mock's own process: its fault stands before the application, without a proxy."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from mockserver.http import messages
from mockserver.http.messages import MAX_BODY
from tests.mutants.exchange import Answer, Request
from tests.mutants.proxy import Fault

Respond = Callable[[messages.Request], Coroutine[Any, Any, messages.Response]]
MOST = 8 * MAX_BODY  # bytes of a request that a fault may see


class Spoiled:
    """Answers as the mock behind it, with a fault that can be exchanged while it serves: `fault` is None, or one."""

    def __init__(self) -> None:
        self.fault: Fault | None = None

    def front(self, respond: Respond) -> Respond:
        """What to put before the mock."""

        async def answer(request: messages.Request) -> messages.Response:
            fault = self.fault
            if fault is None:
                return await respond(request)
            return await _spoiled(fault, request, respond)

        return answer


async def _spoiled(fault: Fault, request: messages.Request, respond: Respond) -> messages.Response:
    target = b"?".join(filter(None, (request.raw_path, request.query_string))).decode("latin-1")
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.items())
    seen = Request(headers, await request.read(MOST), request.method, target)

    async def send(changed: Request) -> Answer:
        asked = _request(changed, request.source)
        return _shown(await respond(asked))

    answer = await fault(seen, send)
    await asyncio.sleep(answer.delay)
    sent = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    return messages.Response(answer.status, sent, answer.body, ending="truncated" if answer.cut else None)


def _request(changed: Request, source: messages.RequestOrigin | None) -> messages.Request:
    """What a fault asks the mock, in the mock's words."""
    headers = {name.lower().encode("latin-1"): value.encode("latin-1") for name, value in changed.headers}
    if changed.body or b"content-length" in headers:
        headers[b"content-length"] = str(len(changed.body)).encode()
    asked = messages.Request(changed.method, changed.target.encode("latin-1"), headers, source)
    asked.body = changed.body
    return asked


def _shown(answer: messages.Response) -> Answer:
    """What the mock answers, as faults see it."""
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers)
    return Answer(headers, answer.body, answer.status)
