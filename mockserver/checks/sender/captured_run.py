"""A run of `check sender --captured`: it judges requests that somebody else captured, and sends nothing."""

from dataclasses import dataclass, field
from pathlib import Path

from mockserver.checks.findings.concluding import conclude
from mockserver.checks.findings.judge_options import JudgeOptions
from mockserver.checks.findings.judged_contract import judged_surface
from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.findings.report import Report
from mockserver.checks.findings.sender_promises import SenderPromise
from mockserver.checks.findings.source_locations import SourceLocations
from mockserver.checks.sender import standard_rules
from mockserver.checks.sender.assumptions import states
from mockserver.checks.sender.captured import forget_keys, read, sequences, subscriptions
from mockserver.checks.sender.deliveries import EVENT_NAME, Caught
from mockserver.checks.sender.judgement import Judge, standing
from mockserver.checks.sender.observations import Gap, Observation
from mockserver.checks.sender.request_rules import RequestRules
from mockserver.checks.sender.run import COMMAND
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import SECRET, Credentials
from mockserver.clock import Clock
from mockserver.errors import SettingsError
from mockserver.openapi.contract import Contract

REPORTS = "mockserver-report/captured"
OF_A_CATCHER = (
    "signatures of {} requests to the catcher of `check sender` aren't judged: its subscriptions had keys of their "
    "own, which are in no report"
)
NO_RUN = "00000000"  # the id of a run that leaves nothing


@dataclass(frozen=True)
class CapturedOptions(JudgeOptions):
    """The options of such a run. `keys` are the secrets, of which any may have signed; `url` is the subscribed one,
    where the file has another. Raises SettingsError if the reports would take the place of the file."""

    file: Path
    keys: tuple[str, ...] = field(default=(), repr=False)
    url: str | None = None
    report_dir: str = field(default=REPORTS, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.file.resolve().parent == Path(self.report_dir).resolve():
            raise SettingsError(
                f"{self.file} is where the reports would be written, in its place: give another --report-dir."
            )


def check_captured(options: CapturedOptions) -> Outcome:
    """Judge what was captured. Raises ContractError, and SettingsError for a file that can't be read."""
    surface = judged_surface(options)
    contract = surface.contract
    secrets = Secrets(Credentials())
    for key in options.keys:
        secrets.add(key, SECRET)
    requests = read(options.file)
    report = Report(str(options.file), NO_RUN, COMMAND, fail_on=options.fail_on, cases=len(requests))
    others = [one for one in requests if standard_rules.by_standard(one)]
    enveloped = [one for one in requests if one not in others]
    known = [one for one in enveloped if one.member(EVENT_NAME) in contract.event_names]
    unknown = sorted({str(one.member(EVENT_NAME)) for one in enveloped if one not in known})
    report.not_judged += [f"{name}: the contract has no such event" for name in unknown]
    rules, found = RequestRules(contract), list[Observation | Gap](sequences(known))
    names = _judged_by_standard(contract, others, options.keys, report, found)
    by_number = {one.number: one for one in known}
    grouped = [
        (subscription, [by_number[number] for number in numbers])
        for subscription, numbers in subscriptions(known, options.url, options.keys)
    ]
    unknown_keys = forget_keys(grouped)
    for subscription, caught in grouped:
        found += [seen for one in caught for seen in rules.judge(subscription, one)]
    names |= {str(one.member(EVENT_NAME)) for one in known}
    if names:
        gaps = [] if options.keys else [Gap(SenderPromise.SIGNATURE, "no secret was given (MOCKSERVER_WEBHOOK_SECRET)")]
        gaps += [Gap(SenderPromise.SIGNATURE, OF_A_CATCHER.format(unknown_keys))] if unknown_keys else []
        Judge(report, SourceLocations(surface), secrets, shows_requests=False).conclude(found, gaps)
        report.assumptions = states(standing(found))
    report.gate = {"events": f"{len(names)}/{len(contract.event_names)}"}
    conclude(report, options.baseline, options.compare, Clock().now(), {(name, name) for name in names})
    return Outcome(report.cleaned(secrets.redact), (), secrets.redact)


def _judged_by_standard(
    contract: Contract, requests: list[Caught], keys: tuple[str, ...], report: Report, found: list[Observation | Gap]
) -> set[str]:
    """Judge the requests that have no envelope; returns the names of their events."""
    names = set()
    for one in requests:
        name = standard_rules.event_of(contract, one)
        if name is None:
            report.not_judged.append(f"request {one.number}: no event of the contract fits it")
            continue
        names.add(name)
        found += standard_rules.judge(contract, name, one, keys)
    found += standard_rules.sequences(contract, requests)
    return names
