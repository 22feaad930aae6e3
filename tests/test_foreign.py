"""Any other contract: operations without behaviour are answered by what the contract declares."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.errors import ContractError
from mockserver.http.messages import MAX_BODY
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Source
from mockserver.settings import Settings
from mockserver.world import World

DOCUMENT = r"""
openapi: 3.0.1
info: {title: Zoo, version: '1'}
servers: [{url: 'https://zoo.example.com/v1'}]
paths:
  /animals:
    get:
      parameters:
        - {name: kinds, in: query, schema: {type: array, items: {type: string, enum: [cat, dog]}}}
        - {name: ids, in: query, explode: false, schema: {type: array, items: {type: integer}}}
        - {name: ages, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: integer}}}
        - {name: box, in: query, style: deepObject, schema: {type: object, properties: {high: {type: integer}}}}
        - {name: sort, in: query, schema: {type: object, properties: {by: {type: string}, up: {type: boolean}}}}
        - {name: where, in: query, content: {application/json: {schema: {type: object, required: [x]}}}}
        - {name: X-Depth, in: header, schema: {type: integer}}
        - {name: theme, in: cookie, schema: {type: string, enum: [light, dark]}}
      responses:
        '200':
          description: Some animals.
          headers: {X-Total: {required: true, schema: {type: integer, minimum: 0}}}
          content:
            application/json:
              schema: {type: array, minItems: 1, items: {$ref: '#/components/schemas/Animal'}}
        default:
          description: No.
          content:
            application/problem+json:
              schema: {$ref: '#/components/schemas/Problem'}
  /animals/{animalId}:
    parameters: [{name: animalId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: same
      responses:
        '200':
          description: One.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Animal'}
              examples:
                cat: {value: {kind: cat, name: Tom, lives: 9}}
                dog: {value: {kind: dog, name: Rex, tricks: [sit]}}
        '404':
          description: None.
          content: {text/plain: {example: There is no such animal.}}
    put:
      operationId: same
      security: [{basic: []}, {key: [], session: []}]
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Animal'}}
          application/x-www-form-urlencoded:
            schema: {type: object, required: [name, age], properties: {name: {type: string}, age: {type: integer}}}
      responses: {'204': {description: Done.}}
  /keys:
    get:
      security: [{key: []}]
      parameters: [{name: page, in: query, schema: {type: integer}}, {name: note, in: query}]
      responses:
        '200':
          description: Any picture.
          headers: {Content-Type: {required: true, schema: {type: string}}, X-Any: {required: false}}
          content: {image/*: {}, examples: {}}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: null}, text/plain: {}, application/x-www-form-urlencoded: null}
      responses: {'204': {description: Done.}}
  /photos/{name}.{format}:
    get:
      responses:
        '200': {description: A photo., content: {image/png: {schema: {type: string, format: binary}}}}
  /matrix/{point}:
    parameters:
      - name: point
        in: path
        required: true
        style: matrix
        schema: {type: object, required: [x, y], properties: {x: {type: integer}, y: {type: integer}}}
    get: {responses: {'200': {description: ok}}}
components:
  securitySchemes:
    basic: {type: http, scheme: basic}
    key: {type: apiKey, in: query, name: api_key}
    session: {type: apiKey, in: cookie, name: SID}
  schemas:
    Problem:
      type: object
      required: [title, status]
      properties: {title: {type: string}, status: {type: integer}}
    Animal:
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat', dog: '#/components/schemas/Dog'}}
    Cat:
      type: object
      required: [kind, name]
      properties: {kind: {type: string, enum: [cat]}, name: {type: string}, lives: {type: integer, maximum: 9}}
    Dog:
      type: object
      required: [kind, name]
      properties:
        kind: {type: string, enum: [dog]}
        name: {type: string}
        tricks: {type: array, items: {type: string}}
        friend: {$ref: '#/components/schemas/Animal'}
"""
BASIC = {"Authorization": "Basic dG9tOmplcnJ5"}


@pytest.fixture(scope="module")
def zoo() -> Contract:
    """A contract of somebody else."""
    return Contract(DOCUMENT.encode(), Source("a.yaml", DOCUMENT.encode()).content)


@pytest.fixture
def client(zoo: Contract) -> Iterator[TestClient]:
    """A client of the mock that serves it, strictly."""
    with TestClient(create_app(World.build(Settings(seed=1, strict=True), zoo))) as client:
        yield client


def test_generated_answer_is_valid(client: TestClient, zoo: Contract) -> None:
    """Without an example the answer is generated, with its headers, and is what the contract declares."""
    answer = client.get("/v1/animals")

    schema = "/paths/~1animals/get/responses/200/content/application~1json/schema"
    assert (answer.status_code, answer.headers["x-mock-source"]) == (200, "example")
    assert zoo.validator(schema).violations(answer.json()) == []
    assert int(answer.headers["x-total"]) >= 0


def test_declared_example_is_answered(client: TestClient) -> None:
    """The first declared example is the answer."""
    assert client.get("/v1/animals/1").json() == {"kind": "cat", "name": "Tom", "lives": 9}


def test_same_seed_gives_the_same_answer(zoo: Contract) -> None:
    """Two mocks with one seed answer alike."""
    answers = []
    for _ in range(2):
        with TestClient(create_app(World.build(Settings(seed=5), zoo))) as client:
            answers.append(client.get("/v1/animals").content)

    assert answers[0] == answers[1]


GOOD = [
    "",
    "?kinds=cat&kinds=dog",
    "?ids=1,2,3",
    "?ages=1%7C2",
    "?ages=1|2",
    "?box[high]=3",
    "?by=name&up=true",
    "?where=%7B%22x%22%3A1%7D",
]


@pytest.mark.parametrize("query", GOOD)
def test_parameters_of_all_styles_are_read(client: TestClient, query: str) -> None:
    """Valid parameters pass in each style."""
    assert client.get(f"/v1/animals{query}").status_code == 200


BAD = [
    "?kinds=cow",
    "?kinds=cat&kinds=cow",
    "?ids=1,x",
    "?ids=1%2C2",
    "?ages=1|x",
    "?box[high]=x",
    "?up=perhaps",
    "?where=%7B%7D",
    "?where=x",
    "?nonsense=1",
]


@pytest.mark.parametrize("query", BAD)
def test_bad_parameters_get_the_declared_error(client: TestClient, query: str) -> None:
    """A bad parameter gets the 400 that the contract declares, in its shape."""
    answer = client.get(f"/v1/animals{query}")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().keys() >= {"title", "status"}


@pytest.mark.parametrize("headers", [{"X-Depth": "deep"}, {"Cookie": "theme=pink"}])
def test_bad_headers_and_cookies_are_refused(client: TestClient, headers: dict[str, str]) -> None:
    """Header and cookie parameters are checked too."""
    assert client.get("/v1/animals", headers=headers).status_code == 400
    assert client.get("/v1/animals", headers={"X-Depth": "3", "Cookie": "a=b; theme=dark"}).status_code == 200


def test_path_parameters_are_checked(client: TestClient) -> None:
    """A path parameter of the wrong type is refused, as ours where the contract declares no such error."""
    answer = client.get("/v1/animals/tom")

    assert (answer.status_code, answer.headers["x-mock-source"]) == (400, "mock")
    assert answer.json()["errors"][0]["path"] == "animalId"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/matrix/;point=x,1,y,2", 200), ("/v1/matrix/;point=x,1", 400), ("/v1/matrix/;x=1;y=2", 400)],
)
def test_matrix_style(client: TestClient, path: str, status: int) -> None:
    """A matrix parameter is read as its style says."""
    assert client.get(path).status_code == status


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({}, 401),
        ({"headers": {"Authorization": "Basic x"}}, 401),
        ({"headers": {"Authorization": "Bearer x"}}, 401),
        ({"headers": BASIC}, 204),
        ({"params": {"api_key": "1"}}, 401),
        ({"headers": {"Cookie": "SID=1"}}, 401),
        ({"params": {"api_key": "1"}, "headers": {"Cookie": "SID=1"}}, 204),
    ],
)
def test_credentials_of_the_right_form_are_asked_for(client: TestClient, request_: dict[str, Any], status: int) -> None:
    """One of the alternatives must be complete; any value of the right form will do."""
    answer = client.put("/v1/animals/1", json={"kind": "cat", "name": "Tom"}, **request_)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"json": {"kind": "dog", "name": "Rex", "friend": {"kind": "cat", "name": "Tom"}}}, 204),
        ({"json": {"kind": "cow", "name": "Eve"}}, 400),
        ({"data": {"name": "Tom", "age": "3"}}, 204),
        ({"data": {"name": "Tom", "age": "young"}}, 400),
        ({"data": {"name": "Tom"}}, 400),
        ({"content": b"x", "headers": BASIC | {"Content-Type": "text/csv"}}, 415),
        ({}, 400),
    ],
)
def test_bodies_of_all_kinds_are_checked(client: TestClient, request_: dict[str, Any], status: int) -> None:
    """JSON and forms are validated; other types are refused."""
    assert client.put("/v1/animals/1", **({"headers": BASIC} | request_)).status_code == status


def test_other_media_types_are_answered(client: TestClient) -> None:
    """An answer needn't be JSON, and a path segment may hold two parameters."""
    answer = client.get("/v1/photos/tom.png")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")


@pytest.mark.parametrize(("query", "status"), [("?api_key=1&page=1", 200), ("?api_key=1&pages=1", 400)])
def test_a_key_in_the_query_is_no_stranger(client: TestClient, query: str, status: int) -> None:
    """A credential of the query needn't be declared as a parameter, too; anything else must be."""
    assert client.get(f"/v1/keys{query}").status_code == status


def test_a_range_of_media_types_is_answered_by_one_of_them(client: TestClient) -> None:
    """`image/*` is answered by an image; a declared header `Content-Type` is ignored, as OpenAPI says."""
    answer = client.get("/v1/keys?api_key=1")

    assert answer.status_code == 200
    assert answer.headers.get_list("content-type") == ["image/png"]


@pytest.mark.parametrize(
    ("media_type", "text", "status"),
    [
        ("application/json", b'{"any": 1}', 204),
        ("application/json", b"{", 400),
        ("application/json", b"", 400),
        ("text/plain", b"", 204),
        ("application/x-www-form-urlencoded", b"", 204),
        ("application/x-www-form-urlencoded", b"a=1", 204),
        ("text/csv", b"", 400),
    ],
)
def test_bodies_without_a_schema_are_read(client: TestClient, media_type: str, text: bytes, status: int) -> None:
    """A media type without a schema takes anything of its kind; no text at all is a form, but no JSON."""
    assert client.post("/v1/keys", content=text, headers={"Content-Type": media_type}).status_code == status


PREFERENCES: list[tuple[str, int, str, bytes]] = [
    ("code=404", 404, "code=404", b"There is no such animal."),
    ("example=dog", 200, "example=dog", b'{"kind":"dog","name":"Rex","tricks":["sit"]}'),
    ('code=200; example="dog"', 200, "code=200, example=dog", b'{"kind":"dog","name":"Rex","tricks":["sit"]}'),
    ("delay=0.01", 200, "delay=0.01", b'{"kind":"cat","name":"Tom","lives":9}'),
    ("code=404, delay=0.01", 404, "code=404, delay=0.01", b"There is no such animal."),
]


@pytest.mark.parametrize(("prefer", "status", "applied", "body"), PREFERENCES)
def test_preference_steers_the_answer(client: TestClient, prefer: str, status: int, applied: str, body: bytes) -> None:
    """A client chooses status and example, and can have it later."""
    answer = client.get("/v1/animals/1", headers={"Prefer": prefer})

    assert (answer.status_code, answer.headers["preference-applied"], answer.content) == (status, applied, body)


@pytest.mark.parametrize("prefer", ["respond-async", "", "dynamic=true", ",,;;=", "wait=10"])
def test_other_preferences_are_ignored(client: TestClient, prefer: str) -> None:
    """Preferences that the mock doesn't know change nothing."""
    answer = client.get("/v1/animals/1", headers={"Prefer": prefer})

    assert answer.status_code == 200
    assert "preference-applied" not in answer.headers


@pytest.mark.parametrize(
    ("prefer", "told"),
    [
        ("code=418", "It declares the codes 200, 404, and the examples cat, dog."),
        ("example=cow", "It declares the codes 200, 404, and the examples cat, dog."),
        ("code=404, example=cat", "It declares the codes 200, 404, and the examples cat, dog."),
        ("code=many", "give 200 to 599"),
        ("code=101", "give 200 to 599"),
        ("delay=31", "30 at most"),
        ("delay=-1", "30 at most"),
        ("delay=1e9", "30 at most"),
    ],
)
def test_impossible_preference_is_told(client: TestClient, prefer: str, told: str) -> None:
    """A preference that the contract can't meet is a 400 that lists what it could."""
    answer = client.get("/v1/animals/1", headers={"Prefer": prefer})

    assert (answer.status_code, answer.headers["x-mock-source"]) == (400, "mock")
    assert told in answer.json()["message"]


def test_operations_of_one_name_are_told_apart(client: TestClient) -> None:
    """Of two operations that declare the same name, the second goes by method and path for faults and requests, too."""
    name = "put /animals/{animalId}"
    fault = client.post("/_mock/faults", json={"operationId": name, "status": 503})

    statuses = [client.get("/v1/animals/1").status_code, client.put("/v1/animals/1").status_code]

    assert (fault.status_code, statuses) == (201, [200, 503])
    found = client.get("/_mock/requests", params={"operationId": name}).json()["items"]
    assert [exchange["method"] for exchange in found] == ["PUT"]


@pytest.mark.parametrize(
    ("server", "path"),
    [
        ("v1", "/v1/a"),
        ("./v1/", "/v1/a"),
        ("/v1", "/v1/a"),
        ("https://example.com", "/a"),
        ("", "/a"),
        ("{base}", "/v2/a"),
    ],
)
def test_server_addresses_of_all_kinds_are_base_paths(server: str, path: str) -> None:
    """An address may be relative to the document, which is at the root of the mock."""
    paths = {"/a": {"get": {"responses": {"204": {"description": ""}}}}}
    document = {"openapi": "3.0.3", "info": {"title": "", "version": ""}, "paths": paths}
    servers = [{"url": server, "variables": {"base": {"default": "/v2"}}}]

    with TestClient(create_app(World.build(Settings(), Contract(b"", {**document, "servers": servers})))) as client:
        assert client.get(path).status_code == 204


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


# ---------------------------------------------------------------- hostile contracts
def _serving(tmp_path: Path, paths: dict[str, Any], server: str | None = None) -> TestClient:
    """A client of a mock of a contract in a file."""
    servers = {"servers": [{"url": server}]} if server else {}
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, **servers, "paths": paths}))
    return TestClient(create_app(World.build(Settings(seed=1), Contract.load(path))))


def _answering(example: object = "foreign", media_type: str = "application/json", **more: Any) -> dict[str, Any]:
    """An operation that answers an example."""
    return {"responses": {"200": {"description": "ok", "content": {media_type: {"example": example}}, **more}}}


OWN = ["/docs", "/docs/sources.json", "/docs/assets/docs.js", "/_mock/health", "/_mock/jwks.json"]


@pytest.mark.parametrize(
    ("path", "method", "server"),
    [
        *((path, method, None) for path in OWN for method in ("get", "head")),
        *((path, "post", None) for path in ("/_mock", "/_mock/", "/_mock/reset", "/_mock/{x}", "/_mock/{a}/{b}")),
        *(
            (path, "get", None)
            for path in ("/%64ocs", "/docs/%61ssets/docs.js", "/%5fmock/x", "/%5Fmock/{x}", "/_mock/x.y")
        ),
        ("/health", "get", "https://a.test/_mock"),
        ("/health", "get", "/_mock/"),
        ("/x", "delete", "_mock"),
        ("/assets/docs.js", "get", "https://a.test/docs"),
    ],
)
def test_no_contract_takes_the_place_of_the_mock(tmp_path: Path, path: str, method: str, server: str | None) -> None:
    """An operation where the mock's own pages are, or below /_mock, is refused with its line, and a way out."""
    with pytest.raises(
        ContractError, match=r"openapi\.json:1: the path .* is the mock's own\. Take it out, or give the API"
    ):
        _serving(tmp_path, {path: {method: _answering()}}, server)


TEMPLATES = [
    "/{x}",
    "/{x}/{y}",
    "/{x}/{y}/{z}",
    "/docs/{x}",
    "/docs/assets/{x}",
    "/{x}ocs",
    "/d{x}",
    "/{x}.json",
    "/openapi.{x}",
]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("method", ["get", "head"])
def test_own_pages_win_over_templates(tmp_path: Path, template: str, method: str) -> None:
    """A template that could match one of the mock's own pages doesn't, whatever the method."""
    with _serving(tmp_path, {template: {method: _answering()}}) as client:
        pages = [*OWN, "/openapi.json", "/openapi.yaml"]
        answers = [client.request(method, page) for page in pages]

    assert {answer.status_code for answer in answers} == {200}
    assert not any("x-mock-source" in answer.headers for answer in answers)


def test_the_start_page_may_be_declared(tmp_path: Path) -> None:
    """Many APIs have an operation at `/`: there the mock only leads to the documentation otherwise."""
    with _serving(tmp_path, {"/": {"get": _answering()}, "/{x}": {"get": _answering()}}) as client:
        assert client.get("/", follow_redirects=False).json() == "foreign"
        assert client.get("/docs").headers["content-type"].startswith("text/html")


def test_paths_that_no_request_has_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A path with a query or fragment in it is told of at the start, in one line for all."""
    paths = {path: {"get": _answering(), "put": _answering()} for path in ("/a?b=1", "/#c", "/d%3F")}
    _serving(tmp_path, paths)

    (told,) = [message for message in caplog.messages if "query or fragment" in message]
    assert told.endswith(": /a?b=1, /#c")


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml"])
def test_a_contract_that_declares_itself_is_served(tmp_path: Path, caplog: pytest.LogCaptureFixture, path: str) -> None:
    """What a contract says of the place where it is to be read holds anyway, and the log tells by what."""
    with _serving(tmp_path, {path: {"get": _answering(), "post": _answering()}}) as client:
        assert '"openapi"' in client.get(path).text
        assert client.post(path).json() == "foreign"
    assert f"{path} is answered by the contract that is served, and not as it declares." in caplog.messages


PAGES = [
    "/openapi.json",
    "/openapi.yaml",
    "/docs",
    "/docs/sources.json",
    "/openapi%2Ejson",
    "/%6fpenapi.yaml",
    "/%64ocs",
]


@pytest.mark.parametrize("page", PAGES)
def test_the_contract_of_others_is_not_for_other_origins(tmp_path: Path, page: str) -> None:
    """A web page elsewhere can't read a contract that isn't the mock's own, but call the API that it describes."""
    elsewhere = {"Origin": "https://evil.example.com"}
    with _serving(tmp_path, {"/a": {"get": _answering()}}) as client:
        answers = [client.request(method, page, headers=elsewhere) for method in ("GET", "HEAD")]
        shared = [client.get(path, headers=elsewhere) for path in ("/a", "/_mock/health", "/nothing")]

    assert [answer.headers.get("access-control-allow-origin") for answer in answers] == [None, None]
    assert {answer.headers.get("access-control-allow-origin") for answer in shared} == {"*"}


def test_no_title_makes_a_contract_ours(tmp_path: Path) -> None:
    """A contract that calls itself Open Loyalty isn't the one that the mock ships, and is nobody else's to read."""
    path = tmp_path / "openapi.json"
    path.write_text('{"openapi": "3.0.3", "info": {"title": "Open Loyalty", "version": "1"}, "paths": {}}')
    with TestClient(create_app(World.build(Settings(seed=1), Contract.load(path)))) as client:
        answer = client.get("/openapi.json", headers={"Origin": "https://evil.example.com"})

    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("status", ["204", "205", "304"])
def test_what_has_no_body_is_answered_without(tmp_path: Path, status: str) -> None:
    """A status that has no body is answered without one and without its type, even if the contract declares one."""
    responses = {status: {"description": "", "content": {"application/json": {"example": "never"}}}}
    with _serving(tmp_path, {"/a": {"get": {"responses": responses}}}) as client:
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
    with _serving(
        tmp_path, {"/a": {"get": _answering("<script>alert(1)</script>", media_type, headers=declared)}}
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
    with _serving(tmp_path, {"/a": {"get": _answering({"a": 1}, media_type)}}) as client:
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
    with _serving(tmp_path, {"/a": {"get": _answering("b", media_type, headers=header)}}) as client:
        answer = client.get("/a")

    assert (answer.status_code, answer.text) == (200, "b")
    assert "set-cookie" not in answer.headers
    assert not any(set(text) & {0, 10, 13, 27} for header in answer.headers.raw for text in header)


@pytest.mark.parametrize("extensions", [{"x-max-body": 10**9}, {"x-max-body": "lots"}, {"x-gradual": True}])
@pytest.mark.parametrize("path", ["/v1/keys", "/api/DEFAULT/member"], ids=["no behaviour", "behaviour"])
def test_no_contract_sets_the_bounds_of_the_mock(
    zoo: Contract, contract: Contract, path: str, extensions: dict[str, Any]
) -> None:
    """What the control plane says in its own contract means nothing in that of somebody else."""
    document = deepcopy((zoo if path == "/v1/keys" else contract).document)
    for declared in document["paths"].values():
        declared.get("post", {}).update(extensions)
    headers = {"X-AUTH-TOKEN": "mock-api-key", "Content-Type": "application/x-www-form-urlencoded"}
    with TestClient(create_app(World.build(Settings(), Contract(b"", document)))) as client:
        answers = [client.post(path, content=b"x" * size, headers=headers) for size in (300_000, MAX_BODY + 1)]

    assert answers[0].status_code in (204, 400, 415)
    assert answers[1].status_code == 413


@pytest.mark.parametrize(
    ("name", "is_sent"),
    [
        *[(name, False) for name in ("Set-Cookie", "Refresh", "Content-Encoding", "Clear-Site-Data", "Alt-Svc")],
        *[(name, False) for name in ("Access-Control-Allow-Origin", "content-security-policy", "Proxy-Connection")],
        *[(name, False) for name in ("X-Mock-Fault", "Strict-Transport-Security", "Cross-Origin-Opener-Policy")],
        *[(name, True) for name in ("Location", "X-Total", "ETag", "Link", "Retry-After", "WWW-Authenticate")],
    ],
)
def test_headers_that_steer_browsers_are_the_mock_s_to_set(
    name: str, *, is_sent: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A contract's example sets none of them, though it says that it is required. The log tells that once."""
    headers = {name: {"required": True, "schema": {"type": "string"}, "example": "x"}}
    get = {
        "responses": {"200": {"description": "", "headers": headers}, "201": {"description": "", "headers": headers}}
    }
    document = {"openapi": "3.0.3", "info": {"title": "", "version": ""}, "paths": {"/x": {"get": get}}}
    with TestClient(create_app(World.build(Settings(strict=True), Contract(b"", document)))) as client:
        answer = client.get("/x")

    assert (answer.status_code, answer.headers.get(name) == "x") == (200, is_sent)
    warnings = [record for record in caplog.records if record.levelname == "WARNING"]
    told = [record.getMessage().count(f"{name.lower()} (") for record in warnings]
    assert told == ([] if is_sent else [1])
