"""The archives that judges of ours, and the proxy, write are recordings, too."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.live import run as live
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.recording.options import RecordingOptions
from mockserver.checks.recording.run import check_recording
from mockserver.checks.reporting.har import as_har
from mockserver.checks.transport.rate_limiting import MonotonicTime
from mockserver.http.messages import MAX_BODY
from mockserver.settings import Settings
from tests.checks.conftest import Skipping
from tests.checks.instance import Instance
from tests.mutants.faults import MUTANTS
from tests.mutants.in_process import Spoiled
from tests.mutants.proxy import Fault
from tests.support.proxies import Respond, always, client_of, instance, proxy_to

pytestmark = pytest.mark.whole_runs

Ran = Callable[..., tuple[Report, Report]]


@pytest.fixture
def ran(instance: Instance, spoiled: Spoiled, whole: Plan, tmp_path: Path) -> Iterator[Ran]:
    """A run of a scenario before a fault, and what is said of its archive."""

    def run(scenario: str, fault: Fault | None = None) -> tuple[Report, Report]:
        spoiled.fault = fault
        skipping = Skipping(instance.world.clock)
        options = replace(whole.options, report_dir=str(tmp_path), max_examples=20)
        planned = replace(whole, options=options, only=scenario)
        outcome = live.check(planned, time=MonotonicTime(skipping.now, skipping.wait))
        (tmp_path / "exchanges.har").write_text("".join(as_har(outcome)), "utf-8")
        return outcome.report, check_recording(RecordingOptions((tmp_path / "exchanges.har",))).report

    yield run
    spoiled.fault = None
    instance.world.clock.reset()
    instance.reset()


@pytest.mark.parametrize("scenario", ["is created and read", "fuzzing: coverage"])
def test_a_run_on_a_correct_mock_has_no_findings(scenario: str, ran: Ran) -> None:
    """Placeholders stand in it for secrets, and long answers are cut: neither is blamed on anybody."""
    tried, recorded = ran(scenario)
    assert (tried.findings, recorded.findings) == ([], [])
    assert recorded.cases > 20


def test_both_judges_give_a_finding_the_same_id(ran: Ran) -> None:
    """What is wrong with the form of an answer: a baseline counts for both."""
    fault = next(mutant for mutant in MUTANTS if mutant.name == "legacy is text").make()
    tried, recorded = ran("is created and read", fault)
    (found,) = recorded.findings
    assert found.check == "response_schema_conformance"
    assert {one.id: one.where for one in tried.findings}[found.id] == found.where


# ---------------------------------------------------------------- of the proxy
SPEC = """
openapi: 3.0.3
info: {title: Logins, version: "1"}
servers: [{url: /api}]
paths:
  /login:
    post:
      operationId: login
      parameters:
      - {name: token, in: query, schema: {type: integer}}
      - name: by
        in: query
        style: deepObject
        schema: {type: object, properties: {secret: {type: integer}}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [password]
              properties:
                password: {type: string, minLength: 12}
                mode: {type: string, enum: [a]}
                any: {not: {properties: {secret: {minLength: 3}}}}
          application/x-www-form-urlencoded:
            schema: {type: object, properties: {password: {type: string, minLength: 12}}}
          application/octet-stream: {}
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                required: [token]
                properties:
                  token: {type: string, pattern: "^[a-z]{40}$"}
                  apiKey: {type: object, properties: {id: {type: integer}}}
                  pad: {type: string}
"""
PASSWORD = "correct horse battery"
LOGIN = {"json": {"password": PASSWORD}}
LONG = "x" * MAX_BODY
BINARY = {"content-type": "application/octet-stream"}
Proxied = Callable[..., Report]


@pytest.fixture
def proxied(tmp_path: Path) -> Proxied:
    """What is said of the archive of a proxy that one request passed; nothing may be wrong when it did."""
    (tmp_path / "logins.yaml").write_text(SPEC, "utf-8")

    def run(respond: Respond, *, is_right: bool = True, **request: Any) -> Report:
        path, spec = tmp_path / "proxy.har", str(tmp_path / "logins.yaml")
        with (
            instance(respond) as url,
            proxy_to(url, Settings(spec=spec, cache_dir=""), har=str(path)) as proxy,
            client_of(proxy) as client,
        ):
            found: httpx2.Response = client.post("/api/login", **request)
        assert ("x-mock-contract-violation" not in found.headers) == is_right
        return check_recording(RecordingOptions((path,), spec=spec, base_urls=(f"{url}/api",))).report

    return run


def _token(**more: Any) -> Respond:
    return always(200, json.dumps({"token": "a" * 40} | more).encode())


@pytest.mark.parametrize(
    ("respond", "sent"),
    [
        (_token(), LOGIN),
        (_token(apiKey={"id": 1}), LOGIN),
        (_token(), {"params": {"token": 5, "by[secret]": 5}, "data": {"password": PASSWORD}}),
        (_token(), {"json": {"password": PASSWORD, "any": {"secret": "x"}}}),
        (_token(), {"content": b"\xff" * 100, "headers": BINARY}),
        (_token(), {"json": {"password": LONG}}),
        (_token(pad=LONG), LOGIN),
    ],
    ids=["masked text", "masked object", "masked fields", "masked part", "binary", "long request", "long answer"],
)
def test_what_the_proxy_hid_or_left_out_is_no_finding(respond: Respond, sent: Any, proxied: Proxied) -> None:
    """Nobody is blamed for a secret that was masked, or for a body that isn't in the file."""
    report = proxied(respond, **sent)
    assert (report.cases, report.findings) == (1, [])


def test_what_was_left_out_is_told(proxied: Proxied) -> None:
    """The report says why a body was not judged, in the words of who left it out."""
    report = proxied(_token(pad=LONG), **LOGIN)
    assert any("1 answer whose body was left out, as it is over 1 MiB" in note for note in report.notes)


def test_the_rest_is_judged(proxied: Proxied) -> None:
    """Beside what is masked every value counts."""
    report = proxied(_token(pad=1), is_right=False, json={"password": PASSWORD, "mode": "b"})
    assert sorted(one.cause for one in report.findings) == ["200 pad type", "body mode enum"]


def test_a_mask_is_no_type(proxied: Proxied) -> None:
    """Of a field that the contract doesn't know and whose value was masked only the place is told."""
    report = proxied(_token(otherToken={"id": 1}), **LOGIN)
    (found,) = report.beyond
    assert (found["name"], found.get("types")) == ("otherToken", {})
