"""The options of a run of `check recording`."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from mockserver.checks.findings.judge_options import JudgeOptions
from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.recording_promises import RecordingPromise
from mockserver.errors import SettingsError

COMMAND = "mockserver check recording"
REPORTS = "mockserver-report/recording"
MOST_NAMED = 3  # files
PROMISES = (
    *(Promise.NOT_A_SERVER_ERROR, Promise.STATUS_CODE_CONFORMANCE, Promise.CONTENT_TYPE_CONFORMANCE),
    *(Promise.RESPONSE_HEADERS_CONFORMANCE, Promise.RESPONSE_SCHEMA_CONFORMANCE, Promise.IGNORED_AUTH),
    *RecordingPromise,
)
"""What a recording is held to."""


@dataclass(frozen=True)
class RecordingOptions(JudgeOptions):
    """The options. `base_urls` are where the contract's paths begin; found by themselves, if there are none. `only` are
    names of operations or promises. Raises SettingsError for values that can't be used."""

    files: tuple[Path, ...]
    base_urls: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    report_dir: str = field(default=REPORTS, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.files:
            raise SettingsError("Name a recording: mockserver check recording FILE.har.")

    @property
    def title(self) -> str:
        """What is judged, in one line."""
        few = len(self.files) <= MOST_NAMED
        return ", ".join(map(str, self.files)) if few else f"{len(self.files)} recordings"

    def chosen(self, operations: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
        """The operations and the promises that are judged. Raises SettingsError for a name that is neither."""
        promises = frozenset(map(str, PROMISES))
        unknown = [name for name in self.only if name not in operations and name not in promises]
        if unknown:
            raise SettingsError(
                f"--only {unknown[0]}: the contract has no such operationId, and there is no such check. The "
                f"checks are {', '.join(PROMISES)}."
            )
        of_operations = frozenset(self.only) & frozenset(operations)
        return of_operations or frozenset(operations), (frozenset(self.only) & promises) or promises
