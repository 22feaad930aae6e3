"""Two answers to the same are compared: what must be equal is, and what each side makes up has the same form."""

from typing import Any

import pytest

from mockserver.checks.drift.differences import Stance
from tests.checks.drift.pairs import LEFT, MOCK_RUN, ONE, OTHER, PET, PETS, THIRD, Told, answer, pets, said

TIME, LATER = "2026-01-15T10:30:00+00:00", "2026-01-15T10:30:07+00:00"


def read(told: Told, mock: dict[str, Any], live: dict[str, Any]) -> list[str]:
    """What differs where a pet is read that both know."""
    told.made()
    pair = told.pair("readPet", answer(200, {**PET, **mock}), answer(200, {**PET, "id": OTHER, **live}))
    return said(pair)


def test_what_a_side_makes_up_is_no_difference() -> None:
    """Ids, times and the name of the run are each side's own."""
    mock, live = {"bornAt": TIME, "name": f"Rex of {MOCK_RUN}"}, {"bornAt": LATER, "name": "Rex of bbbbbbbb"}
    told = Told()
    told.known.bind(MOCK_RUN, "bbbbbbbb")

    assert read(told, mock, live) == []


@pytest.mark.parametrize(
    ("mock", "live", "expected"),
    [
        ({}, {"name": "Max"}, "drift_values: has another value at name"),
        ({"kind": "cat"}, {"kind": "dog"}, "drift_values: has another value at kind"),
        ({"size": 1}, {"size": 2}, "drift_values: has another value at size"),
        ({"size": 1}, {"size": "1"}, "drift_types: has a text at size, and the mock a whole number"),
        ({"size": 1}, {"size": None}, "drift_types: has null at size, and the mock a whole number"),
        ({}, {"tier": 1}, "drift_fields: knows the field tier"),
        ({"size": 1}, {}, "drift_fields: lacks the field size"),
        ({"bornAt": TIME}, {"bornAt": TIME[:10]}, "drift_forms: has times of another form at bornAt"),
        ({"tags": ["a", "b"]}, {"tags": ["a"]}, "drift_rows: lacks an entry in tags"),
        ({"tags": ["a"]}, {"tags": ["a", "c"]}, "drift_rows: has an entry in tags"),
        ({"name": "A good dog."}, {"name": "One good dog."}, "drift_words: has another value at name"),
        ({}, {"id": THIRD}, "drift_identities: has another value at id than its earlier answers tell"),
    ],
)
def test_differences_of_bodies(mock: dict[str, Any], live: dict[str, Any], expected: str) -> None:
    """What a client could notice is told once, by its name in the contract."""
    assert read(Told(), mock, live) == [expected]


def test_a_time_that_changes_on_one_side_is_told() -> None:
    """What was created is created once, whichever time that was."""
    told = Told()
    assert read(told, {"bornAt": TIME}, {"bornAt": LATER}) == []

    again = told.pair(
        "readPet", answer(200, {**PET, "bornAt": TIME}), answer(200, {**PET, "id": OTHER, "bornAt": TIME})
    )

    assert said(again) == ["drift_values: has another time at bornAt than its earlier answers tell"]


@pytest.mark.parametrize(
    ("mock", "live", "expected"),
    [
        (answer(200, PET, LEFT), answer(201, PET), "drift_status: answers 201, and the mock 200"),
        (answer(400, {"message": "No."}), answer(400, {"message": "No."}), None),
        (
            answer(200, PET, LEFT),
            answer(200, "Rex", LEFT, "xml"),
            "drift_media_type: answers application/xml, and the mock",
        ),
        (answer(200, PET, LEFT), answer(200, "{", LEFT), "drift_media_type: answers application/json that is none"),
        (answer(200, PET, LEFT), answer(200, PET), "drift_headers: lacks the header X-Left"),
        (answer(200, PET, LEFT), answer(200, PET, {"X-Left": "9"}), None),
        (
            answer(200, PET, LEFT),
            answer(200, PET, {"X-Left": "few"}),
            "drift_headers: has no number in the header X-Left",
        ),
        (
            answer(200, PET, LEFT),
            answer(200, PET, {**LEFT, "Location": "/"}),
            "drift_headers: sends the header Location",
        ),
    ],
)
def test_differences_of_answers(mock: Any, live: Any, expected: str | None) -> None:
    """Status, media type and headers come before the body; what follows from them isn't told."""
    found = said(Told().pair("addPet", mock, live))

    assert len(found) == (expected is not None)
    assert all(one.startswith(expected or "") for one in found)


@pytest.mark.parametrize("name", ["Location", "location"])
def test_a_declared_header_is_told_once(name: str) -> None:
    """A header that steers clients is one, however the contract writes it."""
    told = Told(pets(PETS.replace("X-Left: {required: true", f"{name}: {{required: false")))

    found = told.pair("addPet", answer(200, PET), answer(200, PET, {"Location": "/"}))

    assert [one.lower() for one in said(found)] == ["drift_headers: sends the header location"]


def rows(*names: str, live: bool = False) -> dict[str, Any]:
    """A list of pets: the first is the run's, if it is named Rex."""
    own = {"Rex": OTHER if live else ONE, "Max": THIRD}
    return {"items": [{"id": own.get(name, name), "name": name} for name in names], "total": len(names)}


def test_other_peoples_records_are_no_difference() -> None:
    """Of a list those rows count that the run has made; its figures have to change alike."""
    told = Told()
    told.made()
    assert said(told.pair("listPets", answer(200, rows("Rex")), answer(200, rows("a", "Rex", "b", live=True)))) == []

    later = told.pair("listPets", answer(200, rows("Rex", "c")), answer(200, rows("a", "Rex", "b", live=True)))

    assert said(later) == ["drift_figures: has figures at total that change otherwise"]


def test_a_row_that_is_missing_is_told() -> None:
    """A record of the run is in both lists, unless those of others could have pushed it to another page."""
    told = Told()
    told.made()

    found = told.pair("listPets", answer(200, rows("Rex")), answer(200, rows()))
    told.pair("listPets", answer(200, rows("Rex")), answer(200, rows("a", "Rex", live=True)))
    pushed = told.pair("listPets", answer(200, rows("Rex")), answer(200, rows("a", "b", live=True)))

    assert said(found) == ["drift_rows: lacks an entry in items"]
    assert [one for one in said(pushed) if "entry" in one] == []


def test_order_counts_where_it_was_asked_for() -> None:
    """Rows of a sorted list have the same order; those of another one any."""
    told = Told()
    told.made()
    told.made(THIRD, THIRD)
    mock, live = answer(200, rows("Rex", "Max")), answer(200, rows("Max", "Rex", live=True))

    assert said(told.pair("listPets", mock, live)) == []
    assert said(told.pair("listPets", mock, live, query={"sort[name]": "asc"})) == [
        "drift_order: has another order in items"
    ]


def test_order_counts_where_it_was_sent() -> None:
    """What is sent in an order comes back in it."""
    mock, live = {**PET, "tags": ["b", "a"]}, {**PET, "tags": ["a", "b"]}

    found = Told().pair("addPet", answer(200, mock, LEFT), answer(200, live, LEFT), body={"tags": ["b", "a"]})

    assert said(found) == ["drift_order: has another order in tags"]


@pytest.mark.parametrize(
    ("mock", "live", "verdict"),
    [
        ({"size": 1}, {"size": 2}, Stance.WITHIN),
        ({"size": 1}, {"size": 11}, Stance.LIVE),
        ({"size": 11}, {"size": 1}, Stance.MOCK),
        ({"size": 11}, {"size": "1"}, Stance.BOTH),
        ({}, {"tier": 1}, Stance.SILENT),
        ({}, {"size": 1}, Stance.WITHIN),
    ],
)
def test_who_leaves_the_contract_is_told(mock: dict[str, Any], live: dict[str, Any], verdict: Stance) -> None:
    """Both answers are held to the contract where they differ."""
    (found,) = Told().pair("readPet", answer(200, {**PET, **mock}), answer(200, {**PET, **live}))

    assert found.verdict is verdict


@pytest.mark.parametrize("kind", ["application/json", "application/*", "'*/*'"])
def test_answers_are_held_to_ranges(kind: str) -> None:
    """A status and a media type may be declared by a class, in either case, and a range."""
    told = Told(pets(PETS.replace("'400': {desc", "4xx: {desc").replace("application/json", kind)))

    (found,) = told.pair("addPet", answer(404, {"message": "No."}), answer(404, {"message": 4}))

    assert (found.verdict, found.place[-2:]) == (Stance.LIVE, ("properties", "message"))
