"""Differences become causes: grouped, placed, judged, and told with both answers."""

from dataclasses import replace
from typing import Any

import pytest

from mockserver.checks.drift.differences import Disagreement, Stance
from mockserver.checks.drift.judgement import Judgement
from mockserver.checks.findings.drift_promises import DriftPromise
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import Credentials
from tests.checks.drift.pairs import LEFT, PET, PETS, THIRD, Told, answer, pets

TIME = "2026-01-15T10:30:00+00:00"
READ: dict[DriftPromise, tuple[dict[str, Any], dict[str, Any]]] = {  # what reading shows on both sides
    DriftPromise.FIELDS: ({}, {"tier": "gold"}),
    DriftPromise.TYPES: ({"size": 1}, {"size": "1"}),
    DriftPromise.VALUES: ({"kind": "cat"}, {"kind": "dog"}),
    DriftPromise.FORMS: ({"bornAt": TIME}, {"bornAt": TIME[:10]}),
    DriftPromise.IDENTITIES: ({}, {"id": THIRD}),
    DriftPromise.ROWS: ({"tags": ["a"]}, {"tags": []}),
    DriftPromise.WORDS: ({"name": "A good dog."}, {"name": "One good dog."}),
}


def judged(told: Told, differences: list[Disagreement], password: str | None = None) -> list[Finding]:
    """The findings of a report about these differences."""
    report = Report("http://127.0.0.1", "run1")
    secrets = Secrets(Credentials("admin", password))
    Judgement(report, told.surface, secrets, "openapi.yaml").conclude(differences)
    return report.findings


def differing(promise: DriftPromise, told: Told) -> list[Disagreement]:  # noqa: PLR0911 (one for each)
    """Differences by which a promise is broken."""
    pet, left = answer(200, PET, LEFT), answer(200, PET)
    match promise:
        case DriftPromise.ANSWERED:
            (one,) = told.pair("addPet", pet, answer(201, PET))
            return [replace(one, promise=promise, what="doesn't answer")]
        case DriftPromise.STATUS:
            return told.pair("addPet", pet, answer(201, PET))
        case DriftPromise.MEDIA_TYPE:
            return told.pair("readPet", pet, answer(200, "<pet/>", kind="xml"))
        case DriftPromise.HEADERS:
            return told.pair("addPet", pet, left)
        case DriftPromise.FIGURES:
            told.pair("listPets", answer(200, {"items": [], "total": 1}), answer(200, {"items": [], "total": 7}))
            return told.pair("listPets", answer(200, {"items": [], "total": 2}), answer(200, {"items": [], "total": 7}))
        case DriftPromise.ORDER:
            mock, live = {**PET, "tags": ["b", "a"]}, {**PET, "tags": ["a", "b"]}
            return told.pair("addPet", answer(200, mock, LEFT), answer(200, live, LEFT), body={"tags": ["b", "a"]})
    told.pair("readPet", pet, pet)
    mock, live = READ[promise]
    return told.pair("readPet", answer(200, {**PET, **mock}), answer(200, {**PET, **live}))


@pytest.mark.parametrize("promise", list(DriftPromise))
def test_broken_promises_are_found(promise: DriftPromise) -> None:
    """Each is found by its name, and nothing else with it."""
    told = Told()

    found = judged(told, differing(promise, told))

    assert [finding.check for finding in found] == [promise]


def test_a_cause_is_told_once() -> None:
    """What differs in many answers in the same way is one finding, with its line, both answers and the patch."""
    told = Told()
    tiers = [told.pair("readPet", answer(200, PET), answer(200, {**PET, "tier": number})) for number in range(14)]
    tiers.append(told.pair("addPet", answer(200, PET, LEFT), answer(200, {**PET, "tier": 9}, LEFT)))

    (finding,) = judged(told, [one for some in tiers for one in some])

    assert finding.message == "live knows the field tier in 15 answers (the contract doesn't know it)"
    assert (finding.count, finding.places, finding.blame) == (15, ("addPet", "readPet"), "contract")
    assert finding.where == "openapi.yaml:61"
    assert ("mock: " in finding.expected, '"tier": ' in finding.got) == (True, True)
    assert "+        tier:" in finding.patch


@pytest.mark.parametrize(
    ("mock", "live", "blame"),
    [({"size": 1}, {"size": 11}, "contract"), ({"size": 11}, {"size": 1}, "mock"), ({"size": 1}, {"size": 2}, "mock")],
)
def test_blame_is_of_who_leaves_the_contract(mock: dict[str, Any], live: dict[str, Any], blame: str) -> None:
    """Of the contract, where live leaves it; of the mock, where that does, or where both keep it."""
    told = Told()

    (finding,) = judged(told, told.pair("readPet", answer(200, {**PET, **mock}), answer(200, {**PET, **live})))

    assert finding.blame == blame
    assert bool(finding.patch) == (blame == "contract")


def test_an_assumption_is_refuted_where_both_keep_the_contract() -> None:
    """What the mock assumes stands at the place; live shows that it is otherwise."""
    told = Told()
    later = TIME.replace("00+00:00", "00.000+00:00")
    mock, live = answer(200, {**PET, "bornAt": TIME}), answer(200, {**PET, "bornAt": later})

    (finding,) = judged(told, told.pair("readPet", mock, live))

    assert (finding.assumption, Stance.WITHIN.value in finding.message) == ("A33", True)


def test_one_declaration_is_one_cause() -> None:
    """A field that live knows beside a schema, and beside the same one in an `allOf`, has one finding and one patch."""
    reference = "$ref: '#/components/schemas/Pet'"
    told = Told(pets(PETS.replace(f"{reference}\n    delete:", f"allOf: [{{{reference}}}]\n    delete:")))
    live = PET | {"tier": "gold"}

    read = told.pair("readPet", answer(200, PET), answer(200, live))
    made = told.pair("addPet", answer(200, PET, LEFT), answer(200, live, LEFT))
    (finding,) = judged(told, [*read, *made])

    assert (finding.count, finding.places) == (2, ("addPet", "readPet"))
    assert finding.patch.count("+        tier:") == 1
    assert [one.id for one in judged(told, read)] == [one.id for one in judged(told, made)] == [finding.id]


def test_secrets_are_not_told() -> None:
    """A password that live shows is its placeholder in the report."""
    told = Told()
    live = answer(200, {**PET, "name": "correct-horse-battery"})

    (finding,) = judged(told, told.pair("readPet", answer(200, PET), live), "correct-horse-battery")

    assert "horse" not in finding.got
