"""What only Unix has, found in the syntax of a module: imports, attributes, arguments and paths that fail on Windows.

A place is guarded, and isn't found, if it stands in a branch of an `if` (or a conditional expression, or an `and` or
`or`) that asks for `sys.platform`, `os.name`, `hasattr` or one of `os.supports_…`; behind such an `if` that leaves the
block; or in a `try` that catches what an import or an attribute that isn't there raises. `getattr` with a default needs
no guard.
"""

import ast
from collections.abc import Iterator
from typing import NamedTuple


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODULES = _words(
    """crypt curses fcntl grp nis ossaudiodev posix pty pwd readline resource spwd syslog termios tty uvloop"""
)
# By the names of their modules. What a module like that gains isn't known here: a new one goes into its line.
ATTRIBUTES = {
    "os": _words(
        """O_ACCMODE O_ASYNC O_CLOEXEC O_DIRECT O_DIRECTORY O_DSYNC O_NDELAY O_NOATIME O_NOCTTY O_NOFOLLOW
        O_NONBLOCK O_PATH O_SYNC O_TMPFILE WEXITSTATUS WIFEXITED WIFSIGNALED WNOHANG WTERMSIG chown chroot
        confstr copy_file_range ctermid eventfd fchdir fchmod fchown fdatasync fork forkpty geteuid getegid
        getgid getgroups getloadavg getpgid getpgrp getpriority getresgid getresuid getsid getuid initgroups
        killpg lchmod lchown login_tty lockf memfd_create mkfifo mknod nice openpty pidfd_open pipe2 posix_spawn
        posix_spawnp pread preadv ptsname pwrite pwritev readv register_at_fork sched_getaffinity
        sched_setaffinity sched_yield sendfile setegid seteuid setgid setgroups setpgid setpriority setregid
        setreuid setsid setuid statvfs fstatvfs sync sysconf tcgetpgrp tcsetpgrp ttyname uname wait wait3 wait4
        waitid writev"""
    ),
    "signal": _words(
        """ITIMER_REAL SIGALRM SIGBUS SIGCHLD SIGCONT SIGHUP SIGIO SIGKILL SIGPIPE SIGPROF SIGQUIT SIGSTOP SIGTSTP
        SIGTTIN SIGTTOU SIGUSR1 SIGUSR2 SIGWINCH SIG_BLOCK SIG_UNBLOCK alarm getitimer pause pthread_kill
        pthread_sigmask setitimer siginterrupt sigpending sigwait sigwaitinfo"""
    ),
    "socket": _words(
        """AF_NETLINK AF_PACKET AF_UNIX CMSG_LEN MSG_DONTWAIT MSG_NOSIGNAL SCM_RIGHTS SO_BINDTODEVICE SO_PEERCRED
        SO_REUSEPORT TCP_QUICKACK TCP_USER_TIMEOUT sethostname"""
    ),
    "select": _words("""EPOLLIN epoll kqueue poll"""),
    "time": _words("""CLOCK_BOOTTIME CLOCK_MONOTONIC clock_gettime pthread_getcpuclockid tzset"""),
    "shutil": frozenset({"chown"}),
}
METHODS = _words(
    """add_signal_handler remove_signal_handler create_unix_connection create_unix_server open_unix_connection
        start_unix_server connect_read_pipe connect_write_pipe"""
)
ARGUMENTS = _words("""dir_fd pass_fds preexec_fn""")
PATHS = ("/dev/", "/proc/", "/sys/", "/tmp", "/var/", "/etc/", "/bin/", "/usr/")  # noqa: S108 (to find them)
CATCHES = _words("""ImportError ModuleNotFoundError AttributeError NotImplementedError""")
LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)


class Place(NamedTuple):
    """A place in a module that fails where only Unix has what it needs."""

    line: int
    what: str


def unix_only(module: ast.Module) -> list[Place]:
    """The places of a module that need Unix and aren't guarded, in order."""
    return sorted(set(_found(module.body, _prose(module))))


def _prose(module: ast.Module) -> set[int]:
    """The expressions that are texts alone, by their identity: docstrings, which nothing reads."""
    return {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}


def _found(block: list[ast.stmt], prose: set[int]) -> Iterator[Place]:
    """The places of the statements of a block, up to a guard that leaves it."""
    for statement in block:
        yield from _in(statement, prose)
        if isinstance(statement, ast.If) and _asks(statement.test) and isinstance(statement.body[-1], LEAVES):
            return


def _in(node: ast.AST, prose: set[int]) -> Iterator[Place]:
    """The places of a node, its guarded parts left out."""
    if isinstance(node, ast.If | ast.IfExp) and _asks(node.test):
        return
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _in(value, prose)
            if _asks(value):
                return
        return
    yield from _of(node, prose)
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(node, ast.Try) and _catches(node):
            continue
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield from _found(value, prose)
        else:
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _in(child, prose)


def _of(node: ast.AST, prose: set[int]) -> Iterator[Place]:
    """The place that a node itself is, if it is one."""
    match node:
        case ast.Import(names=names):
            yield from (Place(node.lineno, f"import {each.name}") for each in names if _is_unix(each.name))
        case ast.ImportFrom(module=str(module), names=names, level=0):
            if _is_unix(module):
                yield Place(node.lineno, f"import {module}")
            only = ATTRIBUTES.get(module, frozenset())
            yield from (Place(node.lineno, f"{module}.{each.name}") for each in names if each.name in only)
        case ast.Attribute(value=ast.Name(id=module), attr=name) if name in ATTRIBUTES.get(module, ()):
            yield Place(node.lineno, f"{module}.{name}")
        case ast.Attribute(attr=name) if name in METHODS:
            yield Place(node.lineno, f".{name}")
        case ast.keyword(arg=str(name)) if name in ARGUMENTS:
            yield Place(node.value.lineno, f"{name}=")
        case ast.Constant(value=str(text)) if id(node) not in prose and text.startswith(PATHS):
            yield Place(node.lineno, text.split("\n", 1)[0])


def _is_unix(module: str) -> bool:
    return module.partition(".")[0] in MODULES


def _asks(test: ast.expr) -> bool:
    """Whether a condition asks what the system has."""
    for node in ast.walk(test):
        match node:
            case (
                ast.Attribute(value=ast.Name(id="sys"), attr="platform")
                | ast.Attribute(value=ast.Name(id="os"), attr="name")
            ):
                return True
            case ast.Attribute(value=ast.Name(id="os"), attr=name) if name.startswith("supports_"):
                return True
            case ast.Call(func=ast.Name(id="hasattr")):
                return True
    return False


def _catches(node: ast.Try) -> bool:
    """Whether a `try` catches what an import or an attribute that isn't there raises."""
    caught = (handler.type for handler in node.handlers)
    names = (name.id for type_ in caught if type_ for name in ast.walk(type_) if isinstance(name, ast.Name))
    return any(name in CATCHES for name in names)
