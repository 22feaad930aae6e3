"""The pytest plugin: fixtures with a running mock, and what happened in a failed test. pytest alone imports it.

Each run of pytest in an environment with the mock loads this module, whatever it tests: so it imports the mock only
when a fixture is used. docs/python-tests.md shows what it is for.
"""

import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.settings import Settings
    from mockserver.testing import MockServer, Receiver

MARKER = "mockserver"
_USED = pytest.StashKey[list[Any]]()  # the mocks and receivers of a test


class MockPool:
    """The running mocks of a session, one for each settings. A worker of pytest-xdist has a session of its own."""

    def __init__(self, opened: ExitStack) -> None:
        """They end with `opened`."""
        self._opened = opened
        self._mocks: dict[Settings, MockServer] = {}

    def mock(self, settings: "Settings") -> "MockServer":
        """The running mock with these settings; it is started if there is none."""
        from mockserver.testing import MockServer

        if settings not in self._mocks:
            self._mocks[settings] = self._opened.enter_context(MockServer(settings))
        return self._mocks[settings]


# ---------------------------------------------------------------- fixtures
@pytest.fixture(scope="session")
def mockserver_settings() -> "Settings":
    """The settings of the session's mock: those of `mockserver serve`. Override this fixture to have others."""
    from mockserver.settings import Settings

    return Settings()


@pytest.fixture(scope="session")
def _mockserver_pool() -> Iterator[MockPool]:
    """The mocks that run until the end of the session."""
    with ExitStack() as opened:
        yield MockPool(opened)


@pytest.fixture(scope="session")
def mockserver(_mockserver_pool: MockPool, mockserver_settings: "Settings") -> "MockServer":
    """A running mock, the same in all tests of the session. Nobody resets it: tests see what others did."""
    return _mockserver_pool.mock(mockserver_settings)


@pytest.fixture
def mock(request: pytest.FixtureRequest) -> Iterator["MockServer"]:
    """A running mock, as at its start: the session's, or with `@pytest.mark.mockserver(stores="A,B")` one that has
    these settings besides. Tests with equal settings have the same one, one after another; one that can't be reset, as
    it has `control=False`, is the test's own."""
    from mockserver.testing.mock import with_overrides

    marked = _marked(request.node)
    settings = with_overrides(request.getfixturevalue("mockserver_settings"), marked)
    with ExitStack() as opened:
        if not settings.control:
            found = MockPool(opened).mock(settings)
        elif marked:
            found = request.getfixturevalue("_mockserver_pool").mock(settings)
        else:
            found = request.getfixturevalue("mockserver")
        if settings.control:
            found.reset()
        _note(request.node, found)
        yield found


@pytest.fixture
def webhook_receiver(request: pytest.FixtureRequest) -> Iterator["Receiver"]:
    """A receiver of deliveries for this test: subscribe its `url`."""
    from mockserver.testing import Receiver

    with Receiver() as receiver:
        _note(request.node, receiver)
        yield receiver


def _marked(item: pytest.Item) -> dict[str, Any]:
    """The settings of an item's markers; that of a function wins over those of its class and module."""
    marked: dict[str, Any] = {}
    for marker in item.iter_markers(MARKER):
        if marker.args:
            pytest.fail(f'@pytest.mark.{MARKER} takes settings by name, such as stores="A,B".', pytrace=False)
        marked = {**marker.kwargs, **marked}
    return marked


# ---------------------------------------------------------------- failed tests
def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    says = 'mockserver(**settings): settings of the mock that this test gets, such as stores="A,B" or seed=1'
    config.addinivalue_line("markers", says)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the last requests and deliveries to the report of a failed test that used a mock or a receiver."""
    report = yield
    if report.failed and call.when != "teardown":
        used = _used(item)
        if used:
            from mockserver.testing.failure_report import sections

            try:
                report.sections += sections(used)
            except Exception as error:  # noqa: BLE001 (what can't be shown must not end the run)
                report.sections.append(("the mock", f"What happened can't be shown: {type(error).__name__}."))
    return report


def _note(item: pytest.Item, used: "MockServer | Receiver") -> None:
    item.stash.setdefault(_USED, []).append(used)


def _used(item: pytest.Item) -> "list[MockServer | Receiver]":
    """The mocks and receivers that a test used, each once: those of our fixtures, and the values of its own."""
    testing = sys.modules.get("mockserver.testing")
    if testing is None:
        return []
    values = [*item.stash.get(_USED, []), *getattr(item, "funcargs", {}).values()]
    ours = [one for one in values if isinstance(one, testing.MockServer | testing.Receiver)]
    return list({id(one): one for one in ours}.values())
