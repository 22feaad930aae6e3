"""Lines to paste: a shell takes every word as it is."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.run import sweep_line
from mockserver.checks.transport import shell_lines
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError

HERE = Options("http://127.0.0.1:1", Credentials(api_key="key"))
WORDS = [
    "plain", "", "it's", "'", "$(id)", "`id`", "${HOME}", "a b", "-x", "--ledger", "!x", "~", "*", "a\nb", "\x1b[2J",
    "a\\b\n", "\ufffe", "ü\u2028\u202e", "&& rm -rf x", "a;b|c>d", "#a", "\udcff\udcfe", "\x011", "\t", '"$OL_X',
    "😀\x7f",
]  # fmt: skip


def _pasted(line: str) -> list[bytes]:
    """The words that a shell makes of a line."""
    run = ["bash", "-c", f"printf '%s\\0' {line}"]
    environment = {"OL_TOKEN": "the token", "LC_ALL": "C.UTF-8"}
    return subprocess.run(run, capture_output=True, check=True, env=environment).stdout.split(b"\0")[:-1]  # noqa: S603


def test_words_are_taken_as_they_are() -> None:
    """Quotes, substitutions, line breaks and control characters mean nothing; the line itself has none of these."""
    line = shell_lines.command(WORDS)

    assert _pasted(line) == [word.encode("utf-8", "surrogateescape") for word in WORDS]
    assert line.isprintable()


@pytest.mark.parametrize("around", ["", "Bearer ", "it's ", "\x1b "])
def test_placeholders_are_variables(around: str) -> None:
    """A secret is put in by the shell, and by nothing else."""
    assert _pasted(shell_lines.command([f"{around}$OL_TOKEN{around}"])) == [f"{around}the token{around}".encode()]


@pytest.mark.parametrize("text", ["@/etc/passwd", "a=b&c", '{"a": "it\'s"}', "$(id)", "x\n@y", "-d"])
def test_a_request_is_the_request(text: str) -> None:
    """A body is sent as it was, never a file in its place; the address may hold anything."""
    line = shell_lines.curl("PO ST", f"http://a/?q={text}", {"Content-Type": text, "X": "hidden"}, text.encode(), str)

    expected = ["-sg", "-X", "PO ST", "-H", f"Content-Type: {text}", "--data-raw", text, f"http://a/?q={text}"]
    assert _pasted(line.removeprefix("curl ")) == [word.encode() for word in expected]


def test_a_whole_request_has_all_headers() -> None:
    """Those of a contract, and an empty one; a body without a type gets none."""
    line = shell_lines.whole_curl("POST", "http://a/", {"X-Depth": "7", "X-Empty": ""}, b"x")

    assert line == "curl -sg -H 'X-Depth: 7' -H 'X-Empty;' -H Content-Type: --data-raw x http://a/"


@pytest.mark.parametrize(
    ("method", "body", "words"),
    [
        ("GET", b"", ""),
        ("GET", b"x", " -X GET --data-raw x"),
        ("POST", b"", " -X POST"),
        ("POST", b"x", " --data-raw x"),
        ("HEAD", b"", " --head"),
    ],
)
def test_the_method_is_the_method(method: str, body: bytes, words: str) -> None:
    """curl sends POST for any body, and waits for one after `-X HEAD`."""
    assert shell_lines.curl(method, "http://a/", {}, body, str) == f"curl -sg{words} http://a/"


def test_a_large_body_is_named() -> None:
    """Two megabytes don't fit a line."""
    line = shell_lines.curl("POST", "http://a/", {}, b"x" * 2**21, str)

    assert line == "curl -sg --data-binary @body http://a/ # body: a file of 2097152 bytes"


def test_a_whole_request_may_have_its_body_in_a_file() -> None:
    """The shell takes the name as it is."""
    line = shell_lines.whole_curl("PUT", "http://a/", {}, b"x", "a folder/body")

    assert line.endswith("-X PUT -H Content-Type: --data-binary '@a folder/body' http://a/ # body: a file of 1 bytes")


def test_the_line_that_finishes_a_sweep_can_be_pasted() -> None:
    """Whatever a folder is called."""
    line = sweep_line(Path("-r $(id)/it's.jsonl"), "http://127.0.0.1:1/$(id)", HERE)

    assert _pasted(line)[2:] == [b"--ledger=-r $(id)/it's.jsonl", b"--url=http://127.0.0.1:1/$(id)"]


def test_a_line_that_finishes_a_sweep_names_no_variable() -> None:
    """The address in a ledger may be anybody's: what looks like a placeholder there mustn't become a password."""
    line = sweep_line(Path("$OL_TOKEN.jsonl"), "http://127.0.0.1:1/$OL_PASSWORD", HERE)

    assert _pasted(line)[2:] == [b"--ledger=$OL_TOKEN.jsonl", b"--url=http://127.0.0.1:1/$OL_PASSWORD"]


def test_a_line_that_finishes_a_sweep_has_the_contract_and_the_consent_of_the_run() -> None:
    """Without them `sweep` ends at once, as it doesn't know what the ledger names, or nobody agreed to the host."""
    contract = replace(HERE, spec="a pet.yaml", spec_root="..", overlay="mend.yaml")
    options = replace(contract, url="http://pets.test", yes_host=("pets.test", "10.0.0.1"))

    words = _pasted(sweep_line(Path("ledger.jsonl"), options.url, options))[4:]

    named = [b"--spec=a pet.yaml", b"--spec-root=..", b"--overlay=mend.yaml"]
    assert words == [*named, b"--yes-host=pets.test", b"--yes-host=10.0.0.1"]


def test_the_consent_can_be_pasted() -> None:
    """A host comes from an address that somebody else may have written."""
    with pytest.raises(SettingsError, match=r"--yes-host '\$\(id\)\.test'"):
        Options("http://$(id).test/", Credentials(api_key="key")).check_consent()
