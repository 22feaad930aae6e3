"""The recording: every exchange, as it was on the wire, but for secrets."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from mockserver.checks.live import run
from mockserver.checks.live.planning.options import Options
from mockserver.checks.transport.recording import MOST_SENT, RecordedExchange, Recording
from mockserver.checks.transport.session import Credentials
from mockserver.http.messages import Request, Response
from tests.checks.instance import Front, Instance, Respond

CREDENTIALS = Credentials("admin", "password")
Seen = tuple[str, str, dict[str, str], bytes]  # method, target, headers, body


def _prepared(body: str | None = None) -> requests.PreparedRequest:
    return requests.Request("POST", "http://user@a:1/b?c=d", headers={"X": "$OL_TOKEN"}, data=body).prepare()


def _answer(content: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code, response.reason, response._content = 200, "OK", content  # noqa: SLF001 (no other way)
    return response


def _watching(seen: list[Seen]) -> Front:
    """A front that writes down what comes in."""

    def front(respond: Respond) -> Respond:
        async def answer(request: Request) -> Response:
            headers = {name.decode().lower(): value.decode() for name, value in request.headers.items()}
            target = b"?".join(filter(None, (request.raw_path, request.query_string))).decode()
            seen.append((request.method, target, headers, await request.read(2**22)))
            return await respond(request)

        return answer

    return front


def test_a_run_records_what_its_instance_sees(tmp_path: Path) -> None:
    """Every request with its headers and body is there, in order; logins, scenarios, generated cases and the sweep."""
    seen: list[Seen] = []
    with Instance(_watching(seen)) as instance:
        options = Options(
            instance.url, CREDENTIALS, seed=1, max_examples=1, report_dir=str(tmp_path), hostile=False, concurrency=1
        )
        url, planned = instance.url, replace(run.plan(options), only="is created and read|bad tokens|fuzzing: examples")
        outcome = run.check(planned)

    recorded = list(outcome.exchanges)
    unread = [one for one in recorded if one.answer == "Invalid HTTP request received."]  # probes of Schemathesis
    assert len(recorded) == len(seen) + len(unread) == outcome.report.requests > 50
    titles = {one.scenario.partition(":")[0] for one in recorded}
    assert titles == {"start", "life of a subscription", "access", "fuzzing", "sweep"}
    for one, request in zip((one for one in recorded if one not in unread), seen, strict=True):
        _is_as_sent(one, request, url)


def _is_as_sent(one: RecordedExchange, request: Seen, url: str) -> None:
    """Secrets apart, and lengths where there is one."""
    method, target, headers, body = request
    shown = {name.lower(): value for name, value in one.headers}
    secret = {name for name, value in shown.items() if "$OL_" in value}
    secret |= {"content-length"} if "$OL_" in one.body else set()
    assert (one.method, one.url) == (method, url + target)
    assert headers.keys() == shown.keys()
    assert [name for name in headers if name not in secret and headers[name] != shown[name].rstrip()] == []
    assert "$OL_" in one.body or one.body.encode() == body


def test_the_host_sees_no_name_of_the_user_in_an_address() -> None:
    """`Host` is that of the wire; what has a placeholder keeps it, and the length of what is shown."""
    recording, asked, real = Recording(), _prepared("$OL_PASSWORD"), _prepared("secret")
    real.headers["X"] = "a token"

    with recording.exchanging("login", asked, real) as seen:
        seen.answered(_answer(b"{}"))

    [exchange] = recording
    headers = dict(exchange.headers)
    assert (headers["Host"], headers["X"], headers["Content-Length"]) == ("a:1", "$OL_TOKEN", "12")
    assert (exchange.status, exchange.content, exchange.error) == (200, {}, "")


def test_an_exchange_without_an_answer_says_why() -> None:
    """The error is recorded, and raised on."""
    recording = Recording()

    with pytest.raises(requests.Timeout), recording.exchanging("get", _prepared(), _prepared()):
        raise requests.Timeout("late")

    assert [(one.status, one.error) for one in recording] == [(0, "Timeout: late")]


def test_bodies_are_bounded() -> None:
    """Of a huge body the beginning is kept, and its size."""
    recording, request = Recording(), _prepared("x" * 2**21)

    with recording.exchanging("get", request, request):
        pass

    [exchange] = recording
    assert (len(exchange.body), exchange.size, exchange.is_whole) == (MOST_SENT, 2**21, False)


def test_each_thread_has_a_scenario_of_its_own() -> None:
    """Exchanges of many threads are all there, each under what its thread tries."""
    recording = Recording()
    recording.stage = "start"

    def attempt(name: str) -> None:
        with recording.under(name):
            for _ in range(20):
                request = _prepared(name)
                with recording.exchanging("get", request, request) as seen:
                    seen.answered(_answer(name.encode()))

    names = [f"attempt {number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, names))

    assert len(recording) == 160
    assert {(one.scenario, one.body, one.answer) for one in recording} == {(name, name, name) for name in names}
    assert [one.number for one in recording] == list(range(160))
    assert recording.scenario == "start"


def test_the_file_is_nobody_elses() -> None:
    """It has no name that others could open, and only its owner may read it."""
    recording = Recording()

    status = os.fstat(recording._file.fileno())  # noqa: SLF001 (that nobody can find it is the point)
    assert (status.st_mode & 0o077, status.st_nlink) == (0, 0)
