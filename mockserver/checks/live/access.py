"""Access to an instance: a session for everybody whose credentials there are, and the reason why there is none."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import requests

from mockserver import __version__
from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.transport.exchange_bounds import NoHttp, TooLarge
from mockserver.checks.transport.gateway_failures import GatewayFailures
from mockserver.checks.transport.guarded_transport import TransportOptions
from mockserver.checks.transport.intermediaries import PROXY_ADVICE, in_front
from mockserver.checks.transport.ledger import Ledger
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.checks.transport.rate_limiting import MonotonicTime
from mockserver.checks.transport.recording import Recording
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import (
    MEMBER_PASSWORD,
    MEMBER_TOKEN,
    MEMBER_USERNAME,
    PASSWORD,
    TOKEN,
    USERNAME,
    LoginPlace,
    Session,
)
from mockserver.escaping import visible
from mockserver.openapi.resources import Call

_CONNECTION = re.compile(r"^\w+\(host=.*?\): |^<.*?>: ")  # of which urllib3 speaks first


def transport_options_of(
    options: Options, ledger: Ledger, secrets: Secrets, time: MonotonicTime, recording: Recording
) -> TransportOptions:
    """The options of a transport that logs in, when there are no sessions yet."""
    route = options.route
    for password in route.passwords:
        secrets.add(password, "$OL_PROXY_PASSWORD")
    agent = f"mockserver-check/{__version__} (run {ledger.history.run})"
    return TransportOptions(
        options.url,
        options.timeout,
        agent=agent,
        credentials=options.credentials,
        secrets=secrets,
        route=route,
        failures=GatewayFailures(time.now),
        recording=recording,
    )


def sessions(planned: Plan, client: OperationClient, time: MonotonicTime) -> dict[str, Session]:
    """A session for everybody whose credentials there are, by the placeholder of its token."""
    return dict(_sessions(planned, client, time))


def _sessions(planned: Plan, client: OperationClient, time: MonotonicTime) -> Iterator[tuple[str, Session]]:
    def send(call: Call, arguments: Mapping[str, str], body: Any) -> requests.Response:
        return client.send(call, arguments, json=body)

    credentials = planned.options.credentials
    wanted = (
        (TOKEN, credentials.can_log_in, (USERNAME, PASSWORD)),
        (MEMBER_TOKEN, credentials.has_member, (MEMBER_USERNAME, MEMBER_PASSWORD)),
    )
    for login, (placeholder, able, names) in zip(planned.surface.logins, wanted, strict=False):
        if able:
            place = LoginPlace(planned.tenant(login), planned.options.store_option)
            yield placeholder, Session(planned.surface, login, names, send, time.now, place=place)


def refusal(options: Options, refused: Sequence[tuple[Call, requests.Response]]) -> str:
    """The reason why nobody lets the run in, whose credential the login or the options have, and the advice that
    fits. The requests were all refused."""
    call, response = refused[0]
    said = f"{call.method} {call.path} answered {response.status_code}"
    what = "the token of the login" if options.credentials.can_log_in else "the API key"
    if front := in_front(response, call):
        return f"No operation takes {what}: {said}: {front}."
    if options.credentials.can_log_in and {one.status_code for _, one in refused} == {requests.codes.not_found}:
        return f"{said}: store {visible(options.store)} isn't known there. Check {options.store_option}."
    may = "store and URL, and what this account may do" if options.credentials.can_log_in else "key, store and URL"
    return f"No operation takes {what}: {said}; check {may}."


def unreachable(url: str, error: requests.RequestException) -> str:  # noqa: PLR0911 (one for each reason)
    """The reason why there is no response, and the advice that fits."""
    match error:
        case requests.exceptions.ProxyError():
            advice = PROXY_ADVICE if "407" in str(error) else "check --proxy, or HTTPS_PROXY"
            return f"{url} can't be reached, as its proxy doesn't lead there: {_reason(error)}; {advice}."
        case requests.exceptions.SSLError():
            advice = "Is the certificate one that this machine trusts? If not, give --ca-file"
            return f"{url}: TLS failed: {_reason(error)}. {advice}."
        case requests.Timeout():
            return f"{url} doesn't answer in time. Is it up, and is it reachable from here?"
        case TooLarge():
            return f"{url} answers too much: {error}. Is this the API?"
        case NoHttp():
            return f"{url} doesn't speak HTTP/1.1. Is this the port of the API?"
        case requests.ConnectionError():
            return f"{url} can't be reached: {_reason(error)}. Check the URL, and whether it is up."
        case _:
            return f"{url}: {_reason(error)}"


def _reason(error: BaseException) -> str:
    """The innermost words of a chain of errors."""
    inner: Any = error
    while getattr(inner, "reason", None) or (inner.args and isinstance(inner.args[0], BaseException)):
        following = getattr(inner, "reason", None) or inner.args[0]
        if not isinstance(following, BaseException):
            return str(following)
        inner = following
    return visible(_CONNECTION.sub("", str(inner)).rstrip("."))
