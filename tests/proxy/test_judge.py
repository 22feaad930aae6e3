"""mockserver.proxy.judge: what is wrong with a request, and with the answer to it."""

import gzip

import pytest

from mockserver.content_codings import CannotDecode
from mockserver.http.messages import MAX_BODY, Header, Request, Response
from mockserver.openapi.contract import Contract
from mockserver.proxy.judge import ContractJudge, OperationJudge, is_json, readable_body
from tests.support.proxies import PETS, REX, always, proxied

JSON: Header = (b"content-type", b"application/json")


@pytest.fixture(scope="module")
def pets() -> ContractJudge:
    """The judge of pets."""
    return ContractJudge(Contract.load(PETS.spec))


def _asked(pets: ContractJudge, method: str, target: bytes, **headers: str) -> tuple[OperationJudge, Request]:
    named = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    request = Request(method, target, named, None)
    judge = pets.of(request)
    assert judge is not None
    return judge, request


@pytest.mark.parametrize(
    ("method", "target", "body", "found"),
    [
        ("GET", b"/api/pets?limit=5", b"", []),
        ("GET", b"/api/pets?limit=500", b"", ["request query.limit: This value should be less than or equal to 100."]),
        ("GET", b"/api/pets?many=1", b"", ["request query.many: This field was not expected."]),
        ("GET", b"/api/pets/rex", b"", ["request path.petId: This value should be of type integer."]),
        ("POST", b"/api/pets", b'{"name": "Rex"}', []),
        ("POST", b"/api/pets", b'{"name": 1}', ["request body.name: This value should be of type string."]),
    ],
)
def test_requests_are_judged(pets: ContractJudge, method: str, target: bytes, body: bytes, found: list[str]) -> None:
    """Path, query, and body of a request are held against its operation."""
    judge, request = _asked(pets, method, target, content_type="application/json")

    assert list(map(str, judge.of_request(request, body))) == found


@pytest.mark.parametrize(("media_type", "body"), [("application/json", b"{"), ("text/plain", b"Rex"), ("", b"")])
def test_bodies_that_cant_be_read_are_violations(pets: ContractJudge, media_type: str, body: bytes) -> None:
    """A body that is no JSON, of another type, or missing is one violation of the body."""
    judge, request = _asked(pets, "POST", b"/api/pets", content_type=media_type)

    (found,) = judge.of_request(request, body)

    assert (found.place, found.keyword) == ("body", "content")


@pytest.mark.parametrize(
    ("response", "found"),
    [
        (Response(200, [JSON], b"[" + REX + b"]"), []),
        (Response(200, [JSON], b'[{"id": 1}]'), [("body[].name", "required", "body[0].name")]),
        (Response(200, [JSON], b"[1, 2]"), [("body[]", "type", "body[0]"), ("body[]", "type", "body[1]")]),
        (Response(200, [JSON], b"no"), [("body", "content", "body")]),
        (Response(200, [(b"content-type", b"text/html")], b"no"), [("content-type", "content", "content-type")]),
        (Response(500, [JSON], b"{}"), [("status", "status", "status")]),
    ],
)
def test_answers_are_judged(pets: ContractJudge, response: Response, found: list[tuple[str, str, str]]) -> None:
    """Status, media type and body of an answer are held against what is declared; places of lists have no indices."""
    judge, _ = _asked(pets, "GET", b"/api/pets")

    assert [(one.place, one.keyword, one.where) for one in judge.of_answer(response)] == found


def test_a_head_is_judged_alone(pets: ContractJudge) -> None:
    """Of an answer whose body isn't known, status, headers and type are judged."""
    judge, _ = _asked(pets, "GET", b"/api/secrets")
    plain: Header = (b"content-type", b"text/plain")

    def found(*headers: Header) -> list[str]:
        return [one.place for one in judge.of_answer(Response(200, [*headers]), has_body=False)]

    assert found(plain, (b"x-count", b"1")) == []
    assert found(plain) == ["headers.x-count"]
    assert found(JSON, (b"x-count", b"1")) == ["content-type"]


@pytest.mark.anyio
async def test_an_open_door_is_a_violation(pets: ContractJudge) -> None:
    """A success without the credential that the contract asks for is a violation; a refusal isn't."""
    judge, stranger = _asked(pets, "GET", b"/api/secrets")
    _, known = _asked(pets, "GET", b"/api/secrets", authorization="Bearer hunter2")

    (found,) = await judge.of_access(stranger, 200)

    assert found.message == "200 for a request without a credential. Send Authorization: Bearer TOKEN."
    assert await judge.of_access(stranger, 401) == await judge.of_access(known, 200) == []


def test_what_the_contract_lacks_has_no_judge(pets: ContractJudge) -> None:
    """Unknown paths and methods aren't judged."""
    assert pets.of(Request("GET", b"/api/cats", {}, None)) is None
    assert pets.of(Request("PATCH", b"/api/pets", {}, None)) is None


def test_bodies_are_read_without_codings() -> None:
    """A compressed body is judged as what it is; one that can't be is told."""
    assert readable_body(gzip.compress(REX), [(b"content-encoding", b"gzip")]) == REX
    assert readable_body(REX, []) == REX
    with pytest.raises(CannotDecode):
        readable_body(REX, [(b"content-encoding", b"br")])


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("application/json; charset=utf-8", True),
        ("application/problem+json", True),
        ("application/x-ndjson", False),
        ("application/json-seq", False),
        ("text/html", False),
        ("", False),
    ],
)
def test_one_json_text_is_told_from_a_sequence(media_type: str, expected: bool) -> None:  # noqa: FBT001 (pytest's)
    """JSON is one text; sequences of them aren't."""
    assert is_json([(b"content-type", media_type.encode())]) is expected


def test_the_type_of_a_body_that_isn_t_known_is_judged() -> None:
    """Of a body that is too large to be read, its media type is judged as that of any other."""
    with proxied(always(201, REX), strict=True) as client:
        found = [
            client.post("/api/pets", content=b"a" * (MAX_BODY + 1), headers={"content-type": media_type})
            for media_type in ("text/x", "application/json")
        ]

    assert [one.status_code for one in found] == [502, 201]
    assert found[0].json()["errors"][0].startswith("request body: This operation takes application/json or ")
