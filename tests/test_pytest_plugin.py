"""mockserver.pytest_plugin: fixtures with a running mock, and what a failed test shows."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver import pytest_plugin

GUIDE = Path(__file__).parents[1] / "docs" / "python-tests.md"
OPTIONS = ("--disable-plugin-autoload", "-p", "no:cacheprovider", "-q", "-W", "error")
IN_A_PROCESS = (*OPTIONS, "-p", "mockserver.pytest_plugin")
HELPERS = """
import httpx2
import pytest

KEY = {"X-AUTH-TOKEN": "mock-api-key"}


def register(mock, email):
    return httpx2.post(f"{mock.url}/api/DEFAULT/member", json={"customer": {"email": email}}, headers=KEY)


def subscribe(mock, url):
    body = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": url}}
    httpx2.post(f"{mock.url}/api/DEFAULT/webhook/subscription", json=body, headers=KEY).raise_for_status()
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project of its own, with helpers for its tests."""
    pytester.makepyfile(helpers=HELPERS)
    return pytester


def _run(project: pytest.Pytester, test: str) -> pytest.RunResult:
    project.makepyfile(test_it=f"from helpers import *\n{test}")
    return project.runpytest_inprocess(*OPTIONS, plugins=[pytest_plugin])


def test_pasted_tests_pass(project: pytest.Pytester) -> None:
    """The tests of the guide pass as they stand, each block as a file."""
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    tests = {f"test_{number}": block for number, block in enumerate(blocks) if "def test_" in block}
    project.makepyfile(**tests)

    ran = project.runpytest_inprocess(*OPTIONS, plugins=[pytest_plugin])

    ran.assert_outcomes(passed=len(tests))
    assert tests


def test_mock_is_reset_before_each_test(project: pytest.Pytester) -> None:
    """`mock` is the session's mock, and has nothing of the tests before."""
    ran = _run(
        project,
        """
URLS = set()

@pytest.mark.parametrize("number", [1, 2])
def test_member_is_new(mock, mockserver, number):
    URLS.add(mock.url)
    assert mock is mockserver
    assert register(mock, "jo@example.com").status_code == 200
    assert len(mock.requests.list()) == 1
    assert len(URLS) == 1
""",
    )

    ran.assert_outcomes(passed=2)


def test_receiver_is_ready(project: pytest.Pytester) -> None:
    """`webhook_receiver` gets what the mock delivers."""
    ran = _run(
        project,
        """
def test_webhook(mock, webhook_receiver):
    subscribe(mock, webhook_receiver.url)
    register(mock, "jo@example.com")
    webhook_receiver.wait_for("CustomerRegistered", data__customerData__email="jo@example.com")
""",
    )

    ran.assert_outcomes(passed=1)


MARKED = """
pytestmark = pytest.mark.mockserver(stores="A,B", seed=1)
URLS = []

@pytest.mark.parametrize("number", [1, 2])
def test_marked(mock, mockserver, number):
    URLS.append(mock.url)
    assert mock.settings.stores == ("A", "B")
    assert mockserver.settings.stores == ("DEFAULT",)
    assert len(set(URLS)) == 1

@pytest.mark.mockserver(stores="C")
def test_marked_again(mock):
    assert (mock.settings.stores, mock.settings.seed) == (("C",), 1)
    assert mock.url not in URLS
"""


def test_marker_has_settings(project: pytest.Pytester) -> None:
    """A marked test has a mock with these settings; equal ones share a mock, and the marker of a test wins."""
    ran = _run(
        project,
        MARKED,
    )

    ran.assert_outcomes(passed=3)


def test_mock_without_a_control_plane_is_new(project: pytest.Pytester) -> None:
    """A mock that can't be reset is made for one test alone."""
    ran = _run(
        project,
        """
@pytest.mark.mockserver(control=False)
@pytest.mark.parametrize("number", [1, 2])
def test_closed(mock, number):
    assert register(mock, "jo@example.com").status_code == 200
""",
    )

    ran.assert_outcomes(passed=2)


SETTINGS = """
import pytest
from mockserver.settings import Settings

@pytest.fixture(scope="session")
def mockserver_settings():
    return Settings(stores=("NORTH",), control_token="sesame")
"""

BOTH = """
@pytest.mark.mockserver(seed=1)
def test_both(mock, mockserver):
    assert mock.settings.stores == mockserver.settings.stores == ("NORTH",)
    assert (mock.settings.seed, mockserver.settings.seed) == (1, None)
"""


def test_settings_of_the_session_are_a_fixture(project: pytest.Pytester) -> None:
    """A project sets what all of its mocks have by a fixture of its own; the marker adds to it."""
    project.makeconftest(SETTINGS)
    ran = _run(
        project,
        BOTH,
    )

    ran.assert_outcomes(passed=1)


OWN = """
from mockserver.testing import MockServer

@pytest.fixture
def mock():
    with MockServer() as mock:
        yield mock

def test_mine(mock):
    register(mock, "jo@example.com")
    assert False
"""


def test_own_fixture_comes_first(project: pytest.Pytester) -> None:
    """A project that has a `mock` of its own keeps it; if that is a mock of ours, a failure shows what it was asked."""
    ran = _run(
        project,
        OWN,
    )

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*- requests to the mock at http://127.0.0.1:* (1) -*", "POST /api/DEFAULT/member → 200"])


@pytest.mark.parametrize(
    ("marker", "says"),
    [("store='A'", "*has no setting 'store'. Did you mean stores*"), ("'A'", "*takes settings by name*")],
)
def test_bad_marker_is_told(project: pytest.Pytester, marker: str, says: str) -> None:
    """A marker that means nothing fails its test, and says what it takes."""
    ran = _run(project, f"@pytest.mark.mockserver({marker})\ndef test_it(mock): pass\n")

    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines([says])


FAILING = """
@pytest.fixture
def hook(mock, webhook_receiver):
    subscribe(mock, webhook_receiver.url + "?token=sesame")

def test_fails(hook, mock):
    mock.faults.add(operation_id="memberPost", status=503, name="gateway down")
    mock.trigger("CustomerRegistered")
    mock.deliveries.wait(status="delivered")
    assert register(mock, "jo@example.com").status_code == 200
"""


def test_failure_shows_what_happened(project: pytest.Pytester) -> None:
    """The report of a failed test has its last requests and deliveries, also if a fixture used the mock."""
    ran = _run(
        project,
        FAILING,
    )

    ran.stdout.fnmatch_lines(
        [
            "*- requests to the mock at http://127.0.0.1:* (2) -*",
            "POST /api/DEFAULT/member → 503 · fault gateway down",
            "*- deliveries of the mock at http://127.0.0.1:* (1) -*",
            "CustomerRegistered to http://localhost:*?token=******** → delivered (1 attempt, last answer 204)",
            "*- requests to the receiver (1) -*",
        ]
    )
    assert "sesame" not in ran.stdout.str().rpartition("- requests to the mock")[2]


def test_others_are_left_alone(project: pytest.Pytester) -> None:
    """A failed test that used no mock has no such section, and a test that passed neither."""
    ran = _run(project, "def test_fails(): assert False\ndef test_passes(mock): register(mock, 'jo@example.com')\n")

    ran.assert_outcomes(failed=1, passed=1)
    assert "the mock" not in ran.stdout.str()


def test_workers_have_mocks_of_their_own(project: pytest.Pytester) -> None:
    """Under pytest-xdist each worker has its own mock, so that no test sees the requests of another."""
    project.makepyfile(
        test_it="""
from helpers import register
import pytest

@pytest.mark.parametrize("number", range(8))
def test_alone(mock, number):
    assert register(mock, "jo@example.com").status_code == 200
    assert [one["status"] for one in mock.requests.list()] == [200]
"""
    )

    ran = project.runpytest_subprocess(*IN_A_PROCESS, "-p", "xdist", "-n", "2")

    ran.assert_outcomes(passed=8)


def test_plugin_is_light() -> None:
    """A run of pytest that needs no mock loads nothing of it but the plugin, and no library for it."""
    code = (
        "import sys, pytest; before = set(sys.modules); import mockserver.pytest_plugin; "
        "print(sorted(set(sys.modules) - before))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 (ours)

    assert ran.stdout.strip() == "['mockserver', 'mockserver.pytest_plugin']"


def test_run_without_a_mock_stays_light(project: pytest.Pytester) -> None:
    """Nor does a run whose tests fail without using a fixture of ours."""
    project.makepyfile(
        test_it="""
import sys

def test_fails():
    assert False

def test_light():
    assert [name for name in sys.modules if name.startswith("mockserver.") and "plugin" not in name] == []
"""
    )

    ran = project.runpytest_subprocess(*IN_A_PROCESS)

    ran.assert_outcomes(failed=1, passed=1)


SECRETS = """
@pytest.mark.mockserver(api_key="sesame-1", member_password="sesame-2", control_token="sesame-3")
def test_settings(mock):
    assert mock.settings is None

@pytest.mark.mockserver(control_token="sesame-3")
def test_login(mock):
    mock.token("member", password="sesame-4")
"""


def test_failures_show_no_secrets(project: pytest.Pytester) -> None:
    """Neither the settings of a mock nor a login that is refused show keys, tokens or passwords, but what the test's
    own lines have."""
    ran = _run(project, SECRETS)

    ran.assert_outcomes(failed=2)
    shown = [line for line in ran.outlines if "sesame" in line]
    assert [line for line in shown if not re.search(r"@pytest\.mark|mock\.token\(", line)] == []


def test_report_never_ends_the_run(project: pytest.Pytester) -> None:
    """A failed test whose mock can't be shown is reported all the same, and so are the tests after it."""
    ran = _run(
        project,
        """
def test_fails(webhook_receiver):
    broken = {"captured": property(lambda receiver: 1 / 0)}
    webhook_receiver.__class__ = type("Broken", (type(webhook_receiver),), broken)
    assert False

def test_goes_on(): pass
""",
    )

    ran.assert_outcomes(failed=1, passed=1)
    ran.stdout.fnmatch_lines(["What happened can't be shown: ZeroDivisionError."])
