"""mockserver.cli.delivery_worker: deliveries without a listener, also after one of several workers was killed."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from mockserver.testing import Hang, Receiver, Respond
from tests.cli.processes import COMMAND, TIMEOUT, bare_environment, run, served, url_in
from tests.support.subscriptions import EVENT, KEY


@contextmanager
def _worker(storage: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A worker in a process of its own, which has told that it delivers."""
    with subprocess.Popen(  # noqa: S603 (our own command)
        [*COMMAND, "delivery-worker", "--storage", storage, "--log-level", "warning", *arguments],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=bare_environment(),
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("Delivers what waits in the database of --storage")
        try:
            yield process
        finally:
            process.kill()


def _register(url: str, *names: str) -> None:
    for name in names:
        body = {"customer": {"email": f"{name}@example.com"}}
        httpx2.post(f"{url}/api/DEFAULT/member", headers=KEY, json=body).raise_for_status()


def _subscribe(url: str, to: str) -> None:
    body = {"webhookSubscription": {"eventName": EVENT, "url": to}}
    httpx2.post(f"{url}/api/DEFAULT/webhook/subscription", headers=KEY, json=body).raise_for_status()


def test_killed_worker_loses_nothing(database: str) -> None:
    """What a killed worker had under way is sent again by the next one, under the same ids, before what came after it;
    the mock that took the requests delivers nothing itself."""
    with served("--storage", database, "--no-deliver") as (_, shown), Receiver(Hang(), Respond()) as receiver:
        _subscribe(url_in(shown), receiver.url)
        _register(url_in(shown), "a", "b")
        with _worker(database) as worker:
            receiver.wait_for(EVENT)
            worker.kill()
        _register(url_in(shown), "c")
        with _worker(database):
            found = receiver.wait_for_all(4, timeout=TIMEOUT)

    assert [one.data["customerData"]["email"][0] for one in found] == ["a", "a", "b", "c"]
    assert found[0].payload == found[1].payload


def test_term_gives_back_what_is_under_way(database: str) -> None:
    """A worker that is told to end gives back what it has, and ends in order, with code 0."""
    with served("--storage", database, "--no-deliver") as (_, shown), Receiver(Hang()) as receiver:
        _subscribe(url_in(shown), receiver.url)
        with _worker(database) as worker:
            _register(url_in(shown), "a")
            receiver.wait_for(EVENT)
            worker.send_signal(signal.SIGTERM)
            _, told = worker.communicate(timeout=TIMEOUT)

    assert (worker.returncode, "1 deliveries were left to other replicas: 1-1" in told) == (0, True)


def test_worker_ends_with_what_started_it(database: str) -> None:
    """With `--until-closed` a worker ends in order once nobody holds the other end of its standard input."""
    with _worker(database, "--until-closed", "0") as worker:
        assert worker.stdin is not None
        worker.stdin.close()

        assert worker.wait(TIMEOUT) == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Name the database whose deliveries are to be made: --storage postgresql://"),
        (("--storage", "postgresql:///d", "--no-deliver"), "leave out --no-deliver"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], told: str) -> None:
    """A worker without a database, or one that is not to deliver, ends with code 2 and a line that says what to do."""
    ended = run("delivery-worker", *arguments)

    assert ended.returncode == 2
    assert told in ended.stderr
