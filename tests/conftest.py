"""What tests share: a world whose time stands still, and clients of a mock in this process."""

import gc
import logging
import os
import signal
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.cli import generator_tables
from mockserver.clock import Clock
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.testing import MockServer
from mockserver.world import World
from tests.support.postgres import database, databases
from tests.support.repository import ROOT

LOGGERS = ("", "mockserver", "uvicorn", "uvicorn.error", "asyncio")
NOW = 1_768_473_000.0  # 2026-01-15T10:30:00+00:00

Json = dict[str, object]
__all__ = ["database", "databases"]  # fixtures of another module


def pytest_configure() -> None:
    """Let Ctrl-C reach the programs that tests start, also where a shell runs the tests in the background: it ignores
    Ctrl-C there, and what is started inherits that. And let them find the tables of Hypothesis where our own are."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # To make the tables anew takes two seconds of each process that judges.
    os.environ.setdefault(generator_tables.FOLDER, str(ROOT / ".hypothesis"))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep Python's collector off what lives as long as the session: modules and collected tests are some hundred
    thousand objects, and it would go through all of them again and again, for a tenth of the whole run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs PostgreSQL, by the fixture that starts it."""
    for item in items:
        if "databases" in getattr(item, "fixturenames", ()):
            item.add_marker("postgres")


@pytest.fixture(autouse=True)
def _loggers_stay() -> Iterator[None]:
    """Set back what a command sets of the process's loggers, else it would decide what later tests can see."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(one.level, one.propagate, one.disabled) for one in loggers]
    yield
    for logger, (level, propagate, disabled) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.propagate, logger.disabled = propagate, disabled


@pytest.fixture
def anyio_backend() -> str:
    """Tests marked `anyio` run on asyncio, as the mock does."""
    return "asyncio"


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The contract, read once: nothing changes it."""
    return Contract.load()


@pytest.fixture(scope="session")
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a private key, as making one takes a while."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = tmp_path_factory.mktemp("key") / "private.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(path)


@pytest.fixture
def clock() -> Clock:
    """Time that stands still until a test moves it."""
    return Clock(frozen_at=NOW)


@pytest.fixture
def settings(signing_key: str) -> Settings:
    """Two stores, and ids that are the same in every run."""
    return Settings(stores=("DEFAULT", "OTHER"), signing_key=signing_key, seed=1)


@pytest.fixture
def world(settings: Settings, contract: Contract, clock: Clock) -> World:
    """A world that isn't seeded yet: serving it does that."""
    return World.build(settings, contract, clock)


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    """A client of the mock, without a credential."""
    with TestClient(create_app(world)) as client:
        yield client


@pytest.fixture
def log_in(client: TestClient) -> Callable[[str], Json]:
    """Log in at a path and return the answer's tokens."""

    def log_in(path: str, username: str = "admin") -> Json:
        answer = client.post(path, json={"username": username, "password": "password"})
        assert answer.status_code == 200, answer.text
        tokens: Json = answer.json()
        return tokens

    return log_in


@pytest.fixture
def admin(client: TestClient, log_in: Callable[[str], Json]) -> TestClient:
    """A client that is logged in as the admin."""
    client.headers["Authorization"] = f"Bearer {log_in('/api/admin/login_check')['token']}"
    return client


@pytest.fixture(scope="session")
def shared_mock(signing_key: str) -> Iterator[MockServer]:
    """A mock that listens, for tests that call it from outside: starting one takes a while."""
    with MockServer(Settings(stores=("DEFAULT", "OTHER"), signing_key=signing_key, seed=1, retry_delay=0)) as mock:
        yield mock


@pytest.fixture
def mock(shared_mock: MockServer) -> Iterator[MockServer]:
    """That mock, as at its start. It is reset afterwards: what it still delivers would be in the log of other tests."""
    yield shared_mock
    shared_mock.reset()
