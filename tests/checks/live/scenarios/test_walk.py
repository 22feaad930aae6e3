"""The walk: alone it meets the coverage gate, on every instance that keeps the contract, and it leaves nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.live import run
from mockserver.checks.live.planning.options import Options
from mockserver.checks.transport.session import Credentials
from mockserver.settings import Settings
from tests.checks.fronts import Reply, changing
from tests.checks.instance import STORES, Instance

CREDENTIALS = Credentials("admin", "password", None, "member", "password")
WALK = "^walk: |^access: nobody"  # the refusals that secured operations need


@pytest.fixture(scope="module")
def instance(signing_key: str) -> Iterator[Instance]:
    """An instance that keeps the contract."""
    with Instance(settings=Settings(stores=STORES, signing_key=signing_key, seed=1, log_level="error")) as running:
        yield running


def _walked(url: str, folder: Path, only: str = WALK, **options: Any) -> Report:
    plan = run.plan(replace(Options(url, CREDENTIALS, report_dir=str(folder), seed=1), **options))
    return run.check(replace(plan, only=only)).report


@pytest.mark.parametrize("concurrency", [1, 4])
def test_the_walk_meets_the_gate(instance: Instance, tmp_path: Path, concurrency: int) -> None:
    """Each operation is answered with a 2xx and a 4xx, and each link is followed, with few requests."""
    report = _walked(instance.url, tmp_path, concurrency=concurrency)

    missing = [line for line in report.not_judged if "LoginCheck" not in line and "tokenRefresh" not in line]
    assert (report.gate["operations"], report.gate["links"], missing) == ("12/12", "12/12", [])
    assert report.requests < 100
    assert report.residue == []


def test_the_walk_follows_links_of_what_stays(instance: Instance, tmp_path: Path) -> None:
    """A purchase is registered for the member that was created, if both may stay."""
    report = _walked(instance.url, tmp_path, "^walk: ", allow_residue=("member", "transaction"), allow_revoke=True)

    assert report.gate["links"] == "13/13"


@pytest.mark.whole_runs
@pytest.mark.parametrize(("seed", "only"), [(1, ""), (2, "^(?!fuzzing: coverage)")])
def test_a_verdict_is_no_luck(instance: Instance, tmp_path: Path, seed: int, only: str) -> None:
    """With hardly any fuzzing each seed says the same: inside the contract. One of them has the coverage phase, too,
    which takes longest."""
    report = _walked(instance.url, tmp_path, only, seed=seed, max_examples=1)

    assert (report.not_judged, report.findings, report.verdict.exit_code) == ([], [], 0)


def test_a_link_without_its_value_is_not_followed(tmp_path: Path) -> None:
    """An instance that hands out no refresh token has a gap in what was judged."""

    def without(_method: str, path: str, reply: Reply) -> Reply:
        status, headers, content = reply
        if path.endswith("login_check"):
            content = {name: value for name, value in content.items() if name != "refresh_token"}
        return status, headers, content

    with Instance(changing(without)) as spoiled:
        report = _walked(spoiled.url, tmp_path)

    assert "the link adminLoginCheck 200 refresh was never followed" in report.not_judged


@pytest.mark.whole_runs
def test_all_at_once_finds_what_one_by_one_finds(tmp_path: Path) -> None:
    """The same findings by their ids, whatever is on the way at once."""

    def spoiled(method: str, path: str, reply: Reply) -> Reply:
        status, headers, content = reply
        if method == "GET" and "/webhook/subscription/" in path and "legacy" in content:
            content = {**content, "legacy": "no", "eventName": "Other"}
        return status, headers, content

    found = []
    for concurrency in (1, 6):
        with Instance(changing(spoiled)) as instance:
            report = _walked(instance.url, tmp_path, "^(?!fuzzing)", concurrency=concurrency)
        found.append({one.id for one in report.findings})

    assert found[0] == found[1] != set()
