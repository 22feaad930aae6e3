"""bench.soak.disturbances: a contract that changes."""

from pathlib import Path

import pytest

from bench.soak.disturbances import GOOD, LANES, change
from tests.support.repository import ROOT


def test_the_version_of_the_contract_counts_up(tmp_path: Path) -> None:
    """Each change has the next version, and nothing else differs."""
    contract = tmp_path / "openapi.yaml"
    before = (ROOT / "openapi.yaml").read_text("utf-8")
    contract.write_text(before, "utf-8")

    assert [change(contract), change(contract)] == ["0.1.1", "0.1.2"]
    assert contract.read_text("utf-8").replace("  version: 0.1.2\n", "  version: 0.1.0\n") == before


def test_another_contract_is_refused(tmp_path: Path) -> None:
    """What has no such version isn't written."""
    contract = tmp_path / "openapi.yaml"
    contract.write_text("openapi: 3.0.3\n")

    with pytest.raises(ValueError, match=r"has no version 0\.1\.N"):
        change(contract)


def test_a_tenth_of_the_receivers_fail() -> None:
    """Of ten receivers one fails."""
    assert (len(LANES), len(GOOD)) == (10, 9)
    assert [lane for lane in LANES if lane.startswith("failing")] == [*{*LANES} - {*GOOD}]
