"""`make generated-clients`: a walkthrough is judged by the calls that the mock saw and by what it printed."""

import re
from pathlib import Path

import pytest

from tests.support.repository import ROOT
from tools.generated_clients.__main__ import CALLS, WARNING, judge, problems, report
from tools.generated_clients.languages import ALL, PLACES, WALKTHROUGHS, Client

GUIDE = (ROOT / "docs" / "generated-clients.md").read_text("utf-8")
PRINTED = """\
29 events, a key of 70 characters
zoe@example.com, a token of 3 parts
a transaction with an id of 36 characters
TransactionRegistered since 2026-01-15
a new key of 70 characters
a new token of 3 parts
400 customer.email: This value is already used.
"""
CASTS = re.compile(r": any|<any|cast\(|Any\b|@ts-|type: ignore|@SuppressWarnings|\w!\.| as (?!const)|\.\([a-z*]*\)$")
PROSE = re.compile(r"\s*(//|#|import |from |\"\"\")")
ECHO = Client("Echo", "walkthrough.go", lock="none", make=("true",), compile=(), run=("echo", "hello"))


def test_walkthroughs_are_judged() -> None:
    """A walkthrough is good if it made all calls in order, with these answers, and printed what they hold."""
    assert problems(CALLS, PRINTED) == []
    (calls,) = problems(CALLS[:-1], PRINTED)
    assert calls.startswith("its calls were adminLoginCheck 200, ")
    (printed,) = problems(CALLS, PRINTED.replace("70", "0"))
    assert printed.startswith("it printed '29 events, a key of 0 characters")


def test_client_that_does_nothing_fails(tmp_path: Path) -> None:
    """A program that ends well but asks for nothing is found out, and so is one that can't be compiled."""
    _, idle = judge(ECHO, tmp_path / "idle")
    _, broken = judge(ECHO._replace(compile=(("sh", "-c", "echo no such type; exit 2"),)), tmp_path / "broken")

    assert idle[0].startswith("its calls were none; expected adminLoginCheck 200, ")
    assert broken == ["sh -c echo no such type; exit 2: exit code 2", "no such type"]


def test_warnings_are_counted(tmp_path: Path) -> None:
    """The warnings of generators and compilers count; their other lines don't."""
    said = [
        "[main] WARN  Failed to get a name",
        "a.java:1: warning: [serial] no id",
        "warning: old",
        "0 warnings found",
    ]
    client = ECHO._replace(make=("printf", r"%s\n", *said))

    assert judge(client, tmp_path / "warned")[0] == 3
    assert not WARNING.findall("no warning here")


def test_what_is_missing_is_skipped_visibly() -> None:
    """Without a program, a library or the generator, the reason is told, and it is no failure."""
    poor = ECHO._replace(programs=("no-such-program",), library=Path("/no/such/folder"))

    assert report(poor) == ("Echo: SKIPPED, no-such-program and /no/such/folder isn't installed", False)
    text, failed = report(ECHO, lambda lock: f"{lock} can't be reached")
    assert (text, failed) == ("Echo: SKIPPED, its generator can't be installed: none can't be reached", False)


@pytest.mark.parametrize("client", ALL, ids=lambda client: client.name)
def test_guide_tells_what_there_is(client: Client) -> None:
    """The guide names each walkthrough, with the lines that it has; none casts a type or switches a check off."""
    glue, lines = client.glue
    (row,) = (line for line in GUIDE.splitlines() if f"/{client.walkthrough})" in line)
    code = (WALKTHROUGHS / client.walkthrough).read_text("utf-8")

    assert row.endswith(f"| {lines} | {glue} |")
    assert not CASTS.search("".join(line for line in code.splitlines(keepends=True) if not PROSE.match(line)))


def test_commands_name_no_machine() -> None:
    """Commands name places by the words that are replaced: where the project lies is known when they run."""
    for client in ALL:
        for command in (client.make, *client.compile, client.run):
            assert not any(place in word for word in command for place in PLACES.values())
