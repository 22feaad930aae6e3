"""A server that lies: the mock, but for one number that no schema can judge."""

import json

from mockserver.http.messages import Request, Response
from mockserver.http.server import ServedApplication
from mockserver.testing import MockServer

OK = 200


class Liar:
    """Says of every list of subscriptions that one more was found than is there, until it is `repaired`."""

    def __init__(self) -> None:
        self.repaired = False

    def front(self, mock: ServedApplication) -> ServedApplication:
        """What to put before the mock."""
        honest = mock.answer

        async def answer(request: Request) -> Response:
            response = await honest(request)
            return response if self.repaired or not _lists(request, response) else _one_more(response)

        mock.answer = answer  # type: ignore[method-assign]
        return mock

    def server(self) -> MockServer:
        """A mock that it stands before."""
        return MockServer(front=self.front)


def _lists(request: Request, response: Response) -> bool:
    path = request.raw_path.decode("latin-1")
    return request.method == "GET" and path.endswith("/webhook/subscription") and response.status == OK


def _one_more(response: Response) -> Response:
    content = json.loads(response.body)
    content["total"]["filtered"] += 1
    return Response(response.status, response.headers, json.dumps(content).encode())
