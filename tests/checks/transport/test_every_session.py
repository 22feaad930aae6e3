"""Sessions that others make: they pass the guarded transport, and go nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from mockserver.checks.live.marks import Marks
from mockserver.checks.live.ownership import Ownership, Policy
from mockserver.checks.transport.every_session import every_session_through
from mockserver.checks.transport.guarded_transport import GuardedTransport, RequestRefused, TransportOptions
from mockserver.checks.transport.ledger import Ledger
from mockserver.checks.transport.rate_limiting import RateLimiter
from mockserver.clock import Ids
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface
from tests.checks.targets import says, target

SURFACE, RUN = Surface(Contract.load()), "0a1b2c3d"
NOTHING = b"HTTP/1.1 204 No Content\r\n\r\n"
ELSEWHERE = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/login\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def _passing(folder: Path, answer: bytes, *, path: str = "") -> Iterator[tuple[GuardedTransport, str]]:
    """A transport that all sessions use, and the URL of its target with a host in capitals."""
    with target(says(answer)) as url, Ledger.create(folder / "ledger.jsonl", RUN, url) as ledger:
        written = url.replace("127.0.0.1", "LOCALHOST") + path
        ownership = Ownership(SURFACE, Marks(RUN, SURFACE), Policy(hostile=True), Ids(1))
        transport = GuardedTransport(TransportOptions(written, 5), SURFACE, ownership, ledger, RateLimiter())
        with every_session_through(transport):
            yield transport, written
        transport.close()


@pytest.mark.parametrize("path", ["", "/%7Eacme"])
def test_no_session_passes_by(tmp_path: Path, path: str) -> None:
    """However the address is written, requests of all sessions are counted, and those that change are guarded."""
    with _passing(tmp_path, NOTHING, path=path) as (transport, url):
        requests.get(f"{url}/api/DEFAULT/webhook/event", timeout=5)
        with pytest.raises(RequestRefused):
            requests.delete(f"{url}/api/DEFAULT/webhook/subscription/0b54f5a3-6b0c-4a51-a1a5-6f1ee3c1c4d2", timeout=5)

    assert transport.limits.sent == 1


def test_a_redirect_is_an_answer(tmp_path: Path) -> None:
    """It is judged as it is; and who asks the other place in the same session isn't let there."""
    with _passing(tmp_path, ELSEWHERE) as (transport, url), requests.Session() as session:
        answer = session.get(f"{url}/api/DEFAULT/webhook/event", timeout=5)
        with pytest.raises(RequestRefused, match="doesn't lead to"):
            session.get("http://127.0.0.1:9/login", timeout=5)

    assert (answer.status_code, transport.limits.sent) == (302, 1)


def test_nobody_is_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request without a credential gets none from the files of whoever runs the check."""
    (tmp_path / "netrc").write_text("machine localhost login somebody password secret-word", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with _passing(tmp_path, NOTHING) as (_, url):
        answer = requests.get(f"{url}/api/DEFAULT/webhook/event", timeout=5)

    assert "Authorization" not in answer.request.headers


def test_afterwards_sessions_are_their_own(tmp_path: Path) -> None:
    """Nothing is left of it."""
    before = (requests.Session.get_adapter, requests.sessions.get_netrc_auth)
    with _passing(tmp_path, NOTHING):
        pass

    assert (requests.Session.get_adapter, requests.sessions.get_netrc_auth) == before
