"""A cluster of PostgreSQL for the length of a `with` block: in a folder of its own, behind a socket, on no port."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from tools.postgres.binaries import NoPostgres

SETTINGS = ("listen_addresses=", "max_connections=300", "shared_buffers=64MB")
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
NOBODY = "nobody"  # PostgreSQL refuses root


class Cluster:
    """A cluster that is made and started, and in the end stopped and removed. Several run side by side.

    `durable` lets it keep what it has committed, as a real one does; else it is quicker. Raises NoPostgres.
    """

    def __init__(self, binaries: Path, *, durable: bool = False) -> None:
        self._binaries = binaries
        self._settings = SETTINGS if durable else SETTINGS + QUICK
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short, as the paths of sockets have to be
        self._data = self._folder / "data"
        self._user = _unprivileged()
        if self._user:
            shutil.chown(self._folder, self._user["user"], self._user["group"])

    def url(self, database: str = "postgres") -> str:
        """Address of one of its databases."""
        return f"postgresql://postgres@/{database}?host={quote(str(self._folder), safe='')}"

    @property
    def folder(self) -> Path:
        """Where all of it is."""
        return self._folder

    @property
    def pid(self) -> int:
        """Process id of the server. Raises FileNotFoundError while it doesn't run."""
        return int((self._data / "postmaster.pid").read_text("ascii").split()[0])

    def __enter__(self) -> Self:
        options = ("-A", "trust", "-U", "postgres", "--no-sync", "--no-locale", "-E", "UTF8")
        try:
            self._run("initdb", "-D", self._data, *options)
            self.start()
        except (NoPostgres, OSError):
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def start(self) -> None:
        """Start the server; returns when it takes connections."""
        settings = " ".join(f"-c {setting}" for setting in (f"unix_socket_directories={self._folder}", *self._settings))
        self._run("pg_ctl", "-D", self._data, "-l", self._folder / "log", "-w", "-o", settings, "start")

    def stop(self, how: str = "fast") -> None:
        """Stop the server. `fast` cuts off connections and loses nothing, `immediate` is as a crash."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", how, "stop")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if (self._data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: "str | Path") -> None:
        command = [str(self._binaries / program), *map(str, arguments)]
        # Not by pipes: the server would keep them open.
        with tempfile.TemporaryFile() as told:
            code = subprocess.run(  # noqa: S603 (a program of PostgreSQL)
                command, stdin=subprocess.DEVNULL, stdout=told, stderr=told, cwd="/", check=False, **self._user
            ).returncode
            told.seek(0)
            if code:
                raise NoPostgres(f"{program} failed: {told.read().decode(errors='replace').strip()}")


def _unprivileged() -> dict[str, Any]:
    """Whom a program of PostgreSQL runs as, in the words of `subprocess`: as we do, unless we are root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam(NOBODY)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
