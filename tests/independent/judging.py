"""What a judge says of one server of this folder, and whether that is right."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2

from mockserver.openapi.contract import Contract
from tests.independent import OPTIONS, Fault, started
from tests.mutants.judges import BIN, Finding, live, read_json, run

CONTRACT = Path(__file__).resolve().parents[2] / "openapi.yaml"
EXIT_CODES = (0, 1, 2)
LONGEST = 1800  # seconds; a machine may be busy with other things
CREDENTIALS = {
    "OL_USERNAME": OPTIONS["username"],
    "OL_PASSWORD": OPTIONS["password"],
    "OL_MEMBER_USERNAME": OPTIONS["member_username"],
    "OL_MEMBER_PASSWORD": OPTIONS["member_password"],
}
LEAVE = ["--allow-residue", "member", "--allow-residue", "transaction", "--allow-revoke"]
EVERYTHING = ["--other-store", OPTIONS["other_store"], *LEAVE]
# What a fault needs to be seen at all: a token that expires during the run.
SERVER_OPTIONS = {"expired-token-accepted": {"token_ttl": "3"}}
_LOGINS = ("adminLoginCheck", "memberLoginCheck", "tokenRefresh", "tokenRefreshMember", "userGetTokenRevoke")
_LIST, _CREATE, _READ = "webhookSubscriptionGetList", "_webhookSubscriptionPost", "webhookSubscriptionGet"
_UPDATE, _DELETE = "_webhookSubscriptionPut", "webhookSubscriptionDelete"
_ROTATE = "webhookSubscriptionRotateHmacKey"
# What has to be judged with an operation, so that the judge has records to look at.
NEEDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_LOGINS, _LOGINS),
    "webhookEventGetList": ("webhookEventGetList", _CREATE, _READ, _DELETE),
    _LIST: (_LIST, _CREATE, _READ, _DELETE),
    _CREATE: (_LIST, _CREATE, _READ, _DELETE),
    _READ: (_CREATE, _READ, _DELETE),
    _UPDATE: (_CREATE, _READ, _UPDATE, _DELETE),
    _DELETE: (_LIST, _CREATE, _READ, _DELETE),
    _ROTATE: (_CREATE, _READ, _DELETE, _ROTATE),
    "membersStatsGet": ("membersStatsGet", "_memberPost", "_transactionPost"),
    "_memberPost": ("_memberPost", "membersStatsGet"),
    "_transactionPost": ("_transactionPost",),
}
MOST_OPERATIONS = 6  # a fault that touches more is looked for at the subscriptions first


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge said of a server: its exit code, how many findings it told, what and where they are, what it took,
    and its last words."""

    exit_code: int
    told: int
    findings: frozenset[Finding]
    seconds: float
    cases: int
    not_judged: tuple[str, ...]
    last_words: str
    replays: tuple[int, ...] = ()  # the exit code of `check replay` for each finding

    @property
    def crashed(self) -> bool:
        """Whether it ended otherwise than a judge does, or a repetition did."""
        return not {self.exit_code, *self.replays} <= set(EXIT_CODES) or "Traceback" in self.last_words

    def without(self, usual: frozenset[Finding]) -> "Verdict":
        """The same, without findings that the judge has of a correct server, too."""
        return replace(self, told=len(self.findings - usual), findings=self.findings - usual)


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a judge may look: generated cases for each operation, their seed; `whole`: at all operations at once;
    `replay`: each finding is repeated."""

    examples: int
    seed: int
    whole: bool
    replay: bool = False


def is_found(fault: Fault, verdict: Verdict) -> bool:
    """Whether the fault was found where it may be seen."""
    return verdict.exit_code == 1 and any(operation in fault.operations for operation, _ in verdict.findings)


def elsewhere(fault: Fault, verdict: Verdict) -> list[Finding]:
    """Findings that blame another part than the one that is broken."""
    return sorted(finding for finding in verdict.findings if finding[0] not in fault.operations)


def scope(fault: Fault) -> list[str]:
    """The options that narrow a run to what a fault touches, and what that needs."""
    touched = fault.operations if len(fault.operations) <= MOST_OPERATIONS else (_CREATE, *_LOGINS)
    needed = {needed for operation in touched for needed in NEEDS[operation]}
    return [word for operation in sorted(needed) for word in ("--operation", operation)]


async def look_for(fault: Fault, budget: Budget) -> Verdict:
    """What our judge says of a fault, asked where it may be seen, or at all operations if the budget has them."""
    narrowed = [] if budget.whole else scope(fault)
    return await check_live(fault, budget, narrowed, **SERVER_OPTIONS.get(fault.name, {}))


async def check_live(fault: Fault | None, budget: Budget, narrowed: list[str], **options: str) -> Verdict:
    """Our judge, before a correct server or one with a fault. Raises NodeIsMissing."""
    name = None if fault is None else fault.name
    with started(name, **options) as url, tempfile.TemporaryDirectory() as folder:
        limits = ["--seed", str(budget.seed), "--max-examples", str(budget.examples)]
        command = live(url, folder, *limits, *EVERYTHING, *narrowed)
        code, output, error, seconds = await run(command, CREDENTIALS, folder, LONGEST)
        report = read_json(output)
        again = report.get("findings", ()) if budget.replay else ()
        repeated = [await _replay(str(one["id"]), folder) for one in again]
    error += "".join(said for _, said in repeated)
    findings = frozenset((place, one["check"]) for one in report.get("findings", ()) for place in one["places"])
    not_judged = tuple(str(one) for one in report.get("notJudged", ()))
    replays = tuple(ended for ended, _ in repeated)
    told = len(report.get("findings", ()))
    return Verdict(code, told, findings, seconds, report.get("cases", 0), not_judged, error[-2000:], replays)


async def _replay(finding: str, folder: str) -> tuple[int, str]:
    """The exit code of `check replay` for a finding of the last run, and what it said where the finding isn't there."""
    report = Path(folder) / "report.json"
    command = [BIN / "mockserver", "check", "replay", finding, "--report", report, *LEAVE]
    code, output, error, _ = await run(command, CREDENTIALS, folder, LONGEST)
    return code, "" if code == 1 else f"{finding} {output}{error}"


async def st_run(fault: Fault | None, budget: Budget) -> Verdict:
    """Plain `st run` with the token of a login, before a correct server or one with a fault. Raises NodeIsMissing."""
    with started(None if fault is None else fault.name) as url, tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command: list[object] = [
            BIN / "st",
            "run",
            CONTRACT,
            "--url",
            url,
            "-H",
            f"Authorization: Bearer {_token(url)}",
        ]
        command += ["--seed", budget.seed, "--max-examples", budget.examples, "--report-json-path", report]
        code, _, error, seconds = await run(command, {}, folder, LONGEST)
        content = read_json(report.read_text("utf-8")) if report.exists() else {}
    findings = frozenset(
        (_operation_ids().get(label, label), failure["type"])
        for failure in content.get("failures", ())
        for label in failure["operations"]
    )
    cases = content.get("test_cases", {}).get("generated", 0)
    return Verdict(code, len(findings), findings, seconds, cases, (), error[-2000:])


def _token(url: str) -> str:
    """The token of a login; a made-up one where the fault is in the way."""
    credentials = {name: OPTIONS[name] for name in ("username", "password")}
    answer = httpx2.post(f"{url}/api/admin/login_check", json=credentials)
    return str(read_json(answer.text).get("token", "none"))


def _operation_ids() -> dict[str, str]:
    """`GET /path` to operationId."""
    return {
        f"{method.upper()} {path}": operation["operationId"]
        for path, item in Contract.load().document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }
