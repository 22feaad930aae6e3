"""`make drift`: does `check drift` find what differs, and nothing on equal sides? Are its patches true?

Without words: ten seeds of a mock beside another one, then beside Connexion's engine, then beside each of the faults.
Of each fault the causes are told, and the patch of all: it is applied, linted, and the run is repeated with it.
"""

import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import openapi_spec_validator

from mockserver.checks.drift import run as judge
from mockserver.checks.drift.options import DriftOptions, usual_credentials
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.live.planning.options import Options
from mockserver.openapi.contract import shipped
from mockserver.openapi.loading import Source
from mockserver.settings import Settings
from mockserver.spec.lint import lint
from tests.checks.instance import STORES, Instance
from tests.mutants.exchange import Answer, Request, Send
from tests.mutants.faults import MUTANTS
from tests.mutants.in_process import Spoiled
from tests.mutants.proxy import Fault

SEEDS = range(1, 11)
EXAMPLES = 2  # generated requests of each operation before a fault; the walk finds most
FAULTS = (  # of those for `check live` that two answers show
    *("created is 201", "deleted is 200", "updated is 202", "missing is 500", "invalid is 422", "unauthorized is 403"),
    *("form is 400", "refused member is 409", "wrong method is 404", "no allow", "retry after is a word"),
    *("no retry after", "list is text", "missing is a page", "error is wrapped", "error is a problem"),
    *("error has no path", "error code is text", "error points elsewhere", "unauthorized has no message"),
    *("new id is missing", "unsigned secret is null", "created at has no time", "created at is a number"),
    *("url is null", "url is missing", "subscription is wrapped", "headers are an object", "legacy is text"),
    *("headers have other names", "hmac enabled is a number", "destination is another", "rows have no id"),
    *("list has no total", "total is text", "items have another name", "events are objects", "figures are text"),
    *("an event is not listed", "figures are broken", "member has another address", "transaction id is no uuid"),
    *("list shows another time", "figures never change", "undeclared property is shown", "connection is cut"),
    *("sorting is reversed", "list keeps the deleted", "secrets are all the same", "updating is forgotten"),
)
APPLIED = frozenset(  # of which the patches are applied, linted, and tried; all others are proven by the run alone
    (
        *("created is 201", "deleted is 200", "list is text", "url is missing", "legacy is text", "url is null"),
        *("missing is a page", "error code is text", "created at has no time", "error has no path", "no allow"),
        *("headers are an object", "a tier is shown", "a tier is shown in rows", "a code of 401 is 498"),
        *("a header more", "a 403 has no code", "an error is XML"),
    )
)
TAGS = {  # in which a fault shows; elsewhere nothing is asked, which takes less time
    "login": ("Authorization",),
    "refresh": ("Authorization",),
    "member": ("Member", "Analytics"),
    "transaction": ("Member", "Transactions"),
    "figures": ("Member", "Analytics"),
    "event": ("Webhook event",),
    "connection": ("Webhook event",),
    "403": ("Analytics",),
    "401 is": ("Authorization",),
}
SUBSCRIPTIONS = ("Webhook subscription",)
Change = Callable[[Answer], Answer]


def _answers(operations: str, status: int, change: Change) -> Fault:
    """A fault that changes answers with a status of some operations."""

    async def fault(request: Request, send: Send) -> Answer:
        answer = await send(request)
        return change(answer) if request.operation in operations.split() and answer.status == status else answer

    return fault


def _with(**more: Any) -> Change:
    return lambda answer: answer.with_json(answer.json | more)


OWN: dict[str, Fault] = {  # each is of another kind, and the contract can be made true
    "a tier is shown": _answers("webhookSubscriptionGet", 200, _with(tier="gold")),
    "a tier is shown in rows": _answers(
        "webhookSubscriptionGetList",
        200,
        lambda one: one.with_json(one.json | {"items": [row | {"tier": None} for row in one.json["items"]]}),
    ),
    "a code of 401 is 498": _answers("adminLoginCheck tokenRefresh", 401, _with(code=498)),
    "a header more": _answers("_webhookSubscriptionPost", 200, lambda one: one.with_header("Location", "/there")),
    "a 403 has no code": _answers("membersStatsGet", 403, lambda one: one.with_json({"message": "Forbidden."})),
    "an error is XML": _answers(
        "webhookSubscriptionGet",
        404,
        lambda one: replace(one, body=b"<no/>").with_header("Content-Type", "application/xml"),
    ),
}


@dataclass
class Tried:
    """What came of a fault: the causes, those whose patch is proven, and what is left of them with the patches."""

    name: str
    report: Report
    patched: list[Finding] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    left: list[Finding] = field(default_factory=list)
    applied: bool = False
    seconds: float = 0.0

    @property
    def line(self) -> str:
        """The line of a table."""
        report = self.report
        kinds = ", ".join(sorted({finding.check for finding in report.findings})) or "NOTHING"
        proof = ""
        if self.patched:
            proof = f"; {len(self.patched)} patched"
        if self.applied:
            proof += f" and applied: {len(self.left)} left, {len(self.remarks)} remarks of lint"
        gaps = f"; not judged: {report.not_judged[0]}" if report.not_judged else ""
        return f"{self.name}: {len(report.findings)} causes ({kinds}){proof}{gaps}; {self.seconds:.1f} s"


class Sides:
    """A mock, and beside it what can be spoiled."""

    def __init__(self, mock: Instance, live: Instance, spoiled: Spoiled) -> None:
        self._mock, self._live, self._spoiled = mock, live, spoiled

    def compared(self, fault: Fault | None, seed: int = 1, **given: Any) -> judge.DriftOutcome:
        """The outcome of a run, with a fault before live."""
        self._spoiled.fault = fault
        with tempfile.TemporaryDirectory() as folder:
            options = DriftOptions.of(self._options(folder, seed, given), self._mock.url, usual_credentials())
            return judge.check(judge.plan(options), options)

    def _options(self, folder: str, seed: int, given: dict[str, Any]) -> Options:
        residue = ("member", "transaction")
        more: dict[str, Any] = {"allow_residue": residue, "allow_revoke": True} | given
        return Options(self._live.url, usual_credentials(), seed=seed, report_dir=folder, **more)

    def tried(self, name: str, fault: Fault, tags: tuple[str, ...]) -> Tried:
        """What comes of a fault, and of the patches for it."""
        began = time.monotonic()  # noqa: TID251 (how long a run takes is told)
        outcome = self.compared(fault, max_examples=EXAMPLES, tag=tags)
        tried = Tried(name, outcome.report, [one for one in outcome.report.findings if one.patch])
        if outcome.patch and name in APPLIED:
            tried.applied = True
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "openapi.yaml"
                path.write_text(patched(outcome.patch), "utf-8")
                openapi_spec_validator.validate(Source("openapi.yaml", path.read_bytes()).content)
                tried.remarks = [str(one) for one in lint(str(path))]
                again = self.compared(fault, max_examples=EXAMPLES, tag=tags, spec=str(path)).report
            ids = {finding.id for finding in tried.patched}
            tried.left = [finding for finding in again.findings if finding.id in ids]
        tried.seconds = time.monotonic() - began  # noqa: TID251 (as above)
        return tried


def patched(diff: str) -> str:
    """The shipped contract with a unified diff applied, by the lines of the diff alone."""
    lines, done = shipped().read_text("utf-8").splitlines(keepends=True), list[str]()
    at = 0
    for line in diff.splitlines(keepends=True)[2:]:
        if line.startswith("@@"):
            start = int(line.split()[1].split(",")[0].lstrip("-")) - 1
            done += lines[at:start]
            at = start
        elif line.startswith("+"):
            done.append(line[1:])
        else:
            assert lines[at] == line[1:], f"line {at + 1} isn't as the diff has it"
            done += [line[1:]] if line.startswith(" ") else []
            at += 1
    return "".join([*done, *lines[at:]])


@contextmanager
def sides(**live: Any) -> Iterator[Sides]:
    """A mock, and another one beside it, with other people's records."""
    spoiled = Spoiled()
    usual: dict[str, Any] = {"stores": STORES, "log_level": "error"}
    with (
        Instance(None, Settings(**usual, seed=1)) as mock,
        Instance(spoiled.front, Settings(**usual, **live, seed=2)) as beside,
    ):
        beside.inhabit()
        yield Sides(mock, beside, spoiled)


def main(words: Sequence[str]) -> int:
    """Compare, and tell; words choose some faults by parts of their names. 1 if something isn't as it should be."""
    logging.disable(logging.ERROR)
    wrong = _alarms() if not words or words == ["alarms"] else 0
    if words == ["alarms"]:
        return int(wrong > 0)
    known = {mutant.name: mutant.make for mutant in MUTANTS}
    faults = {name: known[name]() for name in FAULTS} | OWN
    chosen = {name: one for name, one in faults.items() if not words or any(word in name for word in words)}
    found = 0
    with sides() as both:
        for name, fault in chosen.items():
            tags = next((some for word, some in TAGS.items() if word in name), SUBSCRIPTIONS)
            tried = both.tried(name, fault, tags)
            found += bool(tried.report.findings)
            wrong += bool(tried.left)
            _say(tried.line)
            for one in tried.report.findings if words else ():
                _say(f"    {one.severity} {one.message} [{one.where}] {one.blame} {one.assumption or ''} {one.hint}")
            for remark in tried.remarks:
                _say(f"    {remark}")
    _say(f"{found} of {len(chosen)} faults are found")
    return int(wrong > 0 or found < len(chosen))


def _alarms() -> int:
    """How many runs of equal sides find something; it is told."""
    alarms = 0
    with sides() as both:
        for seed in SEEDS:
            report = both.compared(None, seed).report
            alarms += bool(report.findings or report.not_judged)
            _say(f"seed {seed}: {len(report.findings)} causes in {report.cases} pairs, {report.seconds:.1f} s")
    with sides(engine="connexion") as both:
        report = both.compared(None).report
        _say(f"connexion: {len(report.findings)} causes in {report.cases} pairs, {report.seconds:.1f} s")
        for one in report.findings:
            _say(f"    {one.message} [{one.where}]")
    return alarms


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
