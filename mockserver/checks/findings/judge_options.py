"""The options that every judge has: by which contract, what is known already, what fails, and where its reports go."""

from dataclasses import KW_ONLY, dataclass

from mockserver.checks.findings.report import SEVERITIES
from mockserver.errors import SettingsError


@dataclass(frozen=True)
class JudgeOptions:
    """The options that every judge has. `spec` is another contract than ours, `spec_root` the folder that it may refer
    to, `overlay` corrects it first, `baseline` is a file of known findings, `compare` an earlier report, `fail_on` the
    least severity that fails. Raises SettingsError for a severity that is none, and for an overlay of nothing."""

    _: KW_ONLY
    spec: str | None = None
    spec_root: str | None = None
    overlay: str | None = None
    baseline: str | None = None
    compare: str | None = None
    fail_on: str = SEVERITIES[-1]
    report_dir: str = "mockserver-report"

    def __post_init__(self) -> None:
        if self.overlay and not self.spec:
            raise SettingsError("--overlay corrects a contract that --spec names. Give --spec, too.")
        if self.fail_on not in SEVERITIES:
            raise SettingsError(f"fail-on must be one of {', '.join(SEVERITIES)}, not {self.fail_on!r}.")
