"""The files of patches: one for each cause, and one with all that are proven."""

from pathlib import Path

from mockserver.checks.drift.run import DriftOutcome
from mockserver.checks.reporting import files

FOLDER, ALL = "patches", "openapi.patch"


def write_patches(outcome: DriftOutcome, report_dir: str) -> list[Path]:
    """Write `openapi.patch`, and `patches/ID.patch` for each finding that has one; those of an earlier run go. Returns
    the paths of what shows first. Raises SettingsError if there is no place for them."""
    folder, own = Path(report_dir), Path(report_dir) / FOLDER
    found = {finding.id: finding.patch for finding in outcome.report.findings if finding.patch}
    try:
        for old in (*own.glob("*.patch"), folder / ALL):
            old.unlink(missing_ok=True)
        if not found:
            return []
        files.make_folder(own)
        for name, patch in found.items():
            files.write(own / f"{name}.patch", [patch])
        if outcome.patch:
            files.write(folder / ALL, [outcome.patch])
    except OSError as error:
        raise files.unwritable(folder, error) from error
    return [own, folder / ALL] if outcome.patch else [own]
