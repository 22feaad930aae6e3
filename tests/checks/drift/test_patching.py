"""Patches make the contract hold for what live answers, and leave all other lines as they are."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.drift.patching import OVERLAID, Patch, Patcher, name_in_diffs, together
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Source
from mockserver.openapi.resources import Surface
from tests.checks.drift.pairs import LEFT, OTHER, PET, PETS, Told, answer, pets

GIT = shutil.which("git") or ""
ERROR = {"message": "No."}


def patched(mock: Any, live: Any, operation: str = "readPet") -> Patch | None:
    """The patch for the first difference of a pair."""
    told = Told()
    return Patcher(told.surface, "openapi.yaml").of(told.pair(operation, mock, live)[:1])


def changed(patch: Patch) -> list[str]:
    """The lines that a patch takes out and puts in."""
    return [line for line in patch.diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def pet(**more: Any) -> Any:
    """A pet that is read."""
    return answer(200, {**PET, **more})


@pytest.mark.parametrize(
    ("mock", "live", "operation", "line"),
    [
        (pet(), pet(tier=1), "readPet", "+        tier:"),
        (pet(), answer(200, {"id": OTHER}), "readPet", "-        - name"),
        (pet(size=1), pet(size="1"), "readPet", "+        size: {anyOf"),
        (pet(size=1), pet(size=11), "readPet", "+        size: {type: integer}"),
        (pet(size=1), pet(size=None), "readPet", "+        size: {type: integer, maximum: 10, nullable: true}"),
        (pet(kind="cat"), pet(kind="cow"), "readPet", "+          enum: [cat, dog, cow]  # no others yet"),
        (pet(), answer(200, [PET]), "readPet", "+                anyOf:"),
        (pet(), answer(200, "<pet/>", kind="xml"), "readPet", "+            application/xml:"),
        (answer(200, PET, LEFT), answer(201, PET, LEFT), "addPet", "+        '201':"),
        (answer(200, PET, LEFT), answer(200, PET), "addPet", "+            X-Left: {required: false"),
        (answer(200, PET, LEFT), answer(200, PET, {"X-Left": "few"}), "addPet", "+            X-Left: {required: true"),
        (answer(200, PET, LEFT), answer(200, PET, {**LEFT, "Location": "/"}), "addPet", "+            Location:"),
        (answer(400, ERROR), answer(400, {**ERROR, "code": 4}), "addPet", "+        code:"),
        (answer(204), answer(200, {}), "deletePet", "+        '200':"),
        (
            pet(bornAt="2026-01-15T10:30:00Z"),
            pet(bornAt="2026-01-15"),
            "readPet",
            "+        bornAt: {type: string, x-as",
        ),
    ],
)
def test_patches_are_proven(mock: Any, live: Any, operation: str, line: str) -> None:
    """The patched contract is valid, and neither answer leaves it there any more."""
    patch = patched(mock, live, operation)

    assert patch is not None
    assert patch.why == ""
    assert any(one.startswith(line) for one in changed(patch)), patch.diff


def test_a_patch_changes_no_other_line() -> None:
    """Comments and layout stay."""
    patch = patched(pet(), pet(tier="gold"))

    assert patch is not None
    assert changed(patch) == [
        "+        tier:",
        "+          description: Not in the contract before; a live instance shows it.",
        "+          type: string",
    ]


def test_what_keeps_the_contract_needs_no_patch() -> None:
    """Where both keep it, or the mock alone leaves it, the contract stays as it is."""
    assert patched(pet(size=1), pet(size=2)) is None
    assert patched(pet(size=11), pet(size=2)) is None


@pytest.mark.parametrize("live", [answer(200, "{"), answer(200, "Rex", {"content-type": ""})])
def test_what_no_contract_can_say_is_told(live: Any) -> None:
    """JSON that is none has no patch, but a reason."""
    patch = patched(pet(), live)

    assert patch is not None
    assert (patch.diff, patch.why.partition(":")[0]) == ("", "no patch")


def test_patches_go_together() -> None:
    """One diff has all of them, each edit once."""
    told = Told()
    patcher = Patcher(told.surface, "openapi.yaml")
    found = told.pair("readPet", pet(size=1, kind="cat"), pet(size=11, kind="cow", tier=1))
    patches = [one for one in (patcher.of([each]) for each in found) if one]

    diff = together(patcher, [*patches, *patches])

    assert sum(line.startswith("+") for line in diff.splitlines()) == 6
    assert PETS.count("kind:") == 1


@pytest.mark.skipif(not GIT, reason="Git judges the diffs")
@pytest.mark.parametrize(
    "text",
    [
        PETS,
        PETS.rstrip(),
        json.dumps(Source("pets.yaml", PETS.encode()).content),
        json.dumps(Source("pets.yaml", PETS.encode()).content, indent=2).replace("Some pets", "Some\u2028pets"),
    ],
)
def test_git_takes_patches(tmp_path: Path, text: str) -> None:
    """Whatever ends the contract's file, and wherever a run was told it is, `git apply` changes it there."""
    contract = tmp_path / "api" / "pets"
    contract.parent.mkdir()
    contract.write_text(text, "utf-8")
    told = Told(pets(text))
    name = name_in_diffs(str(contract), tmp_path)
    patch = Patcher(told.surface, name).of(told.pair("readPet", pet(size=1), pet(size=11, tier=1)))
    assert patch is not None

    applied = subprocess.run(  # noqa: S603 (our own diff)
        [GIT, "apply"], cwd=tmp_path, input=patch.diff, capture_output=True, text=True, check=False
    )

    assert (patch.why, applied.stderr, name) == ("", "", "api/pets")
    assert "tier" in contract.read_text("utf-8")


def test_a_diff_names_the_file_as_it_is_applied() -> None:
    """Within the folder by its path, elsewhere by its name."""
    folder = Path("/srv/shop")

    assert name_in_diffs(None, folder) == "openapi.yaml"
    assert name_in_diffs("./api/pets.yaml", folder) == "api/pets.yaml"
    assert name_in_diffs("/elsewhere/pets.yaml", folder) == "pets.yaml"
    assert name_in_diffs("https://shop.example.com/docs/openapi.json", folder) == "openapi.json"


def test_what_an_overlay_corrects_has_no_patch(tmp_path: Path) -> None:
    """Its text is that of no file; the reason says where to change it."""
    (tmp_path / "pets.yaml").write_text(PETS, "utf-8")
    action = "{target: $.info, update: {description: corrected}}"
    (tmp_path / "o.yaml").write_text(f"overlay: 1.0.0\nactions: [{action}]\n", "utf-8")
    told = Told(Surface(Contract.load(tmp_path / "pets.yaml", overlay=tmp_path / "o.yaml"), "pets.yaml"))
    patch = Patcher(told.surface, "pets.yaml").of(told.pair("readPet", pet(), pet(tier=1))[:1])

    assert patch == Patch(why=OVERLAID)
