"""mockserver.cli.completion: what shells offer, by itself and in bash, zsh and fish."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import httpx2
import pytest
from click.shell_completion import ShellComplete

from mockserver.cli import cli, completion
from mockserver.settings import Settings
from mockserver.testing import MockServer, Receiver
from tests.support.commands import ask
from tests.support.repository import ROOT
from tests.support.subscriptions import EVENT, subscribe

SHELLS = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
}
SET_UP = {"bash": "", "zsh": "autoload -Uz compinit; compinit -u -d $HOME/dump; "}
PATIENCE = 60  # seconds, on a busy machine


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    """A mock with two stores, which has sent one delivery."""
    with MockServer(stores="NORTH,SOUTH") as server, Receiver() as receiver:
        subscribe(server, receiver.url, store_code="NORTH")
        ask(server.url, "trigger", EVENT)
        yield server


def _offered(line: str, incomplete: str = "", server: str | None = None) -> list[tuple[str, str]]:
    """What is offered behind a line: the type and the value of each."""
    words = line.split() + (["--server", server] if server else [])
    found = ShellComplete(cli, {}, "mockserver", "_MOCKSERVER_COMPLETE").get_completions(words, incomplete)
    return [(item.type, item.value) for item in found]


def _values(line: str, incomplete: str = "", server: str | None = None) -> list[str]:
    return [value for _, value in _offered(line, incomplete, server)]


def test_commands_and_choices_are_offered() -> None:
    """The names of commands are offered, and the values of options that have few."""
    assert _values("", "tr") == ["trigger"]
    assert _values("deliveries --status", "fa") == ["failed"]


@pytest.mark.parametrize("line", ["trigger", "deliveries --event", "listen --events"])
def test_events_are_offered_in_any_case(line: str) -> None:
    """Events are offered by their beginning, however it is written, without a mock."""
    assert _values(line, "customerreg") == ["CustomerRegistered"]
    assert len(_values(line)) == 29


def test_lists_of_events_go_on_behind_a_comma() -> None:
    """Behind a comma the next event is offered, with those before it, and none of them twice."""
    assert _values("listen --events", "CustomerRegistered,customerupd") == ["CustomerRegistered,CustomerUpdated"]
    assert "CustomerRegistered,CustomerRegistered" not in _values("listen --events", "CustomerRegistered,Cust")


def test_operations_are_offered_in_any_case() -> None:
    """Operations are those of the contract that --spec names, or of the shipped one; no contract offers none."""
    assert _values("proxy --to http://a --fallback-for", "webhookEVENT") == ["webhookEventGetList"]
    assert _values("proxy --spec tests/proxy/pets.yaml --fallback-for", "add") == ["addPet"]
    assert _values("proxy --spec none.yaml --fallback-for") == []


@pytest.mark.parametrize("command", ["trigger", "listen", "deliveries"])
def test_stores_of_the_running_mock_are_offered(mock: MockServer, command: str) -> None:
    """Stores are those of the mock that --server names."""
    assert _values(f"{command} --server {mock.url} --store") == ["NORTH", "SOUTH"]
    assert _values(f"{command} --server {mock.url} --store", "S") == ["SOUTH"]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("deliveries", "deliveryId"),
        ("resend", "deliveryId"),
        ("verify-signature --delivery", "deliveryId"),
        ("deliveries --message", "messageId"),
        ("deliveries --subscription", "subscriptionId"),
        ("deliveries --url", "url"),
    ],
)
def test_ids_of_the_running_mock_are_offered(mock: MockServer, line: str, field: str) -> None:
    """Ids of deliveries, and what they are filtered by, are those of the mock's latest deliveries."""
    (delivery,) = httpx2.get(f"{mock.url}/_mock/deliveries").json()["items"]
    command, *option = line.split()

    assert _values(" ".join([command, "--server", mock.url, *option])) == [str(delivery[field])]


HARMFUL = [
    "http://127.0.0.1:9/$(touch${IFS}x)",
    "http://127.0.0.1:9/`touch`",
    "http://127.0.0.1:9/a;touch",
    "http://127.0.0.1:9/a&touch",
    "http://127.0.0.1:9/?*",
    "http://127.0.0.1:9/{a,b}",
    "http://127.0.0.1:9/'",
    "http://127.0.0.1:9/a\nplain\nb",
    "http://127.0.0.1:9/\x1b[2J",
    "--server=http://127.0.0.1:9",
    "",
]


def test_only_plain_text_of_a_mock_is_offered() -> None:
    """What a shell would run, expand or take as an option isn't offered, and a help that isn't plain isn't shown."""
    fine, other = "http://127.0.0.1:9/a_b-c.d~e%20f+g", "http://127.0.0.1:9/other"
    found = dict.fromkeys(HARMFUL, "E failed") | {fine: "E failed", other: "E\nplain\nb"}

    assert [(item.value, item.help) for item in completion.plain_items(found, "")] == [
        (fine, "E failed"),
        (other, None),
    ]
    assert [item.value for item in completion.plain_items(found, other)] == [other]


def test_address_of_a_receiver_inserts_no_code() -> None:
    """A receiver's address that bash would run isn't offered; one beside it is."""
    harmful, plain = "http://127.0.0.1:9/$(touch${IFS}x)", "http://127.0.0.1:9/plain"
    with MockServer() as server:
        for url in (harmful, plain):
            subscribe(server, url)
        ask(server.url, "trigger", EVENT, "--no-wait")
        told = httpx2.get(f"{server.url}/_mock/deliveries").json()["items"]

        assert {each["url"] for each in told} == {harmful, plain}
        assert _values(f"deliveries --server {server.url} --url") == [plain]


@pytest.mark.parametrize("line", ["trigger x --store", "resend", "deliveries --url"])
def test_nothing_is_offered_without_a_mock(line: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Where no mock answers, or what answers is none, nothing is offered, and nothing is said."""
    command, *option = line.split()
    with Receiver() as stranger:
        for url in ("http://127.0.0.1:1", stranger.url, "nonsense"):
            assert _values(" ".join([command, "--server", url, *option])) == []

    assert capfd.readouterr() == ("", "")


def test_files_and_folders_are_left_to_the_shell() -> None:
    """Options and arguments that name a file or a folder let the shell complete it."""
    named = {setting.name: setting.metadata["names"] for setting in fields(Settings) if setting.metadata["names"]}
    kinds = {name: _offered(f"serve --{name.replace('_', '-')}", "x") for name in named}

    assert kinds == {name: [("dir" if kind == "folder" else kind, "x")] for name, kind in named.items()}
    assert {kind: len([name for name in named if named[name] == kind]) for kind in ("file", "folder")} == {
        "file": 7, "folder": 3
    }  # fmt: skip
    for line in ("spec lint", "spec diff a", "check live --baseline", "check replay x --report", "sweep --ledger",
                 "check recording", "check recording a --spec"):  # fmt: skip
        assert _offered(line, "x") == [("file", "x")], line


# ---------------------------------------------------------------- in shells
def _environment(folder: Path) -> dict[str, str]:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return {"PATH": path, "HOME": str(folder), "PYTHONPATH": str(ROOT), "TERM": "dumb", "PS1": "$ "}


def _read_until(terminal: int, expected: str) -> str:
    """What a terminal shows, until it has shown this, or for as long as is bearable."""
    shown = ""
    while expected not in shown and select.select([terminal], [], [], PATIENCE)[0]:
        shown += os.read(terminal, 4096).decode(errors="replace")
    return shown


def _typed(shell: str, folder: Path, steps: list[tuple[str, str]]) -> list[bool]:
    """Whether a shell in a terminal shows what is expected after each text that is typed."""
    own, others = pty.openpty()
    with subprocess.Popen(  # noqa: S603 (a shell of the machine's)
        SHELLS[shell], stdin=others, stdout=others, stderr=others, env=_environment(folder), start_new_session=True
    ) as process:
        os.close(others)
        seen = []
        for text, expected in steps:
            os.write(own, text.encode())
            seen.append(expected in _read_until(own, expected))
        process.kill()
    os.close(own)
    return seen


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_completes_in_a_terminal(shell: str, tmp_path: Path) -> None:
    """After the line of docs/install.md, in a shell that gets the command on its path later, Tab completes a command
    and the name of an event in a real terminal."""
    if not shutil.which(shell):
        pytest.skip(f"{shell} isn't installed")
    (told,) = re.findall(rf"`(eval .*{shell}_source .*)` \|", (ROOT / "docs" / "install.md").read_text("utf-8"))
    folder = Path(sys.executable).parent
    given = told.replace("/path/to", str(folder))
    line = f"PATH='{os.environ['PATH']}'; {SET_UP[shell]}{given}; PATH='{folder}':$PATH; echo re\"\"ady\n"
    steps = [(line, "\nready"), ("mockserver trig\t", "trigger"), ("CustomerReg\t", "CustomerRegistered")]

    assert _typed(shell, tmp_path, steps) == [True, True, True]


def test_fish_completes(tmp_path: Path) -> None:
    """So does fish, which is asked for its completions."""
    fish = shutil.which("fish")
    if fish is None:
        pytest.skip("fish isn't installed")
    program = "_MOCKSERVER_COMPLETE=fish_source mockserver | source; complete -C 'mockserver trigger CustomerReg'"
    command = [fish, "--no-config", "-c", program]
    ran = subprocess.run(command, env=_environment(tmp_path), capture_output=True, text=True, check=True)  # noqa: S603

    assert ran.stdout.split() == ["CustomerRegistered"]
