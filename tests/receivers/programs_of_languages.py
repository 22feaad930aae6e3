"""Right receivers in other languages: programs that verify by the guide's functions."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.receivers.right import PATH
from tools.signature_check.languages import sample

PROGRAMS = Path(__file__).parent / "programs"


class Program(NamedTuple):
    """A program: the mark of its language in the guide, the file that the guide's code becomes, its own, and the
    commands that compile and start it. `here` stands for the folder in which all of it is."""

    mark: str
    code: str
    program: str
    commands: tuple[tuple[str, ...], ...]

    @property
    def missing(self) -> list[str]:
        """What this machine lacks for it."""
        return [command[0] for command in self.commands if not shutil.which(command[0])]

    @contextmanager
    def serving(self, secret: str, folder: Path) -> Iterator[str]:
        """Its URL, until the end of the context. `folder` is empty."""
        (folder / self.code).write_text(sample(self.mark), "utf-8")
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


NODE = Program("js", "verification.mjs", "receiver.mjs", (("node", "here/receiver.mjs"),))
GO = Program(
    "go",
    "verification.go",
    "receiver.go",
    (("go", "build", "-o", "here/program", "here/receiver.go", "here/verification.go"), ("env", "here/program")),
)
