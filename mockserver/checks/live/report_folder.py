"""The folder of a run: no other run writes to it at the same time, and the ledger that an earlier one needs for its
sweep stays."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from mockserver.checks.live.planning.options import Options
from mockserver.checks.reporting.files import make_folder
from mockserver.checks.transport import shell_lines
from mockserver.checks.transport.file_locks import hold
from mockserver.checks.transport.ledger import read


@contextmanager
def own_folder(options: Options, run: str) -> Iterator[tuple[Options, str]]:
    """The options with a folder for this run, and the reason if it is another one than they say; empty else.

    The folder is one's own until the end of the context. Its lock ends with the process, whatever ends that. Raises
    SettingsError if there is no place for it.
    """
    folder = Path(options.report_dir)
    make_folder(folder)
    with _locked(folder) as is_free:
        reason = _unswept(options) if is_free else f"another run writes to {folder}"
        if not reason:
            yield options, ""
            return
        make_folder(folder / run)
        with _locked(folder / run):
            yield replace(options, report_dir=str(folder / run)), f"{reason}, so the reports are in {folder / run}"


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold the lock of a folder; False if somebody else holds it. Where folders have none, it is free."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows opens no folders
        yield True
        return
    try:
        yield hold(descriptor)
    finally:
        os.close(descriptor)


def _unswept(options: Options) -> str:
    """The reason to leave the folder's own ledger as it is; empty if nobody needs it. Raises SettingsError if it is
    none."""
    path = options.ledger_path
    if options.ledger or path.is_symlink() or not path.is_file() or not path.stat().st_size:
        return ""
    history = read(path)
    if not history.remaining:
        return ""
    sweep = shell_lines.plain(["mockserver", "sweep", f"--ledger={path}", f"--url={history.url}"])
    return f"run {history.run} has left records (finish its sweep: {sweep})"
