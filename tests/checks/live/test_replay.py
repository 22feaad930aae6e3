"""Findings are repeated: on an instance that still has the fault, and on one that hasn't."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.checks.findings import saved_report
from mockserver.checks.findings.saved_report import SavedFinding, SavedReport
from mockserver.checks.findings.step import Condition, Step
from mockserver.checks.findings.step_finder import OF_THE_CONNECTION, curl_lines
from mockserver.checks.live import run
from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.live.replay import Replayed, ReplayVerdict, replay
from mockserver.checks.reporting import scripts
from mockserver.checks.reporting.story import story
from mockserver.checks.reporting.writing import write_reports
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError
from mockserver.settings import Settings
from mockserver.world.keys import SigningKey
from tests.checks.conftest import DAY, FEW, MANY
from tests.checks.findings.test_promises import CASES, FAULTS, LONG, ROW, SHORT, Case, before
from tests.checks.instance import STORES, Instance
from tests.conftest import NOW
from tests.mutants.exchange import ADMIN, API_KEY, MEMBER, Answer, Request, Send
from tests.mutants.in_process import Spoiled
from tests.mutants.proxy import Fault, honest

REPEATED = (  # one of each way to judge: compare records, rows, tokens, refusals, the contract; and generated cases
    "reads_back", "list_sorts", "delete_deletes", "secret_is_new", "stores_are_apart", "refresh_once", "bad_token",
    "figures_agree", "answers_in_time", "answers_in_http", "response_schema_conformance", "negative_data_rejection",
    "ignored_auth", "unsupported_method",
)  # fmt: skip
SCRIPTED = ("delete_deletes", "reads_back", "refresh_once", "negative_data_rejection", "allow_header_conformance")
CREDENTIALS = Credentials(ADMIN["username"], ADMIN["password"], API_KEY, MEMBER["username"], MEMBER["password"])
SECRETS = {"OL_USERNAME": str(CREDENTIALS.username), "OL_PASSWORD": str(CREDENTIALS.password)}


class Bench:
    """An instance whose fault can be exchanged, and the runs on it, one for each promise."""

    def __init__(self, instance: Instance, spoiled: Spoiled, folder: Path) -> None:
        self.instance, self.spoiled, self.folder = instance, spoiled, folder
        self._saved = dict[str, tuple[SavedReport, SavedFinding]]()
        options = Options(instance.url, CREDENTIALS, other_store="OTHER", seed=1)
        options = replace(options, allow_residue=("member", "transaction"), allow_revoke=True)
        self.plan = run.plan(replace(options, report_dir=str(folder)))

    def saved(self, promise: str) -> tuple[SavedReport, SavedFinding]:
        """The report of a run before the fault that breaks a promise, and the finding; what was before is forgotten."""
        if promise not in self._saved:
            self._saved[promise] = self._found(promise)
            self.forget()
        return self._saved[promise]

    def forget(self) -> None:
        """Let the instance be as if it had just been started."""
        httpx2.post(f"{self.instance.url}/_mock/reset").raise_for_status()

    def _found(self, promise: str) -> tuple[SavedReport, SavedFinding]:
        case = CASES[promise]
        self.spoiled.fault = FAULTS[case.mutant].make()
        planned = self._planned(promise, case)
        write_reports(run.check(replace(planned, only=case.scenario)), self.folder)
        self.spoiled.fault = None
        report = saved_report.read(self.folder / "report.json")
        return report, next(one for one in report.findings.values() if one.check == promise)

    def replayed(self, promise: str, report: SavedReport, finding: SavedFinding, *, faulty: bool) -> Replayed:
        """A replay of that, on an instance that forgets what was before."""
        self.forget()
        self.spoiled.fault = FAULTS[CASES[promise].mutant].make() if faulty else None
        try:
            return replay(self._planned(promise), report, finding)
        finally:
            self.spoiled.fault = None

    def _planned(self, promise: str, case: Case | None = None) -> Plan:
        timeout = SHORT if promise == "answers_in_time" else LONG
        only = case.only if case else ()
        cases = MANY if case and case.scenario == "fuzzing: coverage" else FEW
        options = replace(self.plan.options, timeout=timeout, operation=only, max_examples=cases)
        return replace(self.plan, options=options)


@pytest.fixture(scope="module")
def shared_bench(signing_key: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One for all: starting an instance takes a while, and so does a run."""
    spoiled = Spoiled()
    settings = Settings(stores=STORES, signing_key=signing_key, seed=1, log_level="error")
    with Instance(spoiled.front, settings) as instance:
        yield Bench(instance, spoiled, tmp_path_factory.mktemp("bench"))


@pytest.fixture
def bench(shared_bench: Bench) -> Iterator[Bench]:
    """That one, and its instance as if it had just been started."""
    yield shared_bench
    shared_bench.spoiled.fault = None
    shared_bench.forget()


@pytest.mark.parametrize("promise", REPEATED)
def test_a_finding_is_there_as_long_as_its_fault(promise: str, bench: Bench) -> None:
    """Repeated before the same fault it is still there; without it, it is gone."""
    report, finding = bench.saved(promise)

    still = bench.replayed(promise, report, finding, faulty=True)
    gone = bench.replayed(promise, report, finding, faulty=False)

    assert (still.verdict, still.lines) == (ReplayVerdict.STILL_THERE, [])
    assert (gone.verdict, gone.lines) == (ReplayVerdict.GONE, [])


def _of_lists(bench: Bench, *mutants: str) -> SavedReport:
    """The report of a run whose filters have these faults."""
    bench.spoiled.fault = _both(mutants)
    write_reports(run.check(replace(bench.plan, only=f"{ROW}filtered)")), bench.folder)
    bench.spoiled.fault = None
    return saved_report.read(bench.folder / "report.json")


def _both(mutants: tuple[str, ...]) -> Fault:
    fault: Fault = honest
    for name in mutants:
        fault = before(fault, FAULTS[name].make())
    return fault


def _replayed(bench: Bench, report: SavedReport, finding: SavedFinding, *left: str) -> ReplayVerdict:
    bench.forget()
    bench.spoiled.fault = _both(left)
    verdict = replay(bench.plan, report, finding).verdict
    bench.spoiled.fault = None
    return verdict


def test_another_finding_of_the_same_check_is_another_one(bench: Bench) -> None:
    """What is mended is gone, though the same operation still breaks the same promise elsewhere."""
    report = _of_lists(bench, "legacy is ignored", "createdAt[lte] is ignored")
    bench.forget()
    legacy, moment = sorted(report.findings.values(), key=lambda one: "legacy" in one.message, reverse=True)

    assert legacy.check == moment.check == "list_filters"
    assert legacy.places == moment.places
    assert _replayed(bench, report, legacy, "createdAt[lte] is ignored") == ReplayVerdict.GONE
    assert _replayed(bench, report, moment, "createdAt[lte] is ignored") == ReplayVerdict.STILL_THERE


def test_a_finding_of_many_is_there_as_long_as_one_of_them(bench: Bench) -> None:
    """Several that became one have another id alone: the report says of which it was made."""
    names = ("legacy is ignored", "createdAt[lte] is ignored", "createdAt[gte] is ignored")
    report = _of_lists(bench, *names)
    bench.forget()
    (finding,) = report.findings.values()

    assert len(finding.parts or ()) == len(names)
    assert _replayed(bench, report, finding, names[2]) == ReplayVerdict.STILL_THERE
    assert _replayed(bench, report, finding) == ReplayVerdict.GONE
    assert _replayed(bench, report, replace(finding, parts=None), names[2]) == ReplayVerdict.STILL_THERE


def test_what_needs_leave_cannot_be_repeated_without(bench: Bench) -> None:
    """Leave that the run had isn't taken from its report: it has to be given again, and the reason says so, with the
    contract and its overlay."""
    report, finding = bench.saved("revoked")
    report = replace(report, options={**report.options, "spec": "pets.yaml", "overlay": "mend.yaml"})
    planned = replace(bench.plan, options=replace(bench.plan.options, allow_revoke=False))

    replayed = replay(planned, report, finding)

    assert replayed.verdict == ReplayVerdict.NOT_REPEATED
    assert "--allow-revoke" in replayed.lines[0]
    assert "--spec --overlay" in replayed.lines[0]


def test_an_old_token_has_to_be_given_again(bench: Bench, signing_key: str) -> None:
    """It is a secret that no report has: without it the reason names the option, with it the finding is repeated."""
    ended = {"iat": int(NOW) - DAY, "exp": int(NOW), "roles": ["ROLE_ADMIN"], "username": ADMIN["username"]}
    token = SigningKey(signing_key).sign(ended | {"id": "00000000-0000-4000-8000-000000000000", "lastLoginAt": None})
    given = replace(bench.plan.options, credentials=replace(CREDENTIALS, expired_token=token))
    bench.spoiled.fault = FAULTS["expired token is good"].make()
    write_reports(run.check(replace(bench.plan, options=given, only="expired token")), bench.folder)
    report = saved_report.read(bench.folder / "report.json")
    (finding,) = report.findings.values()

    without = replay(bench.plan, report, finding)
    still = replay(replace(bench.plan, options=given), report, finding)

    assert without.verdict == ReplayVerdict.NOT_REPEATED
    assert "--expired-token" in without.lines[0]
    assert (finding.check, still.verdict) == ("expired_token", ReplayVerdict.STILL_THERE)
    assert token not in (bench.folder / "report.json").read_text("utf-8")


def test_steps_begin_with_what_they_need(bench: Bench) -> None:
    """Creating, deleting and reading: each uses the id that the first was answered, and no secret is in them. The last
    is judged as the scenario judges it: a 410 is as good as a 404."""
    _, finding = bench.saved("delete_deletes")
    first, second, third = finding.steps

    assert [step.method for step in finding.steps] == ["POST", "DELETE", "GET"]
    assert first.captures == {"OL_VALUE_1": "/webhookSubscriptionId"}
    assert second.path == third.path == "/api/DEFAULT/webhook/subscription/$OL_VALUE_1"
    assert {step.headers["Authorization"] for step in finding.steps} == {"Bearer $OL_TOKEN"}
    assert all(step.whole for step in finding.steps)
    assert (finding.expected, finding.condition) == ("404", Condition(allowed=("404", "410")))


def test_tokens_of_an_answer_are_used_again(bench: Bench) -> None:
    """A refresh token is taken from the login, and sent twice."""
    _, finding = bench.saved("refresh_once")

    assert finding.steps[0].captures == {"OL_VALUE_1": "/refresh_token"}
    assert [step.body for step in finding.steps[1:]] == ['{"refresh_token": "$OL_VALUE_1"}'] * 2


def test_a_forged_token_is_not_shown_as_a_good_one(bench: Bench) -> None:
    """A step with a secret that the report can't show says so, and becomes no script."""
    _, finding = bench.saved("bad_token")
    step = replace(finding.steps[-1], headers={"Authorization": "Bearer $OL_SECRET"}, whole=False)
    forged = replace(finding, steps=(step,))

    with pytest.raises(SettingsError, match="doesn't keep"):
        story(forged, bench.instance.url, bench.plan.surface, "DEFAULT")


def _steps(bench: Bench, *steps: Step) -> Replayed:
    finding = SavedFinding("f", "not_a_server_error", "", "", "fuzzing: coverage", steps, None)
    return replay(bench.plan, SavedReport("", "0a1b2c3d", 1, {}, {}), finding)


def test_a_forged_report_changes_nothing_foreign(bench: Bench) -> None:
    """A step that names somebody else's record, or store, is sent with a made-up id, or not at all."""
    [foreign, *_] = bench.instance.inhabit(subscriptions=1, members=0)
    headers = {"Authorization": "Bearer $OL_TOKEN"}
    path = "/api/{}/webhook/subscription/" + foreign

    mine = _steps(bench, Step("", "DELETE", path.format("DEFAULT"), headers=headers))
    other = _steps(bench, Step("", "DELETE", path.format("THIRD"), headers=headers))

    with bench.instance.client() as http:
        assert http.get(path.format("DEFAULT")).status_code == 200
    assert mine.verdict == ReplayVerdict.GONE
    assert "isn't ours" in other.lines[0]


def test_a_step_that_finds_nothing_to_go_on_with_is_told(bench: Bench) -> None:
    """Where an answer lacks what the next step needs, the verdict isn't `gone`."""
    replayed = _steps(bench, Step("", "GET", "/api/DEFAULT/webhook/event", captures={"OL_VALUE_1": "/id"}, status=200))

    assert replayed.verdict == ReplayVerdict.NOT_REPEATED
    assert replayed.lines[0] == "step 1, GET /api/DEFAULT/webhook/event, answered 401 without id; it was 200"


# ---------------------------------------------------------------- scripts
EVENTS = "/api/DEFAULT/webhook/event"
RUNNERS = {"curl": "bash", "python": sys.executable}


@pytest.mark.parametrize("form", RUNNERS)
@pytest.mark.parametrize("promise", SCRIPTED)
def test_scripts_say_whether_the_finding_is_there(promise: str, form: str, bench: Bench) -> None:
    """A script ends with 1 before the fault and with 0 without it, shows what was expected, and leaves nothing behind;
    with 2 where it takes more than the last answer to tell."""
    report, finding = bench.saved(promise)
    before = bench.instance.snapshot()
    text = _written(bench, form, report, finding)

    bench.spoiled.fault = FAULTS[CASES[promise].mutant].make()
    still = _run(bench, form, text)
    bench.spoiled.fault = None
    gone = _run(bench, form, text)

    assert (still.returncode, gone.returncode) == ((1, 0) if finding.condition else (2, 2)), still.stderr + gone.stderr
    assert str(finding.steps[-1].status) in still.stdout.partition("judged:")[2].partition("{")[0]
    assert f"expected: {finding.expected or 'Allow: '}" in still.stdout
    assert f"{finding.id} is" in still.stdout.splitlines()[-1]
    assert still.stderr == gone.stderr == ""
    assert bench.instance.snapshot() == before


@pytest.mark.parametrize("form", RUNNERS)
def test_scripts_end_where_an_answer_lacks_what_comes_next(form: str, bench: Bench) -> None:
    """They say which step it was, and what it was answered."""
    step = Step("", "GET", "/api/DEFAULT/webhook/event", captures={"OL_VALUE_1": "/id"}, status=200)
    finding = SavedFinding("f", "not_a_server_error", "", "", "fuzzing: coverage", (step, step), None)

    ran = _run(bench, form, _written(bench, form, SavedReport(bench.instance.url, "0a1b2c3d", 1, {}, {}), finding))

    said = "f can't be repeated: step 1, GET /api/DEFAULT/webhook/event, answered 401 without id; it was 200."
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (2, said)


@pytest.mark.parametrize("form", RUNNERS)
def test_scripts_for_another_machine_ask(form: str, bench: Bench) -> None:
    """Nothing is sent to it unless a variable names the host."""
    step = Step("", "GET", "/api/DEFAULT/webhook/event", status=200)
    finding = SavedFinding("f", "not_a_server_error", "", "", "", (step,), Condition(allowed=("401",)))
    told = story(finding, bench.instance.url, bench.plan.surface, "DEFAULT", consent="staging.example.com")
    text = scripts.FORMATS[form](told)

    asked, agreed = _run(bench, form, text), _run(bench, form, text, OL_YES_HOST="staging.example.com")

    assert (asked.returncode, agreed.returncode) == (2, 0)
    assert asked.stderr.endswith("agree by OL_YES_HOST=staging.example.com\n")


@pytest.mark.parametrize("form", RUNNERS)
@pytest.mark.parametrize(
    ("status", "condition", "code"),
    [
        (500, Condition(forbidden=("5xx",)), 2),
        (200, Condition(allowed=("404",)), 2),
        (200, Condition(allowed=("400", "401", "403")), 2),
        (200, Condition(allowed=("401",)), 0),
        (401, Condition(allowed=("2xx",)), 1),
    ],
)
def test_scripts_that_are_not_let_in_say_so(
    form: str, status: int, condition: Condition, code: int, bench: Bench
) -> None:
    """An old token says nothing about the finding, unless a 401 is what it is about."""
    step = Step("", "GET", EVENTS, headers={"Authorization": "Bearer $OL_TOKEN"}, status=status)

    ran = _run(bench, form, _written(bench, form, *_saved(bench, condition, step)), OL_TOKEN="old")

    said = "f can't be repeated: wasn't let in: 401."
    assert (ran.returncode, ran.stdout.splitlines()[-1] == said) == (code, code == 2)


@pytest.mark.parametrize("form", RUNNERS)
def test_an_answer_without_a_credential_is_judged(form: str, bench: Bench) -> None:
    """A 401 is the end of a finding such as a login that isn't asked for."""
    ran = _run(
        bench, form, _written(bench, form, *_saved(bench, Condition(forbidden=("2xx",)), Step("", "GET", EVENTS)))
    )

    assert ran.returncode == 0


@pytest.mark.parametrize("form", RUNNERS)
def test_an_empty_token_is_none(form: str, bench: Bench) -> None:
    """The script logs in."""
    step = Step("", "GET", EVENTS, headers={"Authorization": "Bearer $OL_TOKEN"}, status=500)

    ran = _run(bench, form, _written(bench, form, *_saved(bench, Condition(allowed=("200",)), step)), OL_TOKEN="")

    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize(("method", "body"), [("HEAD", None), ("GET", "{}"), ("POST", "{}")])
def test_scripts_send_the_same(method: str, body: str | None, bench: Bench) -> None:
    """Every header of a contract and no type that a body hasn't; the answer to HEAD ends with its head."""
    headers = {"X-Depth": "7", "X-Empty": "", "Authorization": "Basic $OL_BASIC"}
    step = Step("", method, EVENTS, headers=headers, body=body, status=200)
    heard: list[Request] = []

    async def fault(request: Request, send: Send) -> Answer:
        heard.append(request)
        return await send(request)

    bench.spoiled.fault = fault
    saved = _saved(bench, Condition(forbidden=("2xx",)), step)
    ran = [_run(bench, form, _written(bench, form, *saved), OL_BASIC="gate:ü").returncode for form in RUNNERS]
    bench.spoiled.fault = None

    first, second = ((one.method, one.body, _told_headers(one)) for one in heard)
    assert first == second
    assert {"x-depth": "7", "x-empty": ""}.items() <= first[2].items()
    assert ran == [0, 0]


def test_lines_to_paste_have_every_header() -> None:
    """Those that seldom matter, too: an odd one may be what the finding is about."""
    headers = {"X-Depth": "7", "Authorization": "Bearer $OL_TOKEN"}
    step = Step("", "GET", EVENTS, headers=headers, status=500, captures={"OL_VALUE_1": "/id"})

    line, _ = curl_lines(step, "http://127.0.0.1:1")

    assert "-H 'X-Depth: 7'" in line
    assert "'Authorization: Bearer '\"$OL_TOKEN\"" in line


def _told_headers(request: Request) -> dict[str, str]:
    """The headers that no client adds of its own."""
    headers = {name.lower(): value for name, value in request.headers}
    return {name: value for name, value in headers.items() if name not in OF_THE_CONNECTION}


def _saved(bench: Bench, condition: Condition, *steps: Step) -> tuple[SavedReport, SavedFinding]:
    finding = SavedFinding("f", "not_a_server_error", "", "", "fuzzing: coverage", steps, condition)
    return SavedReport(bench.instance.url, "0a1b2c3d", 1, {}, {}), finding


def _run(bench: Bench, form: str, text: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    script = bench.folder / "script"
    script.write_text(text, "utf-8")
    command = [RUNNERS[form], str(script)]
    environment = os.environ | SECRETS | variables
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def test_a_file_for_an_editor_has_the_same_steps(bench: Bench) -> None:
    """Each request is there, with variables in place of credentials and of what answers hold."""
    text = _written(bench, "http", *bench.saved("delete_deletes"))

    assert text.count("\n### ") == 5
    assert "# expected: 404\n# the report has: 200" in text
    assert "@OL_PASSWORD = {{$processEnv OL_PASSWORD}}" in text
    assert 'client.global.set("OL_VALUE_1", response.body.webhookSubscriptionId);' in text
    assert "GET {{url}}/api/DEFAULT/webhook/subscription/{{OL_VALUE_1}}\nAuthorization: Bearer {{OL_TOKEN}}" in text


def _written(bench: Bench, form: str, report: SavedReport, finding: SavedFinding) -> str:
    told = story(finding, report.url, bench.plan.surface, "DEFAULT")
    return scripts.FORMATS[form](told)


# ---------------------------------------------------------------- reports that can't be used
def _content(**changes: Any) -> dict[str, Any]:
    step = {"operation": "", "method": "GET", "path": "/", "headers": {}, "captures": {}}
    finding = dict.fromkeys(("id", "check", "operation", "message", "scenario"), "a")
    finding |= {"condition": None, "steps": [step | changes]}  # type: ignore[dict-item] # JSON
    return {"url": "http://a", "run": "r", "seed": 1, "options": {}, "findings": [finding]}


def test_a_saved_report_is_read(tmp_path: Path) -> None:
    """A good one is; who asks for a finding that isn't there is told which are."""
    (tmp_path / "report.json").write_text(json.dumps(_content()), "utf-8")

    report = saved_report.read(tmp_path / "report.json")

    assert report.finding("a").steps[0].path == "/"
    with pytest.raises(SettingsError, match="no finding 'b'; it has a"):
        report.finding("b")


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "@elsewhere.example/"},
        {"method": "GET / HTTP/1.1\n"},
        {"headers": {"a: b\nc": "d"}},
        {"captures": {"OL_VALUE_1=$(rm)": "/id"}},
        {"captures": {"OL_VALUE_1": "/a.b"}},
        {"body": 1},
        {"status": "200"},
        {"whole": 1},
    ],
)
def test_a_report_that_no_run_wrote_is_refused(changes: dict[str, Any], tmp_path: Path) -> None:
    """A step can't lead to another host, or add anything to a script."""
    (tmp_path / "report.json").write_text(json.dumps(_content(**changes)), "utf-8")

    with pytest.raises(SettingsError, match="is no report"):
        saved_report.read(tmp_path / "report.json")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"findings": [{}]}',
        "[" * 100_000,
        '{"findings": [], "options": {}, "url": "", "run": "", "seed": Infinity}',
    ],
)
def test_a_damaged_report_is_refused(text: str, tmp_path: Path) -> None:
    """Whatever is in the file, the error says that it is damaged, or no report."""
    (tmp_path / "report.json").write_text(text, "utf-8")

    with pytest.raises(SettingsError, match=r"is damaged|is no report"):
        saved_report.read(tmp_path / "report.json")


def test_what_a_replay_leaves_behind_is_no_success() -> None:
    """It says that the finding is gone, and ends with 2; what may stay is no matter."""
    replayed = Replayed(ReplayVerdict.GONE, [], ["record 1: deleting it answers 500"], unfinished=True)

    assert [replayed.exit_code, replace(replayed, unfinished=False).exit_code] == [2, 0]
