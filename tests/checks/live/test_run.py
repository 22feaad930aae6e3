"""`check live` on an instance that behaves, and on one that doesn't: what it says, and what it leaves."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.findings.report import Finding
from mockserver.checks.live import run
from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.sweep import sweep
from mockserver.checks.reporting.writing import write_reports
from mockserver.checks.transport.ledger import Ledger, read
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError
from mockserver.settings import Settings
from tests.checks.fronts import Reply, changing
from tests.checks.instance import STORES, Instance, ids_in

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "report.schema.json").read_text("utf-8"))
PASSWORD = "correct horse battery"
SETTINGS = Settings(
    stores=STORES, seed=1, log_level="warning", admin_password=PASSWORD, member_password=PASSWORD, strict=True
)
CREDENTIALS = Credentials("admin", PASSWORD, None, "member", PASSWORD)
RECORDS = ("_webhookSubscriptionPost", "webhookSubscriptionGet", "webhookSubscriptionDelete")
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}


@dataclass
class Judged:
    """A run, and the instance as it was around it."""

    outcome: Outcome
    folder: Path
    log: list[tuple[str, str]]
    foreign: list[str]
    before: dict[str, str]
    after: dict[str, str]
    tokens: list[str] = field(default_factory=list)


def _judge(instance: Instance, folder: Path, **options: Any) -> Judged:
    foreign, before, start = instance.inhabit(), instance.snapshot(), len(instance.log)
    fixed = Options(instance.url, CREDENTIALS, other_store="OTHER", seed=1, max_examples=1, report_dir=str(folder))
    outcome = run.check(run.plan(replace(fixed, **options)))
    log = instance.log[start:]
    write_reports(outcome, folder)
    return Judged(outcome, folder, log, foreign, before, instance.snapshot())


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    """A run on an instance that keeps the contract, full of other people's records."""
    tokens: list[str] = []

    def collecting(_method: str, _path: str, reply: Reply) -> Reply:
        if isinstance(reply[2], dict) and "refresh_token" in reply[2]:
            tokens.append(reply[2]["refresh_token"])
        return reply

    with Instance(changing(collecting), SETTINGS) as instance:
        judged = _judge(
            instance,
            tmp_path_factory.mktemp("good"),
            operation=(*RECORDS, "_webhookSubscriptionPut", "adminLoginCheck", "tokenRefresh"),
        )
        judged.tokens = tokens
        yield judged


def test_a_run_says_what_it_has_seen(good: Judged) -> None:
    """Coverage is of the operations that were chosen, latencies are of all that were called, as the schema has them."""
    content = json.loads((good.folder / "report.json").read_text("utf-8"))
    covered = content["coverage"]["operations"]

    assert set(covered) == {*RECORDS, "_webhookSubscriptionPut", "adminLoginCheck", "tokenRefresh"}
    assert {name: one["requests"] for name, one in covered.items()} == {
        name: content["latencies"][name]["count"] + content["latencies"][name]["unanswered"] for name in covered
    }
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(content)


def _spoiled(method: str, path: str, reply: Reply) -> Reply:
    """Lists are in no order, details lie about a date and a type, and refreshing isn't limited to one time."""
    status, headers, content = reply
    if method == "GET" and path.endswith("/webhook/subscription") and "items" in content:
        content = {**content, "items": content["items"][::-1]}
    if method == "GET" and "/webhook/subscription/" in path and "legacy" in content:
        content = {**content, "legacy": "no", "eventName": "Other"}
    return status, headers, content


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    """A run on an instance whose answers are spoiled."""
    with Instance(changing(_spoiled), SETTINGS) as instance:
        yield _judge(instance, tmp_path_factory.mktemp("bad"), operation=(*RECORDS, "webhookSubscriptionGetList"))


def test_the_mock_is_inside_the_contract(good: Judged) -> None:
    """Green, with the gate met: every operation answered, and every link followed."""
    report = good.outcome.report

    assert [finding.message for finding in report.findings] == []
    assert report.not_judged == []
    assert (report.gate["operations"], report.gate["links"], report.verdict.exit_code) == ("6/6", "8/8", 0)


def test_other_records_are_as_they_were(good: Judged) -> None:
    """Nothing of others changed, and nothing of the run is left."""
    assert good.after == good.before
    assert good.outcome.report.residue == []
    assert read(good.folder / "ledger.jsonl").remaining == []


def test_no_change_named_what_is_foreign(good: Judged) -> None:
    """By the log of the instance: changing requests named only what the run created or made up."""
    named = ids_in(good.log, CHANGES)

    assert len(named) > 20
    assert named & set(good.foreign) == set()
    assert ("GET", "/api/token/revoke") not in good.log


@pytest.mark.parametrize("secret", [PASSWORD, "whsec_", r"eyJ[\w-]{8}"])  # an id of a case may have eyJ in it
def test_no_file_holds_a_secret(good: Judged, secret: str) -> None:
    """Passwords, tokens and signing secrets are in no report, recording or ledger."""
    files = list(good.folder.iterdir())

    assert len(files) == 6
    assert [file.name for file in files if re.search(secret, file.read_text("utf-8"))] == []


def test_a_secret_in_the_place_of_an_id_is_in_no_file(tmp_path: Path) -> None:
    """Whatever the instance lists as ids before the run begins."""
    secret = "whsec_" + "0123456789abcdef" * 4

    def leaking(method: str, path: str, reply: Reply) -> Reply:
        status, headers, content = reply
        if method == "GET" and path.endswith("/webhook/subscription") and "items" in content:
            content = {**content, "items": [{**row, "webhookSubscriptionId": secret} for row in content["items"]]}
        return status, headers, content

    with Instance(changing(leaking), SETTINGS) as instance:
        judged = _judge(instance, tmp_path, operation=("webhookEventGetList",), read_only=True)

    assert [file.name for file in judged.folder.iterdir() if secret in file.read_text("utf-8")] == []


def test_refresh_tokens_are_in_no_file(good: Judged) -> None:
    """Nor are the tokens that renew others, as the instance handed them out."""
    texts = [file.read_text("utf-8") for file in good.folder.iterdir()]

    assert len(good.tokens) > 5
    assert [token for token in good.tokens if any(token in text for text in texts)] == []


def test_spoiled_answers_are_found_where_they_are(bad: Judged) -> None:
    """Each lie is a finding at its operation, with the line of the contract and a line to paste."""
    found = {(one.operation, one.check): one for one in bad.outcome.report.findings}

    wrong_type = found["webhookSubscriptionGet", "response_schema_conformance"]
    assert ("webhookSubscriptionGetList", "list_sorts") in found
    assert ("webhookSubscriptionGet", "reads_back") in found
    assert wrong_type.where.startswith("openapi.yaml:")
    assert "$OL_TOKEN" in wrong_type.curl
    assert bad.outcome.report.verdict.exit_code == 1


def test_a_marked_place_refutes_nothing_by_itself(bad: Judged) -> None:
    """The assumption there is that new subscriptions have `legacy` false; a text is a bug of the instance."""
    legacy = next(finding for finding in bad.outcome.report.findings if "legacy" in finding.message)

    assert (legacy.assumption, legacy.blame) == (None, "instance")
    assert legacy.operations == ("webhookSubscriptionGet",)  # the row of the list is right


def test_the_json_report_has_what_programs_need(bad: Judged) -> None:
    """Verdict, exit code, gate and findings, under the names that were agreed on."""
    content = json.loads((bad.folder / "report.json").read_text("utf-8"))

    assert (content["verdict"], content["exitCode"], content["seed"]) == ("findings", 1, 1)
    assert {"cases", "seconds", "gate", "notJudged", "residue", "leftOut"} <= content.keys()
    assert set(Finding("c", "o", "GET", "/", "m").as_json()) == set(content["findings"][0])


@pytest.mark.parametrize(
    ("password", "asked_again"), [(PASSWORD, {"list_sorts"}), ("wrong", set())], ids=["a part", "no login"]
)
def test_what_was_not_tried_again_is_not_gone(
    password: str, asked_again: set[str], bad: Judged, tmp_path: Path
) -> None:
    """A run on a part, or one that isn't let in, knows nothing of the other findings of an earlier one."""
    options = Options("http://127.0.0.1", Credentials("admin", password), seed=1, report_dir=str(tmp_path))
    with Instance(settings=SETTINGS) as instance:
        options = replace(options, url=instance.url, compare=str(bad.folder / "report.json"))
        found = run.check(replace(run.plan(options), only="^list of subscriptions: ")).report.compared

    before = {finding.id: finding.check for finding in bad.outcome.report.findings}
    assert asked_again <= {before[name] for name in found["gone"]} <= {"list_sorts", "response_schema_conformance"}
    assert bool(found["gone"]) == bool(asked_again)
    assert {*found["gone"], *found["unasked"]} == before.keys()


def test_a_sweep_finds_the_store_by_itself(tmp_path: Path) -> None:
    """Records of any store are swept, unanswered intents by their mark; those of others stay."""
    with Instance(settings=SETTINGS) as instance, instance.client() as http:
        before = instance.snapshot()
        path = tmp_path / "ledger.jsonl"
        with Ledger.create(path, "0a1b2c3d", instance.url) as ledger:
            ledger.intend("_webhookSubscriptionPost", {"storeCode": "THIRD"}, "", marked=True)
        body = {"eventName": "CustomerRegistered", "url": "https://0a1b2c3d.mockserver-check.invalid/"}
        http.post("/api/THIRD/webhook/subscription", json={"webhookSubscription": body})

        left = sweep(Options(instance.url, CREDENTIALS, ledger=str(path)))

        assert (left, instance.snapshot(), read(path).remaining) == ([], before, [])


def test_a_sweep_is_for_one_instance(tmp_path: Path) -> None:
    """On another one the records would seem to be gone."""
    path = tmp_path / "ledger.jsonl"
    Ledger.create(path, "0a1b2c3d", "http://127.0.0.1:1").__exit__(None, None, None)

    with pytest.raises(SettingsError, match="ledger of a run on"):
        sweep(Options("http://127.0.0.1:2", CREDENTIALS, ledger=str(path)))


def test_a_defect_is_swept_and_told(tmp_path: Path) -> None:
    """Whatever goes wrong in the middle, what was created is removed, and nothing passes for a verdict."""

    def tick(words: str) -> None:
        if "sorted" in words:
            raise RuntimeError("a defect")

    with Instance(settings=SETTINGS) as instance:
        before = instance.snapshot()
        options = Options(instance.url, CREDENTIALS, report_dir=str(tmp_path))
        outcome = run.check(run.plan(options), tick)

        assert instance.snapshot() == before
    assert "RuntimeError: a defect" in outcome.report.not_judged[0]
    assert "raise RuntimeError" in outcome.report.defects["the run"]
    assert (outcome.report.verdict.exit_code, outcome.report.residue) == (2, [])


def test_an_interrupted_sweep_is_no_verdict(tmp_path: Path) -> None:
    """Who interrupts the sweep hears of it, and how to finish it."""

    def tick(words: str) -> None:
        if words == "sweeping":
            raise KeyboardInterrupt

    with Instance(settings=SETTINGS) as instance:
        options = Options(instance.url, CREDENTIALS, report_dir=str(tmp_path), operation=("webhookEventGetList",))
        report = run.check(run.plan(options), tick).report

    assert (report.verdict.exit_code, report.unfinished) == (130, True)


def test_reading_only_sends_no_change(tmp_path: Path) -> None:
    """`--read-only` sends reads and logins, and still has something to say."""
    with Instance(settings=SETTINGS) as instance:
        judged = _judge(instance, tmp_path, read_only=True, operation=("webhookEventGetList", "webhookSubscriptionGet"))

    changes = {path for method, path in judged.log if method in CHANGES and "login_check" not in path}
    assert changes == set()
    report = judged.outcome.report
    assert report.verdict.exit_code == 0
    assert report.gate["operations"] == "2/2"
    assert "whether stores see each other: that takes operations that create and delete" in report.left_out
