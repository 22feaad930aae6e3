"""The actions and the component of CI: their scripts run with the variables that GitHub and GitLab would give, and no
input is ever part of a script."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from mockserver.openapi.loading import Source
from mockserver.testing import MockServer
from tests.support.repository import ROOT

BASH = shutil.which("bash") or ""
ACTIONS = ROOT / "actions"
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
BARE = "/usr/bin:/bin"  # without our command
NAMES = ("mock", "check-live")
QUICK = "--operation=webhookEventGetList\n--max-examples=1"
INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+)(?: \|\| env\.(\w+))? \}\}")
COMPONENT = ROOT / "templates" / "check-live.yml"
PARAMETER = re.compile(r"\$\[\[ inputs\.([a-z-]+) \]\]")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", (ROOT / "recipes" / "README.md").read_text("utf-8"), re.DOTALL)
HOSTILE = '"; touch stolen; $(touch stolen) `touch stolen`'

pytestmark = pytest.mark.recipes
needs_bash = pytest.mark.skipif(not BASH, reason="bash is needed to run the scripts")
needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl asks whether the mock answers")


class Step(NamedTuple):
    """What a step of a job did: its exit code, what it printed, and as errors alone, and what it wrote to the runner's
    files."""

    code: int
    said: str
    errors: str
    output: Mapping[str, str]
    environment: Mapping[str, str]
    summary: str


def _read(path: Path) -> Any:
    return Source(str(path), path.read_bytes()).content


def _action(name: str) -> Any:
    return _read(ACTIONS / name / "action.yml")


def _github(name: str, folder: Path, inputs: Mapping[str, str], **more: str) -> Step:
    """The one step of an action, run as GitHub would."""
    action = _action(name)
    (step,) = action["runs"]["steps"]
    given = {key: value["default"] for key, value in action["inputs"].items()} | dict(inputs)
    files = {f"GITHUB_{file}": str(folder / file) for file in ("OUTPUT", "ENV", "PATH", "STEP_SUMMARY")}
    runner = {"PATH": PATH, "HOME": str(folder), "RUNNER_TEMP": str(folder), "GITHUB_ACTIONS": "true"} | files | more
    variables = {
        key: INPUT.sub(lambda found: given[found[1]] or runner.get(found[2] or "", ""), value)
        for key, value in step["env"].items()
    }
    for file in files.values():
        Path(file).touch()
    environment = runner | variables | {"GITHUB_ACTION_PATH": str(ACTIONS / name)}
    command = [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]  # as GitHub runs `shell: bash`
    ran = subprocess.run(  # noqa: S603 (our own scripts)
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    summary = Path(files["GITHUB_STEP_SUMMARY"]).read_text("utf-8")
    output, given_on = (_variables(Path(files[f"GITHUB_{file}"])) for file in ("OUTPUT", "ENV"))
    return Step(ran.returncode, ran.stdout + ran.stderr, ran.stderr, output, given_on, summary)


def _variables(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text("utf-8").splitlines())


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The URL of a mock."""
    with MockServer() as mock:
        yield mock.url


# ---------------------------------------------------------------- GitHub
@needs_bash
@needs_curl
def test_mock_is_started_and_waited_for(tmp_path: Path) -> None:
    """When the step ends, the mock answers at the URL that its outputs, the variables of the next steps and the summary
    tell; options come one a line."""
    step = _github("mock", tmp_path, {"arguments": "--stores=A,B\n\n--seed=7"})
    try:
        url = step.output["url"]
        config = httpx2.get(f"{url}/_mock/config").json()
    finally:
        os.kill(int(step.output["pid"]), signal.SIGTERM)

    assert (step.code, step.environment) == (0, {"MOCKSERVER_URL": url, "OL_URL": url})
    assert (config["settings"]["stores"], config["seed"]) == (["A", "B"], "7")
    assert f"answers at `{url}`" in step.summary
    assert Path(step.output["log"]).is_file()


@needs_bash
@needs_curl
@pytest.mark.parametrize(
    ("inputs", "code", "told"),
    [
        ({"arguments": "--stores=a/b"}, 1, "::error::The mock has ended before it answered."),
        ({"timeout": "1; id"}, 2, "::error::timeout must be a whole number of seconds."),
        ({"port": HOSTILE}, 1, "::error::The mock has ended"),
        ({"arguments": HOSTILE}, 1, "::error::The mock has ended"),
    ],
)
def test_mock_that_does_not_start_fails_the_step(tmp_path: Path, inputs: dict[str, str], code: int, told: str) -> None:
    """A mock that can't start fails the step at once, with what it said, which is no command to the runner; what
    stands in an input is never run."""
    step = _github("mock", tmp_path, inputs)

    assert (step.code, step.output) == (code, {})
    assert told in step.said
    assert code == 2 or ("::stop-commands::mock-" in step.said and "Error: " in step.said)
    assert not list(tmp_path.rglob("stolen"))


@needs_bash
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("bundle", "told"),
    [
        ("", "the input bundle names no bundle"),
        (str(ROOT / "README.md"), "can't be installed. Is it for this platform"),
    ],
)
def test_bundle_that_is_none_fails_the_step(tmp_path: Path, name: str, bundle: str, told: str) -> None:
    """Without the command, and without a bundle that installs it, a step ends with 2 and says why."""
    step = _github(name, tmp_path, {"bundle": bundle}, PATH=BARE)

    assert step.code == 2
    assert told in step.said


@needs_bash
def test_instance_is_judged(url: str, tmp_path: Path) -> None:
    """An instance inside its contract is told as such, with the reports, and the run's own summary; address and
    credentials may be variables of the job, as a step that has started a mock sets one."""
    given = {"arguments": QUICK, "username": "admin", "reports": "here"}
    step = _github("check-live", tmp_path, given, OL_URL=url, OL_PASSWORD="password")

    assert (step.code, step.output) == (0, {"verdict": "inside", "reports": "here"}), step.said
    assert (tmp_path / "here" / "report.json").is_file()
    assert step.summary


@needs_bash
def test_instance_that_cannot_be_judged_fails_the_step(url: str, tmp_path: Path) -> None:
    """A wrong password is `unjudged`, and fails the step with 2; so does an address that nobody named."""
    given = {"url": url, "username": "admin", "password": HOSTILE, "arguments": QUICK}
    wrong = _github("check-live", tmp_path, given)
    nowhere = _github("check-live", tmp_path, {})

    assert (wrong.code, wrong.output["verdict"]) == (2, "unjudged")
    assert (nowhere.code, "url must name the instance" in nowhere.said) == (2, True)
    assert not list(tmp_path.rglob("stolen"))


@needs_bash
@pytest.mark.parametrize("reports", ["r\nverdict=inside", "r\rverdict=inside", "\n"])
def test_input_writes_no_output_of_its_own(tmp_path: Path, reports: str) -> None:
    """A folder with a line break in its name would write another output, such as a verdict: the step refuses it."""
    step = _github("check-live", tmp_path, {"url": "http://127.0.0.1:9", "reports": reports})

    assert (step.code, step.output) == (2, {})
    assert "::error::reports must be one path, without a line break." in step.said


@needs_bash
@needs_curl
def test_what_a_failed_mock_said_stands_between_its_marks(tmp_path: Path) -> None:
    """Commands in the log of a mock that didn't start are stopped: in one stream, by a token that nobody guesses."""
    step = _github("mock", tmp_path, {"arguments": "--stores=::set-env name=X::y"})
    stopped = re.search(r"^::stop-commands::(mock-[0-9a-f]{32})\n(.*)^::\1::$", step.errors, re.DOTALL | re.MULTILINE)

    assert stopped is not None, step.said
    assert "::set-env name=X::y" in stopped[2]
    assert step.errors.endswith("::error::The mock has ended before it answered.\n")


@pytest.mark.parametrize("name", NAMES)
def test_inputs_never_stand_in_a_script(name: str) -> None:
    """An action's script names no expression: GitHub would put an input's text into it, as code. Each input is handed
    over as a variable, and described."""
    action = _action(name)
    (step,) = action["runs"]["steps"]

    assert "${{" not in step["run"]
    assert {found[1] for value in step["env"].values() for found in INPUT.finditer(value)} == action["inputs"].keys()
    assert all(each["description"] for each in (*action["inputs"].values(), *action["outputs"].values()))


def test_example_judges_a_store_that_its_mock_has() -> None:
    """The example of the guide gives the actions inputs that they have, and judges one of the stores that its mock was
    started with."""
    example = next(block for block in EXAMPLES if "actions/mock@" in block)
    steps = Source("example", example.encode()).content
    given = {name: step["with"] for name in NAMES for step in steps if f"/actions/{name}@" in step.get("uses", "")}
    stores = re.search(r"--stores=(\S+)", given["mock"]["arguments"])

    assert stores
    assert given["check-live"]["store"] in stores[1].split(",")
    assert all(values.keys() <= _action(name)["inputs"].keys() for name, values in given.items())


# ---------------------------------------------------------------- GitLab
def _component(inputs: Mapping[str, str]) -> tuple[Any, Any]:
    """The head of the component, and its job as GitLab would make it of these inputs."""
    head, body = COMPONENT.read_text("utf-8").split("\n---\n")
    spec = Source("head", head.encode()).content["spec"]
    given = {name: each.get("default") for name, each in spec["inputs"].items()} | dict(inputs)
    (job,) = Source("body", PARAMETER.sub(lambda found: given[found[1]], body).encode()).content.values()
    return spec, job


def _gitlab(folder: Path, inputs: Mapping[str, str], **more: str) -> subprocess.CompletedProcess[str]:
    """The script of the component's job, run as GitLab would: its lines in one shell that ends with the first error."""
    _, job = _component(inputs)
    environment = {"PATH": PATH, "HOME": str(folder), **job["variables"], **more}
    command = [BASH, "-eo", "pipefail", "-c", "\n".join(job["script"])]
    return subprocess.run(  # noqa: S603 (our own script)
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


@needs_bash
def test_component_judges_an_instance(url: str, tmp_path: Path) -> None:
    """The job of the component holds an instance against the contract, and leaves the reports that it keeps."""
    options = " ".join(QUICK.split())
    ran = _gitlab(tmp_path, {"url": url, "arguments": options}, OL_USERNAME="admin", OL_PASSWORD="password")
    _, job = _component({})

    assert ran.returncode == 0, ran.stdout + ran.stderr
    for kept in (*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]):
        assert (tmp_path / kept).exists()


@needs_bash
def test_component_takes_a_baseline(url: str, tmp_path: Path) -> None:
    """A baseline is handed to the run, which refuses one that isn't there; the guide's example gives the component
    inputs that it has."""
    ran = _gitlab(tmp_path, {"url": url, "baseline": "of this project.toml"}, OL_USERNAME="admin", OL_PASSWORD="x")
    spec, _ = _component({})
    example = next(block for block in EXAMPLES if "component:" in block)
    (included,) = Source("example", example.encode()).content["include"]

    assert (ran.returncode, "of this project.toml" in ran.stderr) == (2, True)
    assert included["inputs"].keys() <= spec["inputs"].keys()


@needs_bash
@needs_curl
def test_component_starts_a_mock_if_it_has_no_instance(tmp_path: Path) -> None:
    """Without an instance the job starts the mock, waits for it, judges that, and leaves none behind."""
    with MockServer() as free:
        port = free.url.rsplit(":", 1)[1]  # which nobody has, a moment later
    ran = _gitlab(tmp_path, {"arguments": " ".join(QUICK.split()), "mock-port": port})

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (tmp_path / "reports" / "report.json").is_file()
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"http://127.0.0.1:{port}/_mock/health")


@needs_bash
def test_component_tells_what_it_lacks(tmp_path: Path) -> None:
    """Without the command and without a bundle the job says so, and has judged nothing."""
    ran = _gitlab(tmp_path, {}, PATH="/usr/bin:/bin")

    assert (ran.returncode, "names no bundle of a release" in ran.stderr) == (2, True)


@needs_bash
def test_component_runs_no_input(url: str, tmp_path: Path) -> None:
    """What stands in an input or a variable of the component is never run."""
    hostile = HOSTILE.replace('"', "'")
    ran = _gitlab(tmp_path, {"url": url, "store": hostile, "yes-host": hostile, "arguments": hostile})

    assert ran.returncode != 0
    assert not list(tmp_path.rglob("stolen"))


def test_component_has_no_input_in_a_script() -> None:
    """Inputs stand in the job's variables, its name, its stage and its image, never in a script."""
    spec, job = _component({"bundle": "mock.tar"})
    _, _, body = COMPONENT.read_text("utf-8").partition("\n---\n")
    script = body.partition("  script:")[2].partition("  artifacts:")[0]

    assert not PARAMETER.search(script)
    assert all(each["description"] for each in spec["inputs"].values())
    assert job["variables"]["BUNDLE"] == "mock.tar"
