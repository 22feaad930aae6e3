"""Right receivers that are programs: in other languages, and in the frameworks of the guide. They verify by the guide's
functions, and two of them are the guide's own receivers."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.receivers.right import PATH
from tools.programs import ROOT, Failure, Missing, run
from tools.signature_check.languages import sample

PROGRAMS = Path(__file__).parent / "programs"
GUIDE = ROOT / "docs" / "check-receiver.md"
PINNED, INSTALLED = ROOT / "tools" / "pinned", ROOT / "tools" / ".cache"


class Program(NamedTuple):
    """A program: the mark of its language in the guide, the file that the guide's code becomes, its own, and the
    commands that compile and start it. `here` stands for the folder in which all of it is. `form` are a heading of the
    guide to receivers and the file that its code becomes; `packages` is a folder of tools/pinned with what it takes."""

    mark: str
    code: str
    program: str
    commands: tuple[tuple[str, ...], ...]
    form: tuple[str, str] = ("", "")
    packages: str = ""

    @property
    def missing(self) -> str:
        """What this machine lacks for it, as far as that can be told without a registry; empty if it is all there."""
        lacks = [command[0] for command in self.commands if not shutil.which(command[0])]
        if self.packages and not (self._installed / "node_modules").is_dir():
            lacks.append(f"the packages of tools/pinned/{self.packages}")
        return ", ".join(lacks)

    def prepare(self) -> None:
        """Install the packages that it takes, once per change of their lock. Raises Missing if they can't be had."""
        if self.packages:
            script = PINNED / "install_node_tools.sh"
            try:
                run(["bash", script, self.packages], missing="its packages can't be installed")
            except Failure as error:
                raise Missing(str(error)) from error
        if self.missing:
            raise Missing(f"{self.missing} isn't there")

    @contextmanager
    def serving(self, secret: str, folder: Path) -> Iterator[str]:
        """Its URL, until the end of the context. `folder` is empty."""
        (folder / self.code).write_text(sample(self.mark), "utf-8")
        heading, file = self.form
        if heading:
            (folder / file).write_text(form(heading), "utf-8")
        if self.packages:
            (folder / "node_modules").symlink_to(self._installed / "node_modules")
        shutil.copy(PROGRAMS / self.program, folder)
        *compile_first, start = ([word.replace("here", str(folder)) for word in one] for one in self.commands)
        for command in compile_first:
            subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603 (our own)
        with subprocess.Popen([*start, secret, PATH], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 (the same)
            assert process.stdout
            try:
                yield process.stdout.readline().strip()
            finally:
                process.kill()

    @property
    def _installed(self) -> Path:
        return INSTALLED / self.packages


def form(heading: str) -> str:
    """The code of the guide to receivers under a heading."""
    (code,) = re.findall(rf"^### {heading}\n\n```\w+\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return str(code)


NODE = Program("js", "verification.mjs", "receiver.mjs", (("node", "here/receiver.mjs"),))
GO = Program(
    "go",
    "verification.go",
    "receiver.go",
    (("go", "build", "-o", "here/program", "here/receiver.go", "here/verification.go"), ("env", "here/program")),
)
FASTAPI = Program(
    "python",
    "verification.py",
    "fastapi_receiver.py",
    ((sys.executable, "here/fastapi_receiver.py"),),
    ("FastAPI", "receiver.py"),
)
EXPRESS = Program(
    "js",
    "verification.mjs",
    "express_receiver.mjs",
    (("node", "here/express_receiver.mjs"),),
    ("Express", "receiver.mjs"),
    "receivers",
)
