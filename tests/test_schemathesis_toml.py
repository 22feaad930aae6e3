"""Plain Schemathesis, as schemathesis.toml has it: green on the mock, harmless on an instance that isn't ours."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mockserver.http.messages import Request, Response
from mockserver.settings import Settings
from tests.checks.instance import STORES, Instance, Respond, ids_in
from tests.support.repository import ROOT, committed, tree

BASH = shutil.which("bash") or ""
PLAIN = "st run openapi.yaml"
(LINES,) = re.findall(
    rf"```sh\n(export OL_URL[^`]*^[^\s]*{PLAIN}[^`]*)```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE
)
FEW = ("--no-color", "--seed", "1", "--max-examples", "10")
MOCK = {"OL_STORE": "DEFAULT", "OL_USERNAME": "admin", "OL_PASSWORD": "password"}
STAGING = {"OL_STORE": "OTHER", "OL_USERNAME": "ops@example.com", "OL_PASSWORD": "other-secret"}
POSING = Settings(
    stores=STORES,
    admin_username=STAGING["OL_USERNAME"],
    admin_password=STAGING["OL_PASSWORD"],
    member_password="another-secret",
    login_rate_limit=20,
    seed=1,
    log_level="warning",
)
HOSTS = re.compile(r"[a-z]+://([^/?#\"\s]*)", re.IGNORECASE)
LOADER = "schemathesis.openapi.from_"
LOGINS = ("/login_check", "/token/refresh")


@dataclass
class Ear:
    """What was sent to an instance, and the ids that it gave to new subscriptions."""

    bodies: list[str] = field(default_factory=list)
    made: set[str] = field(default_factory=set)

    def front(self, respond: Respond) -> Respond:
        """What to put before the mock."""

        async def answer(request: Request) -> Response:
            self.bodies.append((await request.read(2**20)).decode("utf-8", "replace"))
            response = await respond(request)
            if request.method == "POST" and request.path.endswith("/webhook/subscription") and response.status < 300:
                self.made.add(json.loads(response.body)["webhookSubscriptionId"])
            return response

        return answer


@pytest.mark.whole_runs
@pytest.mark.skipif(not BASH, reason="bash is needed to paste")
def test_plain_schemathesis_is_green_on_the_mock() -> None:
    """The lines of the README on the mock: no failures, no warnings, links followed, and nothing is left."""
    with Instance() as mock:
        before = mock.snapshot()
        lines = LINES.replace("http://localhost:8181", mock.url).replace(PLAIN, f"{PLAIN} {' '.join(FEW)}")
        ran = _run([BASH, "-e", "-c", lines], {})

        assert mock.snapshot() == before
    assert ran.returncode == 0, ran.stdout
    assert "No issues found" in ran.stdout
    assert "12 selected / 15 total" in ran.stdout
    assert int(re.findall(r"(\d+) covered", ran.stdout)[0]) >= 6
    assert "are deleted now" in ran.stdout


@pytest.mark.whole_runs
def test_plain_schemathesis_is_harmless_on_staging() -> None:
    """On a mock that poses as staging, too. It ends no session there, makes no member, sends no address that leads
    anywhere, follows links to records of its own, logs in less than the vendor allows, and leaves all as it was."""
    ear = Ear()
    with Instance(ear.front, POSING) as staging:
        others, before = set(staging.inhabit()), staging.snapshot()
        staging.log.clear()
        ran = _st(staging.url, STAGING)
        log, bodies, made = staging.log.copy(), ear.bodies[-len(staging.log) :], ear.made - others

        assert staging.snapshot() == before
    assert "No issues found" in ran.stdout, ran.stdout
    assert not [path for _, path in log if path.endswith(("/revoke", "/member", "/transaction"))]
    assert {host for host in _hosts(bodies) if not host.endswith(".invalid")} == set()
    assert {path.split("/")[2] for _, path in log if path.startswith("/api/")} == {"OTHER", "admin", "token"}
    assert sum(path.endswith(LOGINS) for _, path in log) < POSING.login_rate_limit
    assert ids_in(log, {"GET"}) & ids_in(log, {"PUT"}) & ids_in(log, {"DELETE"}) & made
    assert not ids_in(log, {"GET", "PUT", "POST", "DELETE"}) & others


def _hosts(bodies: Iterable[str]) -> set[str]:
    return {host for body in bodies for host in HOSTS.findall(body)}


@pytest.mark.parametrize("name", ["OL_URL", *MOCK])
def test_missing_variable_is_named(name: str) -> None:
    """Without one of its variables nothing is sent, and the error names it."""
    variables = {variable: value for variable, value in MOCK.items() if variable != name}
    ran = _st(None if name == "OL_URL" else "http://127.0.0.1:1", variables)

    assert ran.returncode == 2
    assert f"Missing environment variable: `{name}`" in ran.stdout


def test_documents_of_other_titles_are_left_alone() -> None:
    """A document of another title is run as if there were no schemathesis.toml."""
    code = """
from schemathesis.config import SchemathesisConfig
for title in ("Open Loyalty", "Pets"):
    project = SchemathesisConfig.discover().projects.get({"info": {"title": title}})
    print(project.base_url, project.hooks, sorted(project.parameters), len(project.operations.operations))
"""
    ran = _run([sys.executable, "-c", code], {"OL_URL": "http://127.0.0.1:1", **MOCK})

    assert ran.stdout.splitlines() == [
        "http://127.0.0.1:1 tools/schemathesis_hooks.py ['path.storeCode'] 4",
        "None None [] 0",
    ]


def test_nothing_else_here_reads_the_file() -> None:
    """Every schema that code of ours loads by Schemathesis gets its configuration: without one, Schemathesis looks for
    schemathesis.toml in the folder that it is run in."""
    modules = [ROOT / name for name in committed() if name.endswith(".py")]
    loading = [tree(path) for path in modules if LOADER in path.read_text("utf-8")]
    calls = [node for module in loading for node in ast.walk(module) if isinstance(node, ast.Call)]
    loaders = [call for call in calls if ast.unparse(call.func).startswith(LOADER)]

    assert len(loaders) > 4
    assert [ast.unparse(one) for one in loaders if "config" not in {keyword.arg for keyword in one.keywords}] == []


def _st(url: str | None, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`st run openapi.yaml` at the top of the repository, as fast as it can."""
    variables = variables | ({} if url is None else {"OL_URL": url})
    return _run([*PLAIN.split(), *FEW, "--rate-limit", "9999/s"], variables)


def _run(command: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    others = {name: value for name, value in os.environ.items() if not name.startswith("OL_")}
    command = [shutil.which(command[0], path=path) or command[0], *command[1:]]
    return subprocess.run(  # noqa: S603 (our own command)
        command, cwd=ROOT, env={**others, "PATH": path, **variables}, capture_output=True, text=True, check=False
    )
