"""The courier: sends requests to the receiver, at a rate, and tells what came back, which is never an error."""

import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter  # noqa: TID251 (how long a real receiver took)

import requests

from mockserver.checks.receiver.hook_request import HookRequest
from mockserver.checks.transport.bounded_transport import MOST_AT_ONCE, BoundedTransport, prepared
from mockserver.checks.transport.exchange_bounds import NoHttp, TooLarge
from mockserver.checks.transport.gateway_failures import may_have_arrived
from mockserver.checks.transport.intermediaries import PROXY_ADVICE
from mockserver.checks.transport.rate_limiting import RateLimiter
from mockserver.checks.transport.throttling import seconds_asked

MOST_REPEATS = 2  # of a request that was answered with 429
LONGEST_SHOWN = 200  # characters of an answer
NO_ANSWER = 0
UNREACHED = "it can't be reached"


@dataclass(frozen=True)
class Reply:
    """What came back: a status, or 0 and the `error` in words. `number` is that of the exchange in the recording;
    `redact` takes the secrets out of what is shown."""

    request: HookRequest
    status: int = NO_ANSWER
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    seconds: float = 0.0
    error: str = ""
    is_late: bool = False
    number: int | None = None
    redact: Callable[[str], str] = str

    @property
    def accepts(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 (2xx)

    @property
    def refuses(self) -> bool:
        """Whether it is a 4xx."""
        return 400 <= self.status < 500  # noqa: PLR2004 (4xx)

    @property
    def says_when(self) -> bool:
        """Whether it is a 429 that says when to come back."""
        return self.status == requests.codes.too_many_requests and bool(
            re.search(r"\S", self.headers.get("Retry-After", ""))
        )

    @property
    def words(self) -> str:
        """The status with the beginning of the text, or the error."""
        return f"{self.status} {self.redact(self.text)[:LONGEST_SHOWN]}".strip() if self.status else self.error


class Courier:
    """The courier of one run. `note` hears of every reply; `redact` takes secrets out of what replies show."""

    def __init__(
        self,
        transport: BoundedTransport,
        limits: RateLimiter,
        note: Callable[[Reply], None] = lambda _: None,
        redact: Callable[[str], str] = str,
    ) -> None:
        self._transport, self._limits, self._note, self.redact = transport, limits, note, redact

    def send(self, request: HookRequest) -> Reply:
        """Send a request; a 429 that asks to wait is sent again. Only the run's end keeps one from being sent: raises
        KeyboardInterrupt then."""
        reply = self._once(request)
        for _ in range(MOST_REPEATS):
            wait = seconds_asked(_as_response(reply)) if reply.says_when else None
            if wait is None or not self._limits.pause(wait):
                break
            reply = self._once(request)
        return reply

    def at_once(self, sent: Iterable[HookRequest]) -> list[Reply]:
        """Send requests at the same time, as many as the transport takes; the rate holds."""
        with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
            return list(pool.map(self._once, sent))

    def together(self, request: HookRequest, times: int) -> list[Reply]:
        """Send a request so many times at the same time, also where a rate holds: they have one turn, after which it is
        made up for. They are as many as the transport takes at most."""
        self._limits.before(login=False, together=times)
        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(self._exchanged, [request] * times))

    def hang_up(self, request: HookRequest) -> None:
        """Send a request, and close the connection before anything is read."""
        self._limits.before(login=False)
        self._transport.hang_up(_sent(request), request.event)

    def _once(self, request: HookRequest) -> Reply:
        self._limits.before(login=False)
        return self._exchanged(request)

    def _exchanged(self, request: HookRequest) -> Reply:
        sent = _sent(request)
        begin = perf_counter()
        try:
            response = self._transport.exchange(sent, request.event)
        except requests.RequestException as error:
            reply = Reply(request, seconds=perf_counter() - begin, error=_explained(error, self._transport.timeout),
                          is_late=isinstance(error, requests.Timeout),
                          number=self._transport.recording.number_of(sent), redact=self.redact)  # fmt: skip
        else:
            reply = Reply(request, response.status_code, response.headers, response.text, perf_counter() - begin,
                          number=self._transport.recording.number_of(sent), redact=self.redact)  # fmt: skip
        self._limits.took(reply.seconds)
        self._note(reply)
        return reply


def _sent(request: HookRequest) -> requests.PreparedRequest:
    return prepared(request.method, request.url, dict(request.headers), request.body)


def _as_response(reply: Reply) -> requests.Response:
    response = requests.Response()
    response.status_code = reply.status
    response.headers.update(reply.headers)
    return response


def _explained(error: requests.RequestException, timeout: float) -> str:  # noqa: PLR0911 (one for each reason)
    match error:
        case requests.Timeout():
            return f"no answer within {timeout:g} s"
        case TooLarge():
            return f"the answer is too large: {error}"
        case NoHttp():
            return "the answer is no HTTP"
        case requests.exceptions.ProxyError():
            advice = PROXY_ADVICE if "407" in str(error) else "check --proxy, or HTTPS_PROXY"
            return f"the proxy doesn't lead there: {advice}"
        case requests.exceptions.SSLError():
            return "TLS failed. Is the certificate one that this machine trusts? --ca-file names another one."
        case requests.ConnectionError() if may_have_arrived(error):
            return "the connection was lost"
        case _:
            return UNREACHED
