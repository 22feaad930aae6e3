"""mockserver.app.saving: the state file stays current."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from mockserver.app import create_app, create_engine
from mockserver.app.saving import LOG_INTERVAL, SavingApplication
from mockserver.errors import SettingsError
from mockserver.http.messages import Request
from mockserver.logs import RateLimitedLog
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World

MANY = 10_000  # requests until the file must be there; it takes a few
API_KEY = {"X-AUTH-TOKEN": "mock-api-key"}


def _world(settings: Settings, contract: Contract, path: Path) -> World:
    return World.build(replace(settings, state=str(path), save=True), contract)


def _served(settings: Settings, contract: Contract, path: Path) -> TestClient:
    return TestClient(create_engine(_world(settings, contract, path)))


def _saving(world: World) -> SavingApplication:
    log = RateLimitedLog(logging.getLogger("test"), LOG_INTERVAL)
    return SavingApplication(create_app(world), world, log, interval=0)


def _until(client: TestClient, holds: Callable[[], bool]) -> bool:
    """Whether something comes true while the mock is asked what changes nothing."""
    answers = (client.get("/_mock/health").status_code for _ in range(MANY))
    return any(holds() for _ in answers)


def _appears(path: Path, client: TestClient) -> bool:
    return _until(client, path.exists)


def _register(client: TestClient, email: str) -> None:
    client.post("/api/DEFAULT/member", json={"customer": {"email": email}}, headers=API_KEY).raise_for_status()


def _emails(path: Path) -> set[str]:
    return {member["email"] for member in json.loads(path.read_bytes())["members"] if member["storeCode"] == "DEFAULT"}


def test_next_start_goes_on(settings: Settings, contract: Contract, tmp_path: Path) -> None:
    """What was registered before the end is known after the next start, and so on; only the owner reads the file."""
    path = tmp_path / "state.json"
    for number in range(2):
        with _served(settings, contract, path) as client:
            _register(client, f"{number}@example.com")

    assert _emails(path) == {"member@example.com", "0@example.com", "1@example.com"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [left.name for left in tmp_path.iterdir()] == ["state.json"]


def test_changes_are_saved_while_it_serves(settings: Settings, contract: Contract, tmp_path: Path) -> None:
    """The file is there soon after a request that changes something, and not before one."""
    path = tmp_path / "state.json"
    with TestClient(_saving(_world(settings, contract, path))) as client:
        client.get("/_mock/health")
        assert not path.exists()
        _register(client, "a@example.com")
        assert _appears(path, client)
        assert "a@example.com" in _emails(path)


def test_failed_write_is_tried_again(
    settings: Settings, contract: Contract, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What could not be written is written when it can be, without another change; the log has one line about it."""
    path = tmp_path / "folder" / "state.json"
    with TestClient(_saving(_world(settings, contract, path))) as client:
        _register(client, "a@example.com")
        assert _until(client, lambda: "The state is not saved" in caplog.text)
        path.parent.mkdir()
        assert _appears(path, client)
        assert "a@example.com" in _emails(path)
    assert caplog.text.count("The state is not saved") <= 2  # the first, and the number of the others


class _FailsOnce(World):
    """A world whose first snapshot fails by a defect."""

    has_failed = False

    async def snapshot(self) -> dict[str, Any]:
        if not self.has_failed:
            self.has_failed = True
            raise RuntimeError("a defect")
        return await super().snapshot()


def test_defect_ends_nothing(
    settings: Settings, contract: Contract, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A snapshot that fails by a defect is logged in one line, and tried again."""
    path = tmp_path / "state.json"
    world = _FailsOnce._make(_world(settings, contract, path))
    with TestClient(_saving(world)) as client:
        _register(client, "a@example.com")
        assert _appears(path, client)
    assert "by a defect of the mock: RuntimeError('a defect')" in caplog.text
    assert "Traceback" not in caplog.text


def test_what_a_person_wrote_is_not_replaced(settings: Settings, contract: Contract, tmp_path: Path) -> None:
    """A description is refused as the file to save to, with what to do; it stays as it was."""
    path = tmp_path / "state.yaml"
    path.write_text("members: [{}]\n")

    with pytest.raises(SettingsError, match="doesn't exist yet, or a snapshot"):
        _served(settings, contract, path)

    assert path.read_text() == "members: [{}]\n"


@pytest.mark.anyio
async def test_unusable_snapshot_stays(
    settings: Settings, contract: Contract, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A snapshot that doesn't fit ends the start, without a traceback, and is not overwritten."""
    path = tmp_path / "state.json"
    with _served(settings, contract, path) as client:
        _register(client, "a@example.com")
    snapshot = json.loads(path.read_bytes())
    path.write_text(json.dumps(snapshot | {"stores": ["ELSEWHERE"]}))
    before = path.read_bytes()

    sent: list[str] = []

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    await create_engine(_world(settings, contract, path))({"type": "lifespan"}, receive, send)

    assert (sent, path.read_bytes()) == (["lifespan.startup.failed"], before)
    assert "The snapshot has no such store" in caplog.text
    assert "Traceback" not in caplog.text


def test_calls_that_were_broken_off_are_in_the_journal(settings: Settings, contract: Contract, tmp_path: Path) -> None:
    """A call whose client left before its turn is journalled with --save as it is without."""
    world = _world(settings, contract, tmp_path / "state.json")
    create_engine(world).abandoned(Request("POST", b"/api/DEFAULT/member", {}, None))

    latest = world.journal.latest
    assert latest is not None
    assert (latest.request.path, latest.answered) == ("/api/DEFAULT/member", False)


def test_failure_to_save_is_told(
    settings: Settings, contract: Contract, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A folder that is gone costs a line in the log, and no request."""
    path = tmp_path / "folder" / "state.json"
    with caplog.at_level(logging.ERROR), _served(settings, contract, path) as client:
        _register(client, "a@example.com")

    assert "The state is not saved" in caplog.text
