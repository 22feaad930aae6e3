"""mockserver.cli.serve: its banner, its end, and what a start imports."""

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import httpx2
import pytest

from mockserver import __version__
from mockserver.cli.serve import Served, announcement, banner
from mockserver.http.server import listen
from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.cli.processes import COMMAND, TIMEOUT, bare_environment, run, served, url_in

MASK = "********"


def test_taken_port_is_told_without_a_banner() -> None:
    """A port in use ends with code 2 and one line: which port, and what to do."""
    with listen("127.0.0.1", 0) as listener:
        port = str(listener.getsockname()[1])

        ended = run("serve", "--port", port)

    assert ended.returncode == 2
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"Error: Can't listen on 127.0.0.1:{port} ")
    assert "Stop what uses it, or choose another port" in line


def test_bad_signing_key_is_told_without_a_banner(tmp_path: Path) -> None:
    """A file that holds no key ends with code 2 and one line that names it."""
    path = tmp_path / "no.pem"
    path.write_text("nothing")

    ended = run("serve", "--port", "0", "--signing-key", str(path))

    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"Error: The signing key {path} can't be used")


def test_serves_until_interrupted() -> None:
    """`serve` says where it listens when it answers, and Ctrl-C ends it with code 130 and without a traceback."""
    with served("--log-level", "warning") as (process, shown):
        assert httpx2.get(f"{url_in(shown)}/_mock/health").json() == {"status": "ok"}

        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=TIMEOUT)

    assert process.returncode == 130
    assert rest.strip() == ""


def test_ends_while_a_client_is_connected() -> None:
    """A client that keeps its connection doesn't hold up the end."""
    with served("--log-level", "warning") as (process, shown), httpx2.Client() as http:
        http.get(f"{url_in(shown)}/_mock/health")

        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=TIMEOUT)

    assert process.returncode == 130
    assert rest.strip() == ""


def test_ends_while_a_request_is_open() -> None:
    """A client that never sends its body gets a moment, no more."""
    request = b"POST /api/admin/login_check HTTP/1.1\r\nHost: mock\r\nContent-Length: 100\r\n\r\n{"
    with served("--log-level", "warning") as (process, shown):
        host, port = url_in(shown).removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(request)
            httpx2.get(f"{url_in(shown)}/_mock/health")  # answered after the other request was begun
            process.send_signal(signal.SIGINT)
            _, rest = process.communicate(timeout=TIMEOUT)

    assert process.returncode == 130
    assert rest.strip() == ""


def test_ends_on_request_of_the_system() -> None:
    """SIGTERM, as containers send it, ends the mock just as quietly."""
    with served("--log-level", "warning") as (process, _):
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=TIMEOUT)

    assert process.returncode == -signal.SIGTERM
    assert rest.strip() == ""


def test_no_line_of_a_request_is_lost() -> None:
    """However soon the mock ends after its last answers, the log has a line for each."""
    with served("--log-level", "info") as (process, shown), httpx2.Client() as http:
        for _ in range(20):
            http.get(f"{url_in(shown)}/_mock/health")

        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=TIMEOUT)

    assert rest.count("GET /_mock/health 200") == 20


def test_settings_come_from_options_before_variables() -> None:
    """A setting is read from its variable, unless its option says something else."""
    environment = {"MOCKSERVER_STORES": "ONE, TWO", "MOCKSERVER_SEED": "7"}
    with served("--seed", "8", "--log-level", "info", **environment) as (process, shown):
        key = {"X-AUTH-TOKEN": "mock-api-key"}
        assert httpx2.get(f"{url_in(shown)}/api/TWO/webhook/event?a=b", headers=key).status_code == 200
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=TIMEOUT)

    assert "  stores    ONE, TWO\n" in shown
    assert "  seed      8\n" in shown
    assert re.fullmatch(r"\d{4}-\d\d-\d\d [\d:,]+ GET /api/TWO/webhook/event 200 [\d.]+ ms", rest.strip())


def test_banner_shows_what_everybody_knows() -> None:
    """The default credentials are shown in clear, with all addresses."""
    shown = banner(Settings(), "http://127.0.0.1:8181", 42)

    for expected in (
        f"Open Loyalty mock {__version__} on http://127.0.0.1:8181\n",
        "http://127.0.0.1:8181/docs ",
        "http://127.0.0.1:8181/openapi.yaml",
        "admin     admin / password\n",
        "member    member / password\n",
        "X-AUTH-TOKEN: mock-api-key\n",
        "stores    DEFAULT\n",
        "seed      42\n",
        "control   http://127.0.0.1:8181/_mock ",
        "mockserver listen",
    ):
        assert expected in shown


@pytest.mark.parametrize(
    ("operations", "webhooks", "told"),
    [(3, 2, "(operations: 3)"), (0, 0, "(operations: 0)"), (0, 2, "it describes webhooks only, 2 of them)")],
)
def test_banner_tells_what_there_is_to_call(operations: int, webhooks: int, told: str) -> None:
    """A document of webhooks alone is served, and who starts it learns why nothing answers."""
    served = Served("Zoo 1", "", operations, webhooks)

    assert told in announcement(Settings(), "http://127.0.0.1:8181", 42, served)


def test_banner_names_the_engine_that_is_no_default() -> None:
    """Whoever is served by Connexion can see it."""
    shown = banner(Settings(engine="connexion"), "http://127.0.0.1:8181", 42)

    assert "engine    connexion   (docs/connexion.md)\n" in shown


def test_banner_tells_that_nobody_can_steer() -> None:
    """Without a control plane no address of it is shown."""
    assert "control   off\n" in banner(Settings(control=False), "http://127.0.0.1:8181", 42)


def test_banner_masks_what_is_secret() -> None:
    """A password or key of one's own is never shown, not in the line to copy either; user names are."""
    settings = Settings(
        admin_username="boss", admin_password="secret-one", member_password="secret-two", api_key="secret-three"
    )

    shown = banner(settings, "http://127.0.0.1:8181", 1)

    assert "secret" not in shown
    assert f"admin     boss / {MASK}\n" in shown
    assert f"member    member / {MASK}\n" in shown
    assert f"X-AUTH-TOKEN: {MASK}\n" in shown
    assert f'{{"username":"boss","password":"{MASK}"}}' in shown


def test_masked_secrets_work() -> None:
    """What the banner masks is what the mock goes by."""
    with served("--admin-password", "s3cr3t", MOCKSERVER_API_KEY="k3y") as (_, shown):
        url = url_in(shown)
        login = httpx2.post(f"{url}/api/admin/login_check", json={"username": "admin", "password": "s3cr3t"})
        events = httpx2.get(f"{url}/api/DEFAULT/webhook/event", headers={"X-AUTH-TOKEN": "k3y"})

    assert (login.status_code, events.status_code) == (200, 200)
    assert "s3cr3t" not in shown
    assert "k3y" not in shown


@pytest.mark.parametrize("username", ["admin", """o'ne"il"""])
def test_line_to_copy_works(signing_key: str, username: str) -> None:
    """The curl of the banner logs in as it stands, whatever the admin is called."""
    with MockServer(Settings(port=0, signing_key=signing_key, admin_username=username)) as mock:
        line = banner(mock.settings, mock.url, 1).splitlines()[-1]
        command, url, *options = shlex.split(line)
        header, body = options[options.index("-H") + 1], options[options.index("--data-binary") + 1]

        name, value = header.split(": ")
        answer = httpx2.post(url, content=body, headers={name: value})

    assert command == "curl"
    assert answer.status_code == 200


def test_start_imports_what_it_needs_and_no_more(tmp_path: Path) -> None:
    """What a start needs is imported, and no more: never Connexion or what tests, and, once the contract was read,
    nothing that reads contracts."""
    imported = [_imported_by("--cache-dir", str(tmp_path)) for _ in range(2)]

    assert "yaml" in imported[0]
    assert not imported[0] & {"connexion", "schemathesis", "hypothesis", "pytest", "httpcore", "rich", "urllib3"}
    assert not imported[1] & {"connexion", "yaml", "httpx2", "httpcore2", "rich", "requests", "jinja2"}
    assert not imported[1] & {
        "mockserver.openapi.loading",
        "mockserver.openapi.examples.drafts",
        "http.cookies",
        "importlib.resources",
    }


def test_json_needs_no_yaml(tmp_path: Path) -> None:
    """Another contract, if it is JSON and was served before, is read without what reads YAML or fetches."""
    spec = tmp_path / "contract.json"
    spec.write_text('{"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {}}', "utf-8")
    _, imported = [_imported_by("--cache-dir", str(tmp_path / "cache"), "--spec", str(spec)) for _ in range(2)]

    assert "mockserver.openapi.loading" in imported
    assert not imported & {"connexion", "yaml", "urllib.request", "http.client"}


def test_what_serves_has_few_dataclasses() -> None:
    """Records are named tuples, which an import makes in a sixth of the time: a start makes some forty of them."""
    code = (
        "import sys, mockserver.app, mockserver.http.server; print(*sorted({thing.__name__ for name, module in "
        "sys.modules.items() if name.startswith('mockserver') for thing in vars(module).values() "
        "if isinstance(thing, type) and '__dataclass_fields__' in vars(thing) "
        "and thing.__module__.startswith('mockserver')}))"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    assert shown.stdout.split() == ["Response", "Settings"]


def _imported_by(*options: str) -> set[str]:
    """The modules that `serve` has imported when its banner is there, and their packages."""
    command = [sys.executable, "-X", "importtime", *COMMAND[1:], "serve", "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=bare_environment()) as process:  # noqa: S603
        assert process.stderr is not None
        lines = list(takewhile(lambda line: " on http://" not in line, process.stderr))
        process.terminate()
        process.stderr.read()
    names = {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}
    return names | {name.partition(".")[0] for name in names}


def test_json_lines_from_the_start() -> None:
    """With --log-format json each line of the log is an object, the first one tells where and what the mock is."""
    lines: list[dict[str, object]] = []
    with served("--log-format", "json") as (process, first):
        lines.append(json.loads(first))
        httpx2.get(f"{lines[0]['url']}/nothing")
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=TIMEOUT)
    lines += map(json.loads, filter(None, rest.splitlines()))  # Ctrl-C ends with an empty one

    assert (lines[0]["message"], lines[0]["version"]) == ("The mock has started.", __version__)
    assert {"url", "version", "contract", "seed"} <= lines[0].keys()  # docs/upgrading.md
    assert (lines[1]["path"], lines[1]["status"], lines[1]["level"]) == ("/nothing", 404, "INFO")


@pytest.mark.parametrize(
    ("signing", "told"),
    [(None, "2, signed by Standard Webhooks"), ("vendor", "2, signed as Open Loyalty does"), ("none", "2, not signed")],
)
def test_banner_tells_how_events_are_signed(signing: str | None, told: str) -> None:
    """Whoever serves another contract with events learns how they are signed, and what shows them."""
    settings = Settings(webhook_signing=signing)
    shown = announcement(settings, "http://127.0.0.1:8181", 1, Served("Zoo 1", "", 1, 2))

    assert f"  events    {told}   (`mockserver listen`; " in shown
    assert "events" not in announcement(settings, "http://127.0.0.1:8181", 1, Served("Zoo 1", "", 1))


def test_banner_of_another_contract_says_where_it_is() -> None:
    """Base path and number of operations of another contract are in its banner."""
    shown = announcement(Settings(), "http://127.0.0.1:8181", 1, Served("Zoo 1", "/v1", 3))

    assert "  API       http://127.0.0.1:8181/v1   (operations: 3)" in shown.splitlines()


def test_killed_replica_loses_nothing(database: str) -> None:
    """What a replica has answered is known to another one, after it was killed without a word."""
    with served("--storage", database) as (_, left), served("--storage", database) as (process, lost):
        headers = {"X-AUTH-TOKEN": "mock-api-key"}
        for number in range(20):
            body = {"customer": {"email": f"{number}@example.com"}}
            httpx2.post(f"{url_in(lost)}/api/DEFAULT/member", json=body, headers=headers).raise_for_status()
        process.kill()

        found = httpx2.get(f"{url_in(left)}/api/DEFAULT/analytics/members", headers=headers).json()

    assert found["total"] == 21  # with the one of the start
    assert "  storage   PostgreSQL; recorded requests stay in this replica   (docs/replicas.md)" in left


def test_missing_extra_says_what_to_install() -> None:
    """Without asyncpg a database is refused in one line, which says what to install."""
    code = (
        "import sys; sys.modules['asyncpg'] = None; sys.argv = ['mockserver', 'serve', '--storage', 'postgresql://h/d'];"
        "from mockserver.__main__ import main; main()"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=TIMEOUT)  # noqa: S603

    assert done.returncode == 2
    assert done.stderr == (
        "Error: --storage needs asyncpg: install what it uses by `pip install 'openloyalty-mockserver[postgres]'`.\n"
    )
