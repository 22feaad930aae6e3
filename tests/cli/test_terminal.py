"""mockserver.cli.terminal and mockserver.escaping: what strangers wrote is shown without harm."""

import ast
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.control import Control
from rich.text import Text

import mockserver
from mockserver.cli import cli, terminal
from mockserver.escaping import screen
from mockserver.testing import MockServer, Receiver, Respond
from tests.support.commands import ask, pretender
from tests.support.subscriptions import EVENT, subscribe

CODE = Path(mockserver.__file__).parent
PRINTERS = {"cli/terminal.py", "cli/command_line.py", "cli/serve.py"}  # the last two have no time to import the first
STEERING = [
    "\x1b[31m", "\x1b]0;title\x07", "\x1b]52;c;aGk=\x07", "\x9b31m", "\x90q\x9c", "\r", "\b\b", "\x7f", "\x00", "\x85",
    "\u2028", "\u2029", "\u202e", "\u2066", "\u200f", "\ufeff", "\ud800", "\U000e0041",
]  # fmt: skip


# ---------------------------------------------------------------- what prints
def _prints(path: Path) -> bool:
    """Whether a module prints by itself, or makes a console."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return not {"click.echo", "click.secho", "print", "Console"}.isdisjoint(map(ast.unparse, calls))


def test_all_that_is_printed_passes_one_place() -> None:
    """No command prints by itself: what it shows passes `terminal`, or a screen."""
    assert {path.relative_to(CODE).as_posix() for path in CODE.rglob("*.py") if _prints(path)} == PRINTERS


@pytest.mark.parametrize("text", STEERING)
def test_screens_show_no_control_characters(text: str) -> None:
    """Strings and styled texts are printed without what could steer a terminal, and are no markup; styles stay."""
    out = io.StringIO()
    console = screen(file=out, force_terminal=True, color_system="standard")

    console.print(f"[red]{text}", Text(text, style="red"), terminal.line((text, "red")))

    assert out.getvalue().startswith("[red]")
    assert out.getvalue().replace("\x1b[31m", "").replace("\x1b[0m", "").removesuffix("\n").isprintable()


def test_screens_draw_anew_in_their_place() -> None:
    """What code of ours controls the terminal with is no text, and passes."""
    out = io.StringIO()
    console = screen(file=out, force_terminal=True)

    console.line(2)
    console.print(Control.move(1, 0))

    assert out.getvalue() == "\n\n\x1b[1C"


@pytest.mark.parametrize("text", STEERING)
def test_json_is_ascii(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON says the same, in characters that nothing can be steered by."""
    terminal.print_json({text: text})

    printed = capsys.readouterr().out.removesuffix("\n")
    assert printed.isascii()
    assert printed.isprintable()
    assert json.loads(printed) == {text: text}


# ---------------------------------------------------------------- commands
HOSTILE = "\x1b[2J\x9b31m\u202e\x7f"


def _harmless(output: str) -> bool:
    return all(line.isprintable() for line in output.split("\n"))


def test_answers_of_receivers_are_harmless(mock: MockServer) -> None:
    """What a receiver answers steers no terminal, whichever command shows it."""
    reaction = Respond(500, HOSTILE.encode(), headers={"X-Evil": "\x9b31m"})
    with Receiver(reaction) as receiver:
        subscribe(mock, receiver.url)
        commands = [["trigger", EVENT], ["deliveries"], ["deliveries", "1-1"], ["deliveries", "1-1", "--json"]]
        outputs = [ask(mock.url, *command).output for command in [*commands, ["resend", "1-1"]]]

    assert all(outputs)
    assert all(map(_harmless, outputs))


NAMES = ["deliveryId", "messageId", "eventName", "storeCode", "subscriptionId", "url", "createdAt", "status", "reason"]
DELIVERY: dict[str, object] = {**dict.fromkeys(NAMES, HOSTILE), "attempts": []}
PAGE = {"items": [DELIVERY], "total": 1, "forgotten": 0, "revision": 1, "emptied": 0}


@pytest.mark.parametrize("arguments", [["deliveries"], ["deliveries", "--json"], ["deliveries", "x"], ["resend", "x"]])
def test_answers_of_a_pretender_are_harmless(arguments: list[str]) -> None:
    """What isn't a mock steers no terminal by what it answers."""
    settings = {"stores": [HOSTILE], "deliveryTimeout": 1}
    config = {"version": HOSTILE, "contract": HOSTILE, "seed": HOSTILE, "settings": settings}
    with pretender({"/_mock/config": (200, config), "/_mock/deliveries": (200, PAGE)}, (200, DELIVERY)) as url:
        result = ask(url, *arguments, *(["--no-wait"] if arguments[0] == "resend" else []))

    assert result.output
    assert _harmless(result.output)


@pytest.mark.parametrize("command", ["lint", "diff"])
@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["text", "json"])
def test_documents_are_harmless(tmp_path: Path, command: str, as_json: list[str]) -> None:
    """What stands in a contract steers no terminal, and forges no line of what is found."""
    files = []
    for version, name in enumerate((f"/a{HOSTILE}", f"/b{HOSTILE}\nforged.yaml:1: nothing found")):
        responses = {"200": {"description": "", "content": {name: {"schema": {"type": HOSTILE}}}}}
        document = {"openapi": "3.0.0", "info": {"title": HOSTILE, "version": "1"},
                    "paths": {name: {"get": {"operationId": name, "responses": responses}}}}  # fmt: skip
        files.append(tmp_path / f"{version}.json")
        files[-1].write_text(json.dumps(document))

    result = CliRunner().invoke(cli, ["spec", command, *map(str, files[command == "lint" :]), *as_json])

    assert result.output
    assert _harmless(result.output)
    assert not any(line.startswith("forged") for line in result.output.split("\n"))
