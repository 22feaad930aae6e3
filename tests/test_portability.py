"""The package starts where Python does: what only Unix has stands behind a guard, and a checker finds it if not."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.portability import ATTRIBUTES, MODULES, unix_only
from tests.support.repository import CODE, ROOT, tree

# Places that no guard of the checker's covers, each with the reason why it is none of its business.
REACHED_ON_UNIX_ALONE = {
    "mockserver/openapi/loading/folder.py": {"dir_fd="},  # of the walk, which `stepwise` chooses
}

PLANTED = [
    "import fcntl",
    "import os.path, pwd",
    "from resource import getrlimit",
    "from uvloop.loop import Loop",
    "from os import fork",
    "def f():\n    import termios",
    "class A:\n    import tty",
    "async def f():\n    import pty",
    "if x:\n    import grp",
    "try:\n    import fcntl\nexcept OSError:\n    pass",
    "try:\n    pass\nexcept ImportError:\n    import fcntl",
    "os.killpg(1, 9)",
    "x = lambda: os.geteuid()",
    "x = {os.O_NOFOLLOW: 1}",
    "@f(os.getuid())\ndef g(): ...",
    "def f(x=os.O_NONBLOCK): ...",
    "x = f'{os.getpgid(1)}'",
    "with os.fork() as x:\n    pass",
    "match x:\n    case 1:\n        os.fork()",
    "signal.signal(signal.SIGHUP, f)",
    "signal.SIGUSR1",
    "loop.add_signal_handler(2, f)",
    "asyncio.get_running_loop().create_unix_server(f)",
    "socket.socket(socket.AF_UNIX)",
    "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)",
    "open('/dev/stdin')",
    "Path('/tmp/x')",
    "os.stat(name, dir_fd=3)",
    "subprocess.run(x, preexec_fn=f)",
    "while True:\n    os.wait()",
    "if x:\n    return\nos.fork()",
    "if sys.platform == 'win32':\n    pass\nos.fork()",
    "os.getuid() or hasattr(os, 'getuid')",
]
GUARDED = [
    "if sys.platform != 'win32':\n    import fcntl",
    "if os.name == 'posix':\n    import pwd\nelse:\n    pwd = None",
    "try:\n    import fcntl\nexcept ImportError:\n    fcntl = None",
    "try:\n    import uvloop\nexcept (ImportError, OSError):\n    pass",
    "x = None if sys.platform == 'win32' else os.getuid()",
    "hasattr(os, 'getuid') and os.getuid()",
    "not hasattr(os, 'getuid') or a or os.getuid()",
    "def f():\n    if sys.platform == 'win32':\n        return 1\n    return os.sysconf('x')",
    "for x in y:\n    if not hasattr(os, 'fork'):\n        continue\n    os.fork()",
    "if os.open in os.supports_dir_fd:\n    os.open('x', 0, dir_fd=3)",
    "getattr(os, 'O_NOFOLLOW', 0)",
    "'''Of /dev/stdin.'''",
    "'''/dev/stdin is none.'''",
    "def f():\n    '''/tmp'''",
    "from .resource import x",
    "from mockserver import resource",
    "import resources",
    "self.fork()",
    "signal.SIGTERM",
    "x = 'a/tmp'",
]


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_asks_for_unix_unguarded(path: Path) -> None:
    """No module of the package imports, calls or names what Windows lacks, but behind a guard; no exception is left
    over."""
    found = {place.what for place in unix_only(tree(path))}

    assert found == REACHED_ON_UNIX_ALONE.get(path.relative_to(ROOT).as_posix(), set())


@pytest.mark.parametrize("code", PLANTED)
def test_planted_cases_are_found(code: str) -> None:
    """Each thing that only Unix has is found, wherever it stands in a module."""
    assert len(unix_only(ast.parse(code))) == 1


@pytest.mark.parametrize("code", GUARDED)
def test_guarded_cases_are_not_found(code: str) -> None:
    """What is guarded, what is a default, and what only looks like it is left alone."""
    assert unix_only(ast.parse(code)) == []


def test_places_are_told_in_order() -> None:
    """A place has its line and what it asks for."""
    assert unix_only(ast.parse("import os\nos.fork()\nx = 1\nimport pwd, grp")) == [
        (2, "os.fork"),
        (4, "import grp"),
        (4, "import pwd"),
    ]


def test_package_is_a_program() -> None:
    """`python -m mockserver` is the command, also where no script is on the path and the folder is another."""
    command = [sys.executable, "-m", "mockserver", "--version"]
    ran = subprocess.run(command, cwd=ROOT.parent, env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=True)  # noqa: S603

    assert ran.stdout.startswith(b"mockserver, version ")


NO_UNIX = """
import os, sys
MODULES = %r
for name in MODULES: __import__(name)  # with all that they need from elsewhere, which isn't ours to judge
for name in [name for name in sys.modules if name.partition('.')[0] == 'mockserver']: del sys.modules[name]
sys.platform = 'win32'
for name in %r: sys.modules[name] = None
for name in %r: vars(os).pop(name, None)
for name in MODULES: __import__(name)
"""


def test_modules_load_without_what_unix_has() -> None:
    """Every module can be imported by a Python that says it runs on Windows, and lacks what it lacks there: modules
    of Unix, and those parts of `os`."""
    names = [path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in CODE]
    modules = [name.removesuffix(".__init__") for name in names if name != "mockserver.asgi"]  # it makes a mock
    lacking = sorted(ATTRIBUTES["os"] - {"sched_yield"})
    program = NO_UNIX % (modules, sorted(MODULES - {"posix"}), lacking)

    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=False)  # noqa: S603

    assert ran.stderr.decode()[-2000:] == ""
