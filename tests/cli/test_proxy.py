"""mockserver.cli.proxy: its start, its end, and what it tells."""

import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from mockserver.cli.proxy import summary
from mockserver.http.messages import Request
from mockserver.openapi.contract import Contract
from mockserver.proxy.judge import ContractJudge, FoundViolation
from mockserver.proxy.tally import ViolationTally
from tests.cli.processes import COMMAND, bare_environment, run
from tests.support.proxies import PATIENCE, PETS, always, instance

SPEC = str(PETS.spec)


@contextmanager
def proxying(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """A proxy in a process of its own, its address, and the lines that it printed until then."""
    command = [*COMMAND, "proxy", "--port", "0", "--cache-dir", "", "--spec", SPEC, *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=bare_environment()) as process:  # noqa: S603 (our own command)
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        assert process.stderr is not None
        lines = [process.stderr.readline()]
        while lines[-1] and "/_mock/violations" not in lines[-1]:
            lines.append(process.stderr.readline())
        found = re.search(r" on (http://\S+)$", "".join(lines), re.MULTILINE)
        assert found, lines
        try:
            yield process, found[1], lines
        finally:
            watchdog.cancel()
            process.kill()


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_it_tells_what_it_found(tmp_path: Path, how: signal.Signals, code: int) -> None:
    """A violation is told as it is found, and again by its cause at the end, however that comes; the HAR is written."""
    har = tmp_path / "a.har"
    with instance(always(200, b"{}")) as url, proxying("--to", url, "--har", str(har)) as (process, own, lines):
        for _ in range(2):
            httpx2.get(f"{own}/api/pets?limit=500", timeout=PATIENCE)
        process.send_signal(how)
        _, rest = process.communicate(timeout=PATIENCE)

    assert (process.returncode, lines[0].startswith("Proxy ")) == (code, True)
    assert rest.count("listPets: request query.limit: This value should be less than or equal to 100.") == 1
    assert "2 passed, 2 of them judged; 4 violations with 2 causes." in rest
    assert "2 x  listPets  request query.limit  (maximum, 200)" in rest
    assert har.read_text().count('"startedDateTime"') == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--to", "staging"], "--to takes the http or https URL"),
        (["--to", "https://me:hunter2@a"], "Leave it out"),
        (["--to", "http://a", "--insecure"], "--insecure is for an instance with https"),
        (["--to", "http://a", "--fallback-for", "addCat"], "--fallback-for addCat: there is no such operation"),
        (["--to", "http://a", "--har", "/nowhere/a.har"], "can't be written"),
        (["--to", "https://a", "--ca-file", "/nowhere.pem"], "nowhere.pem"),
        ([], "--to"),
    ],
)
def test_what_cant_be_used_is_told(arguments: list[str], says: str) -> None:
    """A wrong option ends with code 2 and words, without a traceback, and without a secret."""
    ended = run("proxy", "--port", "0", "--spec", SPEC, "--cache-dir", "", *arguments)

    assert ended.returncode == 2
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "hunter2" not in ended.stderr


def test_itself_is_refused() -> None:
    """A proxy to its own address doesn't start."""
    with instance(always(200)) as url:
        port = url.rpartition(":")[2]
    ended = run("proxy", "--port", port, "--to", f"http://localhost:{port}", "--spec", SPEC, "--cache-dir", "")

    assert (ended.returncode, "is the proxy itself" in ended.stderr) == (2, True)


def test_insecurity_is_said_loudly() -> None:
    """--insecure is a warning of each start, and so is a base path that is there twice."""
    with proxying("--to", "https://a.invalid/api", "--insecure") as (_, _, lines):
        assert lines[0].startswith("Warning: --insecure: whoever is between")


def test_a_summary_names_causes_and_what_was_not_judged() -> None:
    """The end tells all that was counted, the most frequent first."""
    tally = ViolationTally()
    judge = ContractJudge(Contract.load(SPEC)).of(Request("GET", b"/api/pets", {}, None))
    assert judge is not None
    assert summary(tally) == ["0 passed, 0 of them judged; no violations."]

    tally.add(judge, [FoundViolation("answer", "body[]", "type", "body[3]", "No.")], 200, "r-1")
    tally.unjudged["answer over 1 MiB"] += 2
    tally.add_unknown("GET", "/x")
    tally.fallbacks["addPet"] += 1

    assert summary(tally)[1:] == [
        "      1 x  listPets  answer body[]  (type, 200)",
        "           such as body[3]: No.",
        "      2 x  not judged: answer over 1 MiB",
        "      1 x  not in the contract: GET /x",
        "      1 x  answered by the mock: addPet",
    ]


def test_a_port_that_is_taken_and_an_open_address_are_told() -> None:
    """Who can't listen is told how the proxy gets another port; who listens for all, that all reach the instance."""
    with instance(always(200)) as url:
        taken = run("proxy", "--to", "http://a.test", "--port", url.rpartition(":")[2])
        with proxying("--to", url, "--host", "0.0.0.0") as (_, _, lines):
            said = "".join(lines)

    assert "choose another port: `mockserver proxy --port 8282`" in taken.stderr
    assert "  whoever wants the instance:  it passes on all that reaches it" in said
