"""Answers of live that nothing of the mock can be compared with are held to the contract all the same."""

from mockserver.checks.drift.ask import Answer, Ask, Pair
from mockserver.checks.drift.conformance import departures
from mockserver.checks.drift.differences import Stance
from mockserver.checks.drift.held_alone import left_alone
from mockserver.checks.drift.places import Places
from tests.checks.drift.pairs import LEFT, PET, Told, answer, pets, said


def alone(live: Answer) -> list[str]:
    """What is told of an answer to `addPet`, which the mock wasn't asked."""
    surface = pets()
    call = surface.calls["addPet"]
    pair = Pair(Ask(call, {}, "a test"), answer(0), live)
    return said(list(left_alone(Places(surface.contract), pair, departures(surface.contract, call, live))))


def test_each_way_of_leaving_the_contract_has_its_promise() -> None:
    """Status, media type, headers, and rules of the body, each in words."""
    assert alone(answer(200, PET, LEFT)) == []
    assert alone(answer(418, {})) == ["drift_status: answers 418, which isn't declared"]
    assert alone(answer(400, "<no/>", kind="xml")) == ["drift_media_type: answers 400 with application/xml"]
    assert alone(answer(200, PET)) == ["drift_headers: leaves what is declared of the header X-Left"]
    assert alone(answer(400, {"message": 1})) == ["drift_types: has another type at message in a 400"]
    assert alone(answer(200, {**PET, "size": 11}, LEFT)) == [
        "drift_values: has a value that is ruled out at size in a 200"
    ]


def test_the_body_beside_another_status_is_judged() -> None:
    """That both statuses are declared doesn't say that live keeps the contract: its body may leave it."""
    told = Told()

    status, body = told.pair("addPet", answer(200, PET, LEFT), answer(400, {}))

    assert (status.verdict, body.verdict) == (Stance.WITHIN, Stance.LIVE)
    assert said([body]) == ["drift_fields: lacks the field message in a 400"]


def test_what_the_difference_shows_is_told_once() -> None:
    """A status that isn't declared is no second difference."""
    assert len(Told().pair("addPet", answer(200, PET, LEFT), answer(418, {}))) == 1
