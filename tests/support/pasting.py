"""What a document offers for pasting: its blocks for a shell, and a shell into which they are pasted."""

import re
import shutil
import subprocess
from pathlib import Path
from textwrap import dedent

# As they are in a terminal, without the user's settings: to zsh, `#` begins no comment then.
_INTERACTIVE = {"bash": ("--norc", "-e", "-s"), "zsh": ("-f", "-i", "-e", "-s")}
SHELLS = [name for name in _INTERACTIVE if shutil.which(name)]
CAN_PASTE = bool(SHELLS and shutil.which("curl"))

_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


def blocks(text: str, language: str = "sh") -> list[str]:
    """The blocks of a Markdown text in this language, in their order, without their indentation."""
    return [dedent(found[3]) for found in _BLOCK.finditer(text) if found[2] == language]


def pasted(script: str, folder: Path, shell: str) -> str:
    """What these lines print when they are pasted into a terminal.

    Raises AssertionError, with all that they have printed, if one of them fails.
    """
    command = [shutil.which(shell) or shell, *_INTERACTIVE[shell]]
    done = subprocess.run(command, input=f"{script}\n", cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
