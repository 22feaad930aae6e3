"""mockserver.pipeline.declared_responses: operations without behaviour answer with what the contract declares."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World
from tests.support.foreign import answering, serving


def test_generated_answer_is_valid(zoo_client: TestClient, zoo: Contract) -> None:
    """Without an example the response is generated, with its headers, and is what the contract declares."""
    answer = zoo_client.get("/v1/animals")

    schema = "/paths/~1animals/get/responses/200/content/application~1json/schema"
    assert (answer.status_code, answer.headers["x-mock-source"]) == (200, "example")
    assert zoo.validator(schema).violations(answer.json()) == []
    assert int(answer.headers["x-total"]) >= 0


def test_declared_example_is_answered(zoo_client: TestClient) -> None:
    """The first declared example is the response."""
    assert zoo_client.get("/v1/animals/1").json() == {"kind": "cat", "name": "Tom", "lives": 9}


def test_same_seed_gives_the_same_answer(zoo: Contract) -> None:
    """Two mocks with one seed answer alike."""
    answers = []
    for _ in range(2):
        with TestClient(create_app(World.build(Settings(seed=5), zoo))) as client:
            answers.append(client.get("/v1/animals").content)

    assert answers[0] == answers[1]


def test_other_media_types_are_answered(zoo_client: TestClient) -> None:
    """A response needn't be JSON, and a path segment may hold two parameters."""
    answer = zoo_client.get("/v1/photos/tom.png")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")


def test_a_range_of_media_types_is_answered_by_one_of_them(zoo_client: TestClient) -> None:
    """`image/*` is answered by an image; a declared header `Content-Type` is ignored, as OpenAPI says."""
    answer = zoo_client.get("/v1/keys?api_key=1")

    assert answer.status_code == 200
    assert answer.headers.get_list("content-type") == ["image/png"]


def test_headers_that_the_server_sends_are_its_own() -> None:
    """A declared Content-Length or Date is neither made up nor missed; the length is that of the body."""
    number = {"required": True, "schema": {"type": "integer", "minimum": 999}}
    response = {
        "description": "",
        "headers": {"Content-Length": number, "Date": number},
        "content": {"application/json": {"example": {"a": 1}}},
    }
    document = {"openapi": "3.0.3", "info": {"title": ""}, "paths": {"/a": {"get": {"responses": {"200": response}}}}}
    with TestClient(create_app(World.build(Settings(seed=1, strict=True), Contract(b"", document)))) as client:
        answer = client.get("/a")

    assert answer.status_code == 200
    assert answer.headers.get_list("content-length") == [str(len(answer.content))]
    assert "date" not in answer.headers


@pytest.mark.parametrize("status", ["204", "205", "304"])
def test_what_has_no_body_is_answered_without(tmp_path: Path, status: str) -> None:
    """A status that has no body is answered without one and without its type, even if the contract declares one."""
    responses = {status: {"description": "", "content": {"application/json": {"example": "never"}}}}
    with serving(tmp_path, {"/a": {"get": {"responses": responses}}}) as client:
        answer = client.get("/a", headers={"Prefer": f"code={status}"})

    assert (answer.status_code, answer.content) == (int(status), b"")
    assert "content-type" not in answer.headers


RUNNABLE = [
    *("text/html", "TEXT/HTML", "text/html; charset=utf-8", "image/svg+xml", "application/xhtml+xml", "text/xml"),
    *("application/xml", "application/pdf", "text/javascript", "text/plain", "application/octet-stream", "image/png"),
    *("text/x-json", "text/html+json", "application/html;json", "text/*", "multipart/x-mixed-replace"),
    *("application/json/html", "text/html,application/json", "text/html\r\nx: json", "application/vnd.x+xml"),
]


@pytest.mark.parametrize("media_type", RUNNABLE)
def test_no_script_of_an_example_runs(tmp_path: Path, media_type: str) -> None:
    """An example that isn't JSON gets an origin of its own and no scripts, and no browser guesses its type."""
    declared = {"X-Content-Type-Options": {"example": "no"}, "Content-Security-Policy": {"example": "script-src *"}}
    with serving(
        tmp_path, {"/a": {"get": answering("<script>alert(1)</script>", media_type, headers=declared)}}
    ) as client:
        answers = [client.get("/a", headers=headers) for headers in ({}, {"Prefer": "code=200"})]

    for answer in answers:
        assert answer.headers.get_list("content-security-policy") == ["sandbox"]
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"]


@pytest.mark.parametrize(
    "media_type", ["application/json", "application/problem+json", "application/vnd.a.b-c+json; v=1"]
)
def test_json_needs_no_sandbox(tmp_path: Path, media_type: str) -> None:
    """JSON runs nowhere; its type is what it says."""
    with serving(tmp_path, {"/a": {"get": answering({"a": 1}, media_type)}}) as client:
        answer = client.get("/a")

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" not in answer.headers


@pytest.mark.parametrize(
    "value", ["a\r\nSet-Cookie: b", "a\nb", "a\0b", "\x1b[2J", "a\r\n\r\n<html>", "\u2028", "\ud83d\ude00"]
)
@pytest.mark.parametrize("place", ["name", "value", "type"])
def test_headers_of_examples_stay_single_lines(tmp_path: Path, value: str, place: str) -> None:
    """What a contract has in a header can't end it: such a name is left out, and a value made one line."""
    header = {value if place == "name" else "X-A": {"example": value if place == "value" else "a"}}
    media_type = f"text/plain{value}" if place == "type" else "text/plain"
    with serving(tmp_path, {"/a": {"get": answering("b", media_type, headers=header)}}) as client:
        answer = client.get("/a")

    assert (answer.status_code, answer.text) == (200, "b")
    assert "set-cookie" not in answer.headers
    assert not any(set(text) & {0, 10, 13, 27} for header in answer.headers.raw for text in header)


TEXT = {"schema": {"type": "string"}}
ADDRESSES = [
    ({"id": 7, "a": 1}, "/pets/1/toys/7"),
    ({"toy": {"uuid": "x/y"}}, "/pets/1/toys/x%2Fy"),
]


@pytest.mark.parametrize(("example", "location"), ADDRESSES)
def test_headers_that_lead_somewhere_lead_to_the_mock(tmp_path: Path, example: object, location: str) -> None:
    """The Location of an example is that of its id, and a Link that nobody needs is left out."""
    declared = {"Location": TEXT, "Link": TEXT}
    operation = answering(example, headers=declared)
    operation["parameters"] = [{"name": "pet", "in": "path", "required": True, "schema": {"type": "string"}}]
    with serving(tmp_path, {"/pets/{pet}/toys": {"post": operation}}) as client:
        answer = client.post("/pets/1/toys", headers={"Prefer": "code=200"})

    assert (answer.headers["location"], "link" in answer.headers) == (location, False)


def test_a_location_that_has_to_be_absolute_is(tmp_path: Path) -> None:
    """Where the contract takes no path, the header has what it takes."""
    declared = {"Location": {"schema": {"type": "string", "format": "uri"}}}
    with serving(tmp_path, {"/a": {"post": answering({"id": 1}, headers=declared)}}) as client:
        assert "://" in client.post("/a", headers={"Prefer": "code=200"}).headers["location"]
