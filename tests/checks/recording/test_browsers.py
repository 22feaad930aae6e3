"""Recordings as browsers write them: calls of many hosts, cookies left out, preflights, caches, aborted requests."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.findings.report import Verdict
from mockserver.errors import SettingsError
from tests.checks.recording.archive import Entry, call, judged, named
from tests.checks.recording.lies import LIST

PET: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": ["string", "null"], "pattern": "^[a-z]+$"},
        "kind": {"enum": ["cat", "dog"]},
        "secret": {"type": "integer"},
    },
}
REFERENCE = {"$ref": "#/components/schemas/Pet"}
SIZE = {"name": "size", "in": "query", "schema": {"type": "integer", "maximum": 50}}
KINDS = {
    "name": "kinds",
    "in": "query",
    "explode": False,
    "schema": {"type": "array", "items": {"enum": ["cat", "dog"]}},
}
OK = {"description": "d", "content": {"application/json": {"schema": {"type": "array", "items": REFERENCE}}}}
ONE = {"description": "d", "content": {"application/json": {"schema": REFERENCE}}}
NO = {"description": "d", "content": {"application/*": {"schema": {"type": "object"}}}}
CONTRACT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "pets", "version": "1"},
    "servers": [{"url": "https://pets.example.com/v1"}],
    "security": [{"bearer": []}, {"session": []}],
    "paths": {
        "/pets": {
            "get": {"operationId": "listPets", "parameters": [SIZE, KINDS], "responses": {"200": OK, "default": NO}},
            "post": {
                "operationId": "addPet",
                "requestBody": {"required": True, "content": {"application/json": {"schema": REFERENCE}}},
                "responses": {"201": ONE, "4XX": NO},
            },
        },
        "/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"operationId": "getPet", "responses": {"200": ONE, "404": NO}},
        },
    },
    "components": {
        "schemas": {"Pet": PET},
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": "sid"},
        },
    },
}


@pytest.fixture
def spec(tmp_path: Path) -> str:
    """A contract of OpenAPI 3.1, of nobody in particular."""
    path = tmp_path / "pets.json"
    path.write_text(json.dumps(CONTRACT, indent=1), "utf-8")
    return str(path)


def _of(host: str, one: Entry, **changes: Any) -> Entry:
    """The entry at another base URL, without credentials."""
    one["request"]["url"] = one["request"]["url"].replace("https://ol.staging.example.com/loyalty", host)
    one["request"]["headers"] = [header for header in one["request"]["headers"] if header["name"] != "Authorization"]
    return one | changes


ID = "5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11"
EMPTY = {"items": [], "total": {"all": 0, "filtered": 0, "estimated": False}}
API = "https://api.example.com/tenants/7/v1"
LISTED = [{"id": 1, "name": "tom", "kind": "cat"}]


def _page(url: str) -> Entry:
    """A page of the app, at a path that the contract has, too."""
    one = _of(url, call("GET", "/pets", 200, []))
    one["response"] |= {"headers": named([("content-type", "text/html")]), "content": {"text": "<p>", "size": 3}}
    return one | {"_resourceType": "document"}


def test_the_api_is_found_among_other_hosts(spec: str, tmp_path: Path) -> None:
    """By paths that fit and answers like those of an API; a page of the same path isn't one."""
    others = [_page("https://app.example.com"), _of("https://ads.example.com", call("GET", "/collect", 200, {}))]
    report = judged(tmp_path, [*others, _of(API, call("GET", "/pets", 200, LISTED))], spec=spec)
    assert (report.verdict, report.cases) == (Verdict.PASS, 1)
    assert report.notes[:2] == [f"base URL: {API}", "not of this contract: 2 of 3 entries, of other hosts or paths"]


def test_an_app_and_its_api_may_be_one_host(spec: str, tmp_path: Path) -> None:
    """Then the base URLs differ by their paths."""
    entries = [_page("https://a.example.com"), _of("https://a.example.com/api", call("GET", "/pets", 200, LISTED))]
    report = judged(tmp_path, entries, spec=spec)
    assert (report.verdict, report.cases, report.notes[0]) == ("pass", 1, "base URL: https://a.example.com/api")


def test_a_base_url_may_be_given(spec: str, tmp_path: Path) -> None:
    """Then a page is what the API answers."""
    entries = [_page("https://app.example.com")]
    report = judged(tmp_path, entries, spec=spec)
    assert report.verdict is Verdict.NOT_JUDGED
    assert report.not_judged[0].startswith("the only entry isn't a call of the contract, as no URL fits its paths")
    assert ("--base-url https://HOST/BASE" in report.not_judged[0], report.gate["recorded"]) == (True, "0/1")
    report = judged(tmp_path, entries, spec=spec, base_urls=("https://app.example.com/",))
    assert [(one.check, one.blame) for one in report.findings] == [("content_type_conformance", "gateway")]
    report = judged(tmp_path, entries, spec=spec, base_urls=("https://other.example.com",))
    (told,) = report.not_judged
    assert told.startswith("the only entry isn't a call of the contract below https://other.example.com: ")
    with pytest.raises(SettingsError, match="--base-url must be like"):
        judged(tmp_path, entries, spec=spec, base_urls=("ftp://me:secret@x",))


def test_an_empty_recording_is_told_as_empty(tmp_path: Path) -> None:
    """Somebody has to record again."""
    assert judged(tmp_path, []).not_judged[0].startswith("there is no entry in the recording: ")


def test_who_may_is_judged_where_credentials_were_kept(spec: str, tmp_path: Path) -> None:
    """Chrome leaves out cookies and `Authorization`: nothing is said then, but that it isn't judged."""
    bare, with_cookie, whole = (_of(API, call("GET", "/pets", 200, LISTED)) for _ in range(3))
    with_cookie["request"]["headers"] = named([("cookie", "sid=1")])
    whole["request"]["headers"] = named([("cookie", "sid=1"), ("authorization", "Bearer x")])
    report = judged(tmp_path, [bare], spec=spec)
    assert (report.findings, "who may call, in 1 request" in report.notes[-1]) == ([], True)
    assert judged(tmp_path, [bare, with_cookie], spec=spec).findings == []  # a cookie says nothing of tokens
    assert [one.check for one in judged(tmp_path, [bare, whole], spec=spec).findings] == ["ignored_auth"]


def _no_calls() -> list[Entry]:
    preflight = _of(API, call("OPTIONS", "/pets", 204)) | {"_resourceType": "preflight"}
    aborted = _of(API, call("GET", "/pets", 0)) | {"_error": "net::ERR_ABORTED"}
    internal = _of(API, call("GET", "/pets", 307))
    internal["response"]["statusText"] = "Internal Redirect"
    return [preflight, aborted, internal, _of(API, call("GET", "/pets", 304)), _of(API, call("GET", "/pets", 200, []))]


def test_what_is_no_call_is_counted(spec: str, tmp_path: Path) -> None:
    """Preflights, caches, aborted requests, redirects inside of the browser."""
    report = judged(tmp_path, _no_calls(), spec=spec)
    assert (report.findings, report.cases) == ([], 3)
    told = "\n".join(report.notes)
    assert "1 of 5 entries, preflights of browsers" in told
    assert "1 of 5 entries, made by the browser, or no call" in told
    assert "1 request without an answer (aborted or blocked): entry 2" in told
    assert "1 answer with 304" in told


def test_bodies_that_are_not_recorded_are_told(spec: str, tmp_path: Path) -> None:
    """If there is none at all, nothing could be judged."""
    empty, full = _of(API, call("GET", "/pets", 200, [])), _of(API, call("GET", "/pets", 200, []))
    del empty["response"]["content"]["text"]
    report = judged(tmp_path, [empty, full], spec=spec)
    assert (report.verdict, "1 answer whose body isn't in the recording: entry 1" in "\n".join(report.notes)) == (
        "pass",
        True,
    )
    report = judged(tmp_path, [empty], spec=spec)
    assert (report.verdict, "save it with content" in report.not_judged[0]) == (Verdict.NOT_JUDGED, True)


def test_ranges_and_default_answers_are_declared(spec: str, tmp_path: Path) -> None:
    """A 404 by `default`, a 422 by `4XX`, a media type by a range; a 500 is a server error although `default` fits."""
    entries = [
        *(_of(API, call("GET", "/pets", status, {})) for status in (404, 500)),
        *(_of(API, call("POST", "/pets", 422, {}, sent={"id": 1})), _of(API, call("GET", "/pets", 200, []))),
    ]
    found = judged(tmp_path, entries, spec=spec).findings
    assert [(one.check, one.operation, one.severity) for one in found] == [
        ("not_a_server_error", "listPets", "critical")
    ]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("size=50&kinds=cat,dog", []),
        ("size=51", ["size: it should be less than or equal to 50"]),
        ("size=many", ["size: it should be of type integer"]),
        ("kinds=cat,cow", ["kinds: The value you selected is not a valid choice"]),
    ],
)
def test_parameters_that_were_accepted_are_judged(query: str, said: list[str], spec: str, tmp_path: Path) -> None:
    """By the type that their schema takes."""
    found = judged(tmp_path, [_of(API, call("GET", f"/pets?{query}", 200, []))], spec=spec).findings
    assert [one.message.partition("parameter ")[2].partition(", and")[0] for one in found] == said
    assert {one.blame for one in found} <= {"contract"}
    assert judged(tmp_path, [_of(API, call("GET", f"/pets?{query}", 400, {}))], spec=spec).findings == []


def _beyond() -> list[Entry]:
    tier = [{"id": 1, "tier": "gold"}, {"id": 2, "tier": 3}]
    return [
        *(_of(API, call("GET", "/pets?colour=red", 200, tier)), _of(API, call("GET", "/pets", 200, tier))),
        _of(API, call("POST", "/pets", 201, {"id": 1}, sent={"id": 1, "note": None})),
        *(_of(API, call("GET", path, 200, {})) for path in ("/shops/12", "/shops/13")),
    ]


def test_what_the_contract_does_not_know_is_noted(spec: str, tmp_path: Path) -> None:
    """Fields, parameters and operations with their counts and types: it is no finding, as nothing forbids them."""
    report = judged(tmp_path, _beyond(), spec=spec)
    told = {(one["kind"], one["operation"], one["name"]): (one["count"], one["types"]) for one in report.beyond}
    assert report.findings == []
    assert told == {
        ("operation", "GET /shops/{id}", "GET /shops/{id}"): (2, {}),
        ("parameter", "listPets", "colour"): (1, {}),
        ("requestField", "addPet", "note"): (1, {"null": 1}),
        ("responseField", "listPets", "[].tier"): (2, {"string": 2, "integer": 2}),
    }
    assert any("listPets knows a field `[].tier` in 2 answers 200, which" in one for one in report.notes)


def test_what_the_contract_forbids_is_a_finding_and_no_note(tmp_path: Path) -> None:
    """A field of a closed object, a parameter that an assumption says is refused; others are notes."""
    fields = {"eventName": "CustomerRegistered", "url": "https://a.example.com/", "note": 1}
    made = call("POST", LIST, 200, {"webhookSubscriptionId": ID}, sent={"webhookSubscription": fields, "more": 1})
    report = judged(tmp_path, [made, call("GET", f"{LIST}?colour=red", 200, EMPTY)])
    told = [one.message.partition(": ")[0] for one in report.findings]
    assert sorted(told) == ["query parameter colour", "webhookSubscription.note"]
    assert [one["name"] for one in report.beyond] == ["more"]


def test_what_our_own_checks_send_says_nothing_of_an_instance(tmp_path: Path) -> None:
    """They try fields that nobody has."""
    sent = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": "https://a.example.com/"}, "ru": 1}
    made = call("POST", LIST, 200, {"webhookSubscriptionId": ID, "new": 1}, sent=sent)
    report = judged(tmp_path, [made | {"_scenario": "fuzzing"}])
    assert [one["name"] for one in report.beyond] == ["new"]


def test_unknown_values_are_findings_and_among_what_is_beyond(spec: str, tmp_path: Path) -> None:
    """So that a change of the contract knows them."""
    report = judged(tmp_path, [_of(API, call("GET", "/pets", 200, [{"id": 1, "kind": "cow"}]))], spec=spec)
    assert [(one.check, one.got.rpartition("with ")[2]) for one in report.findings] == [
        ("response_schema_conformance", '"cow"')
    ]
    assert [(one["kind"], one["name"]) for one in report.beyond] == [("responseValue", "[].kind=cow")]


def test_one_cause_is_one_finding(spec: str, tmp_path: Path) -> None:
    """With its count, the smallest example and the first entries, wherever it shows: operations share schemas."""
    rows = [{"id": str(number)} for number in range(9)]
    entries = [_of(API, call("GET", "/pets", 200, rows)) for _ in range(8)]
    entries += [_of(API, call("GET", "/pets", 200, rows[:1])), _of(API, call("GET", "/pets/1", 200, {"id": "x"}))]
    (found,) = judged(tmp_path, entries, spec=spec).findings
    assert (found.count, found.operations) == (10, ("getPet", "listPets"))
    assert found.got.startswith(f"entry 9, GET {API}/pets: answered 200, with a text of 1 characters")
    assert found.got.endswith("seen in entry 1, entry 2, entry 3, entry 4, entry 5 and 5 more")
