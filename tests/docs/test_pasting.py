"""Blocks for a shell, in all documents and descriptions: they can be pasted as they are, into bash and into zsh."""

import re
from functools import cache

import pytest

from tests.support.pasting import blocks
from tests.support.repository import ROOT, committed
from tools.static_site.sources import Sources

WRITTEN = [name for name in committed() if name.endswith(".md")]
CONTRACTS = ["openapi.yaml", "mockserver/control/control.yaml"]
QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*\"""", re.DOTALL)
# An interactive zsh knows no comments, and takes an unquoted `?` or `[` for a pattern that has to fit a file.
COMMENT = re.compile(r"(^|\s)#", re.MULTILINE)
PATTERN = re.compile(r"(?<!\$)[?[]")
# What goes on until Ctrl-C, or takes the next line that is pasted for its input.
ENDLESS = re.compile(
    r"^(.* )?(make (mock|tour)|mockserver (serve|listen|proxy)|read|uvicorn|hypercorn|granian|python3 receiver\.py)\b"
)

# Commands of .venv, and the line by which a shell finds them.
INSTALLED = re.compile(r"^(\w+=\S+ )*(mockserver|st|uvicorn|hypercorn|granian) ", re.MULTILINE)
PATH = 'export PATH="$PWD/.venv/bin:$PATH"'


@cache
def _texts() -> dict[str, str]:
    """What may be pasted from: documents, contracts, and the pages of the site, by name."""
    files = {name: (ROOT / name).read_text("utf-8") for name in [*WRITTEN, *CONTRACTS]}
    return files | {f"{name} of the site": text for name, text in Sources().pages.items()}


def _found(pattern: re.Pattern[str]) -> dict[str, list[str]]:
    """The lines of blocks that have a pattern outside of quotes, by document."""
    lines = {
        name: [line for block in blocks(text) for line in QUOTED.sub("''", block).splitlines() if pattern.search(line)]
        for name, text in _texts().items()
    }
    return {name: found for name, found in lines.items() if found}


def test_blocks_are_found() -> None:
    """Documents, descriptions in contracts and pages of the site have blocks to judge, indented ones included."""
    assert [name for name in ("README.md", "openapi.yaml", "index of the site") if not blocks(_texts()[name])] == []
    assert blocks("- so:\n\n  ```sh\n  a \\\n    b\n  ```\n") == ["a \\\n  b\n"]


@pytest.mark.parametrize(
    ("pattern", "why"), [(COMMENT, "zsh takes it for words, and its apostrophes for quotes"), (PATTERN, "quote it")]
)
def test_blocks_are_the_same_to_zsh(pattern: re.Pattern[str], why: str) -> None:
    """No block has a comment: what there is to say stands beside it. What zsh takes for a pattern is quoted."""
    assert _found(pattern) == {}, why


def test_blocks_end_with_what_does_not_end() -> None:
    """What goes on until it is stopped, or reads from the terminal, is the last line of its block."""
    early = {
        name: [line for block in blocks(text) for line in block.splitlines()[:-1] if ENDLESS.match(line)]
        for name, text in _texts().items()
    }

    assert {name: lines for name, lines in early.items() if lines} == {}


def test_commands_are_found() -> None:
    """Where a block has a command that is installed in .venv, the document says how a shell finds it."""
    users = [name for name, text in _texts().items() if any(INSTALLED.search(block) for block in blocks(text))]

    assert users
    assert [name for name in users if PATH not in _texts()[name]] == []
