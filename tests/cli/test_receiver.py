"""`mockserver check receiver`, as a shell sees it: what it prints, its exit codes, and its files."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import cli
from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.receivers.right import NAMED_SESAME, PATH, SECRET, SESAME, RightBehindGate, RightReceiver, serving
from tests.receivers.wrong import LooksBackOnly

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text("utf-8"))
QUICK = ("--only", "stale", "--only", "ahead", "--only", "replay_has_one_effect", "--effects-wait", "0")


def _ask(folder: Path, *words: str, **variables: str) -> Result:
    environment = {"MOCKSERVER_WEBHOOK_SECRET": SECRET, "GITHUB_ACTIONS": "", "GITHUB_STEP_SUMMARY": ""} | variables
    words = ("check", "receiver", "--report-dir", str(folder / "reports"), *words)
    return CliRunner(env=environment).invoke(cli, words)


def test_a_right_receiver_is_exit_code_0(tmp_path: Path) -> None:
    """The scorecard is on the terminal, and all files are where they should be."""
    with serving(RightReceiver()) as receiver:
        ran = _ask(tmp_path, "--url", receiver.url, "--effects", receiver.url.replace(PATH, "/effects"), *QUICK)

    assert (ran.exit_code, "6 passed, 0 failed, 0 not judged." in ran.output) == (0, True), ran.output
    names = {path.name for path in (tmp_path / "reports").iterdir()}
    assert names == {"report.html", "report.json", "junit.xml", "report.sarif", "exchanges.har"}


def test_a_wrong_one_is_exit_code_1(tmp_path: Path) -> None:
    """The finding is shown with the request and what to do; --fail-on decides what counts."""
    with serving(LooksBackOnly()) as receiver:
        ran = _ask(tmp_path, "--url", receiver.url, *QUICK)
        spared = _ask(tmp_path, "--url", receiver.url, *QUICK, "--fail-on", "high")

    assert (ran.exit_code, spared.exit_code) == (1, 0)
    for text in (
        "✗ failed      ahead",
        "try       curl -sgi",
        "again     mockserver check receiver --url",
        "abs(now - timestamp) > 300",
    ):
        assert text in ran.output


def test_json_is_all_that_is_printed(tmp_path: Path) -> None:
    """With --json stdout is the report, and no file holds the secret."""
    with serving(LooksBackOnly()) as receiver:
        ran = _ask(tmp_path, "--url", receiver.url, *QUICK, "--json")

    report = json.loads(ran.stdout)
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(report)
    assert (report["command"], report["exitCode"]) == ("mockserver check receiver", 1)
    assert {row["check"]: row["mark"] for row in report["scorecard"]}["ahead"] == "failed"
    texts = [path.read_text("utf-8") for path in (tmp_path / "reports").iterdir()]
    assert not any(SECRET.removeprefix("whsec_") in text for text in [*texts, ran.output])


def test_a_plan_sends_nothing(tmp_path: Path) -> None:
    """For any host, without a secret; and it says what would be sent."""
    ran = _ask(tmp_path, "--url", "https://shop.invalid/hook", "--plan", MOCKSERVER_WEBHOOK_SECRET="")

    assert ran.exit_code == 0, ran.output
    assert "signed for shop.invalid/hook" in ran.output
    assert "requests    about" in ran.output
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("url", "variables", "message"),
    [
        ("https://shop.invalid/hook", {}, "--yes-host shop.invalid"),
        ("http://127.0.0.1/hook", {"MOCKSERVER_WEBHOOK_SECRET": ""}, "MOCKSERVER_WEBHOOK_SECRET"),
        ("http://127.0.0.1:9/hook", {}, "can't be reached"),
    ],
    ids=["consent", "secret", "nobody"],
)
def test_what_can_not_be_judged_is_exit_code_2(
    url: str, variables: dict[str, str], message: str, tmp_path: Path
) -> None:
    """With a line that says what to do."""
    ran = _ask(tmp_path, "--url", url, *QUICK, **variables)

    assert (ran.exit_code, message in ran.output + ran.stderr + str(ran.exception)) == (2, True) or (
        ran.exit_code == 1 and message in str(ran.exception)
    )


def test_a_running_mock_sends_to_it(tmp_path: Path) -> None:
    """The whole way is judged: the mock's own deliveries, and what its faults spoil. Nothing is left at the mock."""
    with MockServer(Settings(retry_delay=0.0, log_level="error")) as mock, serving(RightReceiver()) as receiver:
        ran = _ask(tmp_path, "--url", receiver.url, "--against-mock", mock.url, "--only", "whole_way")
        left = mock.faults.list()

    assert "0 of about 33 requests" in ran.stderr  # those of the mock are counted, too
    assert (ran.exit_code, "✓ passed      whole_way" in ran.output, left) == (0, True, []), ran.output


def test_a_gate_is_passed_by_the_check_and_by_the_mock(tmp_path: Path) -> None:
    """What opens it may come from the environment, a header a line, and stands in no file and on no terminal."""
    opens = {"MOCKSERVER_RECEIVER_HEADER": f"X-Gate: {SESAME}\nX-Other: a", "MOCKSERVER_RECEIVER_BASIC": f"me:{SESAME}"}
    with MockServer(Settings(retry_delay=0.0, log_level="error")) as mock, serving(RightBehindGate()) as receiver:
        words = ("--url", receiver.url, "--against-mock", mock.url, "--only", "whole_way", "--only", "ahead")
        shut, ran = _ask(tmp_path, *words), _ask(tmp_path, *words, **opens)

    assert (ran.exit_code, "✓ passed      whole_way" in ran.output) == (0, True), ran.output
    assert (shut.exit_code, "at a gate --header" in shut.output) == (1, True)
    texts = [path.read_text("utf-8") for path in (tmp_path / "reports").iterdir()]
    assert not any(secret in text for secret in (SESAME, NAMED_SESAME) for text in [*texts, ran.output])


def test_annotations_are_made_for_github(tmp_path: Path) -> None:
    """A finding stands at the line of the contract, and the summary counts the checks."""
    summary = tmp_path / "summary.md"
    with serving(LooksBackOnly()) as receiver:
        ran = _ask(tmp_path, "--url", receiver.url, *QUICK, GITHUB_ACTIONS="1", GITHUB_STEP_SUMMARY=str(summary))

    assert "::warning file=openapi.yaml,line=" in ran.output
    assert "failed" in summary.read_text("utf-8")


def test_its_findings_are_not_replayed(tmp_path: Path) -> None:
    """`check replay` is for those of `check live`; it says what to do instead."""
    with serving(LooksBackOnly()) as receiver:
        report = json.loads(_ask(tmp_path, "--url", receiver.url, *QUICK, "--json").stdout)
    words = ("check", "replay", report["findings"][0]["id"], "--report", str(tmp_path / "reports" / "report.json"))

    ran = CliRunner().invoke(cli, words)

    assert "another run with --only" in str(ran.exception)
