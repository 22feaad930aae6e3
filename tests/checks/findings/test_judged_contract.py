"""mockserver.checks.findings.judged_contract: a judge reads the contract that its options name."""

from pathlib import Path

import pytest

from mockserver.checks.findings.judge_options import JudgeOptions
from mockserver.checks.findings.judged_contract import judged_surface
from mockserver.errors import ContractError
from mockserver.openapi.resources import Surface

PETS = """openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      operationId: listPets
      responses:
        "200": {description: All.}
"""
OVERLAY = """overlay: 1.0.0
info: {title: Corrections, version: "1"}
actions:
  - target: $.paths['/pets'].get
    update:
      tags: [pets]
      responses:
        "404": {description: None.}
"""
RESPONSES = ("paths", "/pets", "get", "responses")


def _judged(folder: Path, overlay: str | None = None) -> Surface:
    """What is read of the pets, and of an overlay beside them."""
    (folder / "pets.yaml").write_text(PETS, "utf-8")
    if overlay is not None:
        (folder / "corrections.yaml").write_text(overlay, "utf-8")
    named = None if overlay is None else str(folder / "corrections.yaml")
    return judged_surface(JudgeOptions(spec=str(folder / "pets.yaml"), overlay=named))


def test_ours_is_the_default() -> None:
    """Without an option it is the contract that the mock ships."""
    surface = judged_surface(JudgeOptions())

    assert surface.contract.is_ours
    assert surface.line("openapi").startswith("openapi.yaml:")


def test_an_overlay_corrects_it(tmp_path: Path) -> None:
    """The judge reads what a mock with the same overlay serves."""
    call = _judged(tmp_path, OVERLAY).calls["listPets"]

    assert (call.tags, sorted(call.operation.responses)) == (("pets",), ["200", "404"])


def test_lines_are_those_of_the_files(tmp_path: Path) -> None:
    """What the overlay wrote has its line, all else that of the document; what isn't there, that of what would hold
    it."""
    surface = _judged(tmp_path, OVERLAY)

    assert surface.line(*RESPONSES, "404") == "corrections.yaml:8"
    assert surface.line(*RESPONSES, "200") == "pets.yaml:8"
    assert surface.line(*RESPONSES, "500") == "pets.yaml:7"
    assert _judged(tmp_path).line(*RESPONSES, "200") == "pets.yaml:8"


def test_a_mistake_names_file_and_action(tmp_path: Path) -> None:
    """As for the mock: the overlay, its line, and the number of the action."""
    with pytest.raises(ContractError, match=r"corrections\.yaml:4: action 1 neither updates nor removes"):
        _judged(tmp_path, OVERLAY.partition("    update")[0])
