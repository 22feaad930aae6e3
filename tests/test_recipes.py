"""The recipes of recipes/: the job of the night runs, and the CI files run it and keep what it writes."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest

from mockserver.cli.command_line import COMMANDS
from mockserver.cli.sweep import sweep
from mockserver.http.messages import Request, Response
from mockserver.openapi.loading import Source
from mockserver.settings import Settings, environment_variable
from mockserver.testing import MockServer
from tests.checks.instance import Instance, Respond
from tests.support.commands import ask
from tests.support.repository import ROOT
from tests.support.subscriptions import EVENT, subscribe, subscribed

BASH = shutil.which("bash") or ""
NIGHTLY = ROOT / "recipes" / "nightly.sh"
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
BARE = "/usr/bin:/bin"  # without our command
REPORTS = {"report.html", "report.json", "junit.xml", "report.sarif", "exchanges.har"}
NOT_SHARED = {"--mark", "--older-than", "--yes", "--ledger"}
QUICK = ("--operation", "webhookEventGetList", "--max-examples", "1")

pytestmark = pytest.mark.recipes
needs_bash = pytest.mark.skipif(not BASH, reason="bash is needed to run the script")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The URL of a mock whose list of events isn't as the contract has it."""
    with Instance(_without_items) as mock:
        yield mock.url


def _without_items(respond: Respond) -> Respond:
    async def answer(request: Request) -> Response:
        response = await respond(request)
        if request.path.endswith("/webhook/event") and response.status == 200:
            return Response(200, [(b"content-type", b"application/json")], b"{}")
        return response

    return answer


@needs_bash
def test_night_after_night(url: str, tmp_path: Path) -> None:
    """A night with findings ends with 1 and writes all reports. The next one is compared with it, and ends with 0 if
    the baseline accepts what was found."""
    first = _nightly(tmp_path, OL_URL=url, OL_REPORTS="first")
    found = json.loads((tmp_path / "first" / "report.json").read_text("utf-8"))["findings"]
    accepted = [f'[[accept]]\nid = "{one["id"]}"\nreason = "CRM-1"\nexpires = 2999-12-31\n' for one in found]
    (tmp_path / "baseline.toml").write_text("\n".join(accepted), "utf-8")
    second = _nightly(tmp_path, OL_URL=url, OL_REPORTS="second")

    assert (first.returncode, second.returncode) == (1, 0), first.stderr + second.stderr
    assert {path.name for path in (tmp_path / "first").iterdir()} >= REPORTS
    assert f"0 new, 0 gone, {len(found)} still there" in second.stdout + second.stderr


@needs_bash
def test_night_that_could_not_judge_is_no_measure(url: str, tmp_path: Path) -> None:
    """Without a login a night ends with 2, and the next one isn't compared with it."""
    ran = _nightly(tmp_path, OL_URL=url, OL_PASSWORD="wrong")

    assert ran.returncode == 2, ran.stderr
    assert not (tmp_path / "previous").exists()


@needs_bash
def test_the_sweep_of_a_night_gets_the_options_of_access(tmp_path: Path) -> None:
    """Each that the sweep has, in either form, and no other one; a ledger isn't what it goes by."""
    with_value = [
        param.opts[0]
        for param in sweep.params
        if isinstance(param, click.Option) and not param.is_flag and param.opts[0] not in NOT_SHARED
    ]
    words = [word for name in with_value for word in (name, f"{name} of it", f"{name}=a b")]
    tool = tmp_path / "bin" / "mockserver"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\nif [ "$1" = sweep ]; then shift 11; printf "%s\\n" "$@"; fi\nexit 2\n', "utf-8")
    tool.chmod(0o755)

    variables = {"OL_URL": "x", "OL_YES_HOST": "y", "PATH": f"{tool.parent}{os.pathsep}{PATH}"}
    ran = _nightly(tmp_path, *words, "--insecure", "--tag", "T", "--fail-on=high", **variables)

    assert ran.stdout.splitlines() == [*words, "--insecure"]


@needs_bash
@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "OL_URL must name the instance"),
        ({"OL_URL": "x", "OL_REPORTS": "."}, ". is there already"),
        ({"OL_URL": "x", "PATH": "/nowhere"}, "OL_BUNDLE names no bundle"),
        (
            {"OL_URL": "x", "PATH": BARE, "OL_BUNDLE": str(ROOT / "README.md")},
            "can't be installed. Is it for this platform",
        ),
    ],
)
def test_what_is_missing_is_told(tmp_path: Path, variables: dict[str, str], told: str) -> None:
    """Without an instance or the tool, or with reports in the way, nothing is judged, and a line says why."""
    ran = _nightly(tmp_path, **variables)

    assert ran.returncode == 2
    assert told in ran.stderr


def test_github_runs_the_script_and_keeps_its_reports() -> None:
    """The workflow runs the script every night, and keeps the reports, also where the script ends with 1."""
    (job,) = _content("github-actions.yml")["jobs"].values()
    steps = {step.get("run", step.get("uses")): step for step in job["steps"]}

    assert {"OL_USERNAME", "OL_PASSWORD"} <= steps["recipes/nightly.sh"]["env"].keys()
    kept = steps["actions/upload-artifact@v4"]
    assert (kept["if"], kept["with"]["path"]) == ("always()", "reports/")
    kept = steps["actions/cache/save@v4"]
    assert (kept["if"], kept["with"]["path"]) == ("always()", "previous")
    assert steps["actions/cache/restore@v4"]["with"]["path"] == "previous"


def test_gitlab_runs_the_script_and_keeps_its_reports() -> None:
    """So does GitLab, which shows the findings as tests."""
    (job,) = _content("gitlab-ci.yml").values()

    assert job["script"][-1] == "recipes/nightly.sh"
    assert (job["artifacts"]["when"], job["artifacts"]["paths"]) == ("always", ["reports/"])
    assert job["artifacts"]["reports"]["junit"] == "reports/junit.xml"
    assert (job["cache"]["when"], job["cache"]["paths"]) == ("always", ["previous/"])


# ---------------------------------------------------------------- Compose
def test_compose_starts_what_the_mock_understands() -> None:
    """The mock of compose.yaml gets settings that it has, a state that can be read, and leave to deliver to the
    receiver that the state subscribes; nothing is published beyond this machine."""
    services = _content("compose.yaml")["services"]
    given = services["mock"]["environment"]
    settings = Settings.from_environment(given)
    subscriptions = _content("compose-state.yaml")["subscriptions"]

    assert {environment_variable(field.name) for field in fields(Settings)} >= given.keys()
    assert "receiver:9000" in settings.webhook_allow
    assert {each["url"] for each in subscriptions} == {"http://receiver:9000/webhooks"}
    assert services["mock"]["volumes"] == [f"./compose-state.yaml:{settings.state}:ro"]
    assert services["receiver"]["command"] == ["9000"]
    assert [port for service in services.values() for port in service.get("ports", [])] == ["127.0.0.1:8181:8181"]
    with MockServer(state=str(ROOT / "recipes" / "compose-state.yaml")) as mock:
        assert subscribed(mock) == len(subscriptions)


def test_cluster_of_compose_is_what_the_mock_understands() -> None:
    """Replicas and worker of cluster/compose.yaml get the same settings, which there are. HAProxy, which they trust,
    asks them by the name of their service, and the database takes the connections of as many as it has places for."""
    content = _content("cluster/compose.yaml")
    services, configuration = content["services"], (ROOT / "recipes" / "cluster" / "haproxy.cfg").read_text("utf-8")
    given = services["mock"]["environment"]
    assert {environment_variable(field.name) for field in fields(Settings)} >= given.keys()
    settings = Settings.from_environment(given)
    most = re.search(r"server-template replica- (\d+) mock:8181", configuration)

    assert services["worker"]["environment"] == given
    assert settings.trust_proxy == (services["haproxy"]["networks"]["default"]["ipv4_address"],)
    assert services["worker"]["command"][0] in COMMANDS
    assert most
    assert f"max_connections={20 * int(most[1])}" in services["postgres"]["command"]
    assert [port for each in services.values() for port in each.get("ports", [])] == ["127.0.0.1:8181:8181"]


def test_example_receiver_prints_deliveries() -> None:
    """The receiver of compose.yaml accepts a delivery, prints its path, signature and body in a line, and ends in order
    at SIGTERM by a handler of its own, as the first process of a container has no other."""
    with MockServer() as free:
        port = free.url.rpartition(":")[2]  # which nobody has, a moment later
    command = [sys.executable, str(ROOT / "recipes" / "receiver.py"), port]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as receiver:  # noqa: S603
        with MockServer() as mock:
            subscribe(mock, f"http://127.0.0.1:{port}/webhooks")
            ask(mock.url, "trigger", EVENT)
        line = (receiver.stdout or sys.stdin).readline()
        receiver.terminate()

    assert receiver.returncode == 0
    assert re.fullmatch(r"/webhooks [0-9a-f]{64} b'.*CustomerRegistered.*'\n", line)


def _content(name: str) -> Any:
    path = ROOT / "recipes" / name
    return Source(str(path), path.read_bytes()).content


def _nightly(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The job of a night in a folder, short."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("OL_")}
    given = {**others, "PATH": PATH, "OL_USERNAME": "admin", "OL_PASSWORD": "password", **variables}
    command = [BASH, str(NIGHTLY), *(words or QUICK)]
    return subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
