"""The coverage of a contract by exchanges."""

import json
from typing import Any

from mockserver.checks.findings.contract_coverage import ContractCoverage
from mockserver.checks.transport.recording import RecordedExchange
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface

Json = dict[str, Any]
KIND = {"type": "string", "enum": ["cat", "dog"]}
PET = {"type": "object", "properties": {"name": {"type": "string"}, "kind": KIND}}
CONTENT = {"content": {"application/json": {"schema": PET}}}
ANSWER = {"description": "d"}
ORDER = {"type": "object", "properties": {"name": {"type": "string", "enum": ["asc", "desc"]}}}
PARAMETERS = [
    {"name": "kind", "in": "query", "explode": False, "schema": {"type": "array", "items": KIND}},
    {"name": "order", "in": "query", "style": "deepObject", "schema": ORDER},
    {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
]
LIST = {"operationId": "list", "parameters": PARAMETERS, "responses": {"200": ANSWER, "4XX": ANSWER, "405": ANSWER}}
MAKE = {"operationId": "make", "requestBody": CONTENT, "responses": {"201": ANSWER | CONTENT, "400": ANSWER}}
SURFACE = Surface(Contract(b"", {"paths": {"/pets": {"get": LIST, "post": MAKE}}}))


def _exchange(operation: str, status: int, **given: Any) -> RecordedExchange:
    given = {"method": "GET", "url": "http://a/v1/pets"} | given
    return RecordedExchange(1, "", operation, at=0.0, status=status, **given)


def _coverage(*exchanges: RecordedExchange) -> Json:
    coverage = ContractCoverage(SURFACE, SURFACE.calls.values(), "http://a/v1/")
    for exchange in exchanges:
        coverage.count(exchange)
    return coverage.as_json()


def test_what_was_never_seen_is_there_with_nought() -> None:
    """Statuses, parameters, fields and values of an operation that nobody called."""
    coverage = _coverage()

    make = coverage["operations"]["make"]
    nothing = {"sent": 0, "accepted": 0}
    assert (make["requests"], make["statuses"]) == (0, {"201": 0, "400": 0})
    assert make["requestFields"] == {"name": nothing, "kind": nothing}
    assert make["requestValues"] == {"kind": {"cat": nothing, "dog": nothing}}
    assert coverage["totals"]["operations"] == {"declared": 2, "seen": 0}
    assert coverage["totals"]["requestValues"] == {"declared": 6, "seen": 0}


def test_what_was_sent_in_vain_is_told_apart() -> None:
    """A field that was only ever refused has been sent, and never accepted; no answer accepts nothing."""
    bodies = ((201, {"name": "a"}), (400, {"kind": "cat"}), (0, {"kind": "dog"}))

    make = _coverage(*(_exchange("make", status, body=json.dumps(body)) for status, body in bodies))["operations"][
        "make"
    ]

    assert make["requestFields"] == {"name": {"sent": 1, "accepted": 1}, "kind": {"sent": 2, "accepted": 0}}
    assert make["requestValues"]["kind"]["cat"] == {"sent": 1, "accepted": 0}


def test_parameters_are_counted_by_their_names_on_the_wire() -> None:
    """Lists have their values one by one, and objects that come apart a parameter for each property."""
    sent = _exchange("list", 200, url="http://a/v1/pets?kind=cat,dog&order[name]=asc", headers=[("x-trace", "1")])

    covered = _coverage(sent)["operations"]["list"]

    assert {name: one["sent"] for name, one in covered["parameters"].items()} == {
        "query kind": 1,
        "query order[name]": 1,
        "header X-Trace": 1,
    }
    assert [one["sent"] for some in covered["requestValues"].values() for one in some.values()] == [1, 1, 1, 0]


def test_statuses_are_counted_as_they_are_declared() -> None:
    """By themselves, by their range, or as undeclared ones."""
    covered = _coverage(*(_exchange("list", status) for status in (200, 200, 404, 500)))["operations"]["list"]

    assert covered["statuses"] == {"200": 2, "4XX": 1, "405": 0}
    assert covered["undeclaredStatuses"] == {"500": 1}


def test_another_method_is_answered_for_its_path() -> None:
    """A 405 counts where it is declared, for an instance below a path, too."""
    operations = _coverage(_exchange("unknown", 405, method="TRACE"))["operations"]

    assert (operations["list"]["statuses"]["405"], operations["make"]["undeclaredStatuses"]) == (1, {})


def test_other_answers_to_other_methods_count_for_nobody() -> None:
    """Who isn't let in, or asks with another method for what isn't there, has called no operation of the path."""
    operations = _coverage(*(_exchange("unknown", status, method="TRACE") for status in (401, 404)))["operations"]

    assert sum(sum(one["statuses"].values()) for one in operations.values()) == 0


def test_a_request_counts_once_whatever_types_a_body_may_have() -> None:
    """With two media types of JSON, a field is one field."""
    body = {"content": {kind: {"schema": PET} for kind in ("application/json", "application/merge-patch+json")}}
    surface = Surface(Contract(b"", {"paths": {"/pets": {"post": MAKE | {"requestBody": body}}}}))
    coverage = ContractCoverage(surface, surface.calls.values(), "http://a/v1/")
    coverage.count(_exchange("make", 201, body='{"kind": "cat"}'))

    make = coverage.as_json()["operations"]["make"]
    assert make["requestFields"]["kind"] == {"sent": 1, "accepted": 1}
    assert make["requestValues"]["kind"]["cat"] == {"sent": 1, "accepted": 1}


def test_fields_of_answers_are_counted_for_statuses_that_were_seen() -> None:
    """A status that never came is one gap, and not one for each of its fields."""
    make = _coverage(_exchange("make", 201, answer='{"kind": "dog"}'), _exchange("make", 201, answer="{broken"))

    covered = make["operations"]["make"]
    assert covered["responseFields"] == {"201": {"name": 0, "kind": 1}}
    assert covered["responseValues"] == {"201": {"kind": {"cat": 0, "dog": 1}}}
    assert make["totals"]["responseFields"] == {"declared": 2, "seen": 1}
