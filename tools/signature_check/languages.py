"""The languages of the guide: the code of each, and how its program is run."""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tools.signature_check.signed_requests import SignedRequest

HERE = Path(__file__).resolve().parent
GUIDE = HERE.parents[1] / "docs" / "webhook-signatures.md"
TIMEOUT = 120  # seconds: Go compiles first


class Language(NamedTuple):
    """A language: its name, the mark of its code in the guide, the file that code becomes, the program that uses it,
    and the commands that compile and run that. `here` stands for the folder in which all of it is."""

    name: str
    mark: str
    code: str
    program: str
    commands: tuple[tuple[str, ...], ...]

    @property
    def missing(self) -> list[str]:
        """The programs that it needs and this machine lacks."""
        return [command[0] for command in self.commands if not shutil.which(command[0])]

    def verdicts(self, requests: Sequence[SignedRequest], folder: Path) -> dict[str, bool]:
        """What the guide's code says of each request: whether it is authentic. `folder` is empty, and used for files.

        Raises CalledProcessError or TimeoutExpired if the code can't be run.
        """
        (folder / self.code).write_text(sample(self.mark), "utf-8")
        shutil.copy(HERE / self.program, folder)
        places = [str(request.write(folder / "requests")) for request in requests]
        *compile_first, run = ([part.replace("here", str(folder)) for part in command] for command in self.commands)
        for command in compile_first:
            _output(command, folder)
        lines = _output([*run, *places], folder).split()
        return {request.name: line == "authentic" for request, line in zip(requests, lines, strict=True)}


ALL = (
    Language("Python", "python", "verification.py", "main.py", ((sys.executable, "here/main.py"),)),
    Language("Node.js", "js", "verification.mjs", "main.mjs", (("node", "here/main.mjs"),)),
    Language("PHP", "php", "verification.php", "main.php", (("php", "here/main.php"),)),
    Language(
        "Java",
        "java",
        "WebhookSignature.java",
        "Main.java",
        (("javac", "-d", "here", "here/Main.java", "here/WebhookSignature.java"), ("java", "-cp", "here", "Main")),
    ),
    Language(
        "Go",
        "go",
        "verification.go",
        "main.go",
        (("go", "build", "-o", "here/program", "here/main.go", "here/verification.go"), ("env", "here/program")),
    ),
    Language("Ruby", "ruby", "verification.rb", "main.rb", (("ruby", "here/main.rb"),)),
    Language(
        "C#",
        "csharp",
        "WebhookSignature.cs",
        "Main.cs",
        (("mcs", "-out:here/program.exe", "here/Main.cs", "here/WebhookSignature.cs"), ("mono", "here/program.exe")),
    ),
)


def sample(mark: str) -> str:
    """The code of the guide in the language with this mark."""
    (code,) = re.findall(rf"^```{mark}\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return str(code)


def _output(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT, check=True)  # noqa: S603
    return done.stdout
