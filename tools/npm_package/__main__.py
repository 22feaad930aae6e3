"""Makes the npm packages in dist/npm, and tries them: `python -m tools.npm_package [--sources-only]`.

js/ is held against the contract and compiled; the executable is made; js/'s tests run on it; both packages are packed,
and tried from their tarballs in an empty folder. With `--sources-only` no executable is made: the tests run on
the mock of this checkout, and nothing is packed.

Exit code 0: all is well, or was skipped (it says so), as Node.js, npm or a registry is missing; 1: it isn't.
"""

import argparse
import os
import re
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import node
from tools.npm_package import executable, packages
from tools.npm_package.trial import Trial
from tools.programs import ROOT, Failure, Missing, run, say

MEGA = 1_000_000


def main(arguments: list[str]) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make npm-package", description="Makes the npm packages in dist/npm.")
    parser.add_argument("--sources-only", action="store_true", help="check and test js/, and make no executable")
    options = parser.parse_args(arguments)
    started = time.monotonic()  # noqa: TID251 - real seconds are told
    try:
        found = _check() if options.sources_only else _make()
    except Missing as reason:
        say(f"npm-package: SKIPPED, {reason}")
        return 0
    except Failure as failure:
        found = [str(failure)]
    for problem in found:
        say(f"npm-package: {problem}")
    say(f"npm-package: {len(found)} problems, {time.monotonic() - started:.0f} s")  # noqa: TID251
    return int(bool(found))


def _check() -> list[str]:
    """Check, compile and test js/ with the mock of this checkout."""
    _compile()
    _test(Path(sys.executable).with_name("mockserver"))
    return []


def _make() -> list[str]:
    """Make, test, pack and try the packages; returns what is wrong with them."""
    _compile()
    made = executable.make()
    _test(made.program)
    tarballs = packages.pack(made)
    say(f"executable: {executable.size(made.folder) / MEGA:.1f} MB")
    for tarball in tarballs:
        say(f"{tarball.relative_to(ROOT)}: {tarball.stat().st_size / MEGA:.2f} MB")
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) / "project"
        folder.mkdir()
        trial = Trial(folder, tarballs)
        trial.install()
        for name, seconds in trial.seconds().items():
            say(f"  {name}: {seconds}")
        return list(trial.problems())


def _compile() -> None:
    """Check and compile js/; what it exports is what is public."""
    node.install(packages.JS)
    packages.check_sources()
    packages.compile_sources()
    packages.check_names()


def _test(program: Path) -> None:
    """Run the tests of js/ with a mock."""
    variables = {**os.environ, "OPENLOYALTY_MOCKSERVER": str(program), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    said = run(["npm", "test", "--silent"], packages.JS, variables)
    totals = re.findall(r"^ *(?:Test Files|Tests) .*$", said, re.MULTILINE)
    say("js/: " + ", ".join(" ".join(line.split()) for line in totals))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
