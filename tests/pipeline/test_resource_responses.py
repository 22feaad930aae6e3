"""mockserver.pipeline.resource_responses: a mock of another contract remembers what it is told."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.support.contracts_of import json_body
from tests.support.remembering import pets_document, remembering, with_comments


@pytest.fixture
def pets() -> Iterator[TestClient]:
    """A client of a mock of pets."""
    with remembering(pets_document()) as client:
        yield client


def test_what_is_created_is_there(pets: TestClient) -> None:
    """A created record is answered with its id, read at its location, and the last one of the list."""
    created = pets.post("/pets", json={"name": "Rex", "tag": "dog", "unknown": 1})

    rex = {"id": 4, "name": "Rex", "tag": "dog", "createdAt": "2026-01-15T10:30:00+00:00"}
    assert (created.status_code, created.headers["x-mock-source"], created.json()) == (201, "resource", rex)
    assert pets.get(created.headers["location"]).json() == rex
    assert pets.get("/pets").json()["items"][-1] == rex


def test_lists_honour_their_parameters(pets: TestClient) -> None:
    """A list is filtered, sorted and cut, and its total counts all that match."""
    for name in ("B", "A", "C"):
        pets.post("/pets", json={"name": name, "tag": "new"})

    answer = pets.get("/pets?tag=new&sort=-name&limit=2&page=1").json()
    assert ([one["name"] for one in answer["items"]], answer["total"]) == (["C", "B"], 3)
    assert [one["name"] for one in pets.get("/pets?tag=new&sort=-name&limit=2&page=2").json()["items"]] == ["A"]


@pytest.mark.parametrize(("page", "rels"), [(1, {"next": 2}), (2, {"next": 3, "prev": 1}), (3, {"prev": 2})])
def test_a_declared_link_leads_to_the_neighbours(page: int, rels: dict[str, int]) -> None:
    """`Link` has the pages behind and before."""
    document = pets_document()
    document["paths"]["/pets"]["get"]["responses"]["200"]["headers"] = {"Link": {"schema": {"type": "string"}}}
    with remembering(document) as client:
        links = client.get(f"/pets?limit=1&page={page}").headers["link"]
        whole = client.get("/pets")

    told = [f'<http://testserver/pets?limit=1&page={number}>; rel="{rel}"' for rel, number in rels.items()]
    assert links == ", ".join(told)
    assert "link" not in whole.headers


@pytest.mark.parametrize(("query", "is_told"), [("", False), ("?tag=a", False), ("?since=1", True), ("?since", True)])
def test_a_parameter_that_is_passed_over_is_told(query: str, *, is_told: bool) -> None:
    """Whoever sends what the list doesn't understand learns that it changed nothing."""
    document = pets_document()
    document["paths"]["/pets"]["get"]["parameters"] += [{"name": "since", "in": "query", "schema": {}}]
    with remembering(document) as client:
        answer = client.get(f"/pets{query}")

    hint = answer.headers.get("x-mock-hint", "")
    assert (answer.headers["x-mock-source"], "the same without since:" in hint) == ("resource", is_told)


def test_a_put_replaces_and_a_patch_merges(pets: TestClient) -> None:
    """A PUT keeps only what the server sets, a PATCH all that it doesn't name; null removes."""
    place = pets.post("/pets", json={"name": "Rex", "tag": "dog"}).headers["location"]
    kept = {"id": 4, "createdAt": "2026-01-15T10:30:00+00:00"}

    assert pets.patch(place, json={"name": "Max"}).json() == {**kept, "name": "Max", "tag": "dog"}
    assert pets.patch(place, json={"tag": None}).json() == {**kept, "name": "Max"}
    assert pets.put(place, json={"name": "Tom", "tag": "cat"}).json() == {**kept, "name": "Tom", "tag": "cat"}
    assert pets.get(place).json() == {**kept, "name": "Tom", "tag": "cat"}


def test_what_is_deleted_is_gone(pets: TestClient) -> None:
    """Afterwards each operation on it is the declared 404, which says what to do."""
    assert pets.delete("/pets/1").status_code == 204

    for answer in (pets.get("/pets/1"), pets.put("/pets/1", json={"name": "a"}), pets.delete("/pets/1")):
        assert (answer.status_code, answer.json()) == (404, {"detail": "No pet 1. POST /pets creates one."})
    assert pets.get("/pets").json()["total"] == 2


def test_invalid_input_changes_nothing(pets: TestClient) -> None:
    """What the contract refuses isn't remembered."""
    assert pets.post("/pets", json={"tag": "nameless"}).status_code == 400

    assert pets.get("/pets").json()["total"] == 3


NARROW = {"type": "object", "properties": {"id": {"type": "integer"}, "tag": {"enum": ["cat"]}}}


def test_what_would_leave_the_contract_is_an_example() -> None:
    """If a record doesn't fit the answer to its change, that is an example, a hint says why, and nothing changes."""
    document = pets_document()
    for method in ("put", "patch"):
        document["paths"]["/pets/{petId}"][method]["responses"]["200"] = json_body(NARROW)
    with remembering(document) as pets:
        answers = [one("/pets/1", json={"name": "Rex", "tag": "dog"}) for one in (pets.put, pets.patch)]
        left = pets.get("/pets/1").json()

    assert {(one.status_code, one.headers["x-mock-source"]) for one in answers} == {(200, "example")}
    assert all(one.headers["x-mock-hint"].startswith("This can't be remembered") for one in answers)
    assert left.get("tag") != "dog"


def test_what_no_answer_tells_is_not_there() -> None:
    """Where the answer to a creation or a deletion can't be, it is an example, and nothing is created or deleted."""
    document = pets_document()
    never = {"type": "object", "properties": {"id": {"type": "integer", "maximum": 0}}}
    document["paths"]["/pets"]["post"]["responses"]["201"] = json_body(never)
    document["paths"]["/pets/{petId}"]["delete"]["responses"] = {"200": json_body(never)}
    with remembering(document) as pets:
        assert pets.post("/pets", json={"name": "Rex"}).headers["x-mock-source"] == "example"
        assert pets.delete("/pets/1").headers["x-mock-source"] == "example"
        assert [one["id"] for one in pets.get("/pets").json()["items"]] == [1, 2, 3]


def test_a_record_that_no_list_could_show_is_not_remembered() -> None:
    """A list stays one of records, whatever the narrower schema of its rows."""
    document = pets_document()
    rows = document["paths"]["/pets"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    rows["properties"]["items"]["items"] = NARROW
    with remembering(document) as pets:
        assert pets.post("/pets", json={"name": "Rex", "tag": "dog"}).headers["x-mock-source"] == "example"
        listed = pets.get("/pets")
    assert (listed.headers["x-mock-source"], listed.json()["total"]) == ("resource", 3)


def test_a_location_names_any_id() -> None:
    """An id that clients choose may have a slash in it, and what else means something in an address."""
    document = pets_document()
    document["paths"]["/pets/{petId}"]["parameters"][0]["schema"] = {"type": "string"}
    schemas = document["components"]["schemas"]
    schemas["Pet"]["properties"]["id"] = schemas["NewPet"]["properties"]["id"] = {"type": "string"}
    with remembering(document) as pets:
        created = pets.post("/pets", json={"id": "a/b?c#d%2F", "name": "Rex"})

        assert created.headers["location"] == "/pets/a%2Fb%3Fc%23d%252F"
        assert pets.get(created.headers["location"]).json() == created.json()


def test_what_is_made_on_another_path_is_where_it_is_read() -> None:
    """Its `Location` is that of its item; and what is deleted elsewhere leaves it alone."""
    with remembering(with_comments()) as shops:
        one, other = (shops.post("/shops", json={"title": title}).json()["id"] for title in "ab")
        made = shops.post(f"/shops/{other}/tasks/7/comments", json={"text": "keep"})

        assert made.headers["location"] == f"/shops/{other}/comments/{made.json()['id']}"
        assert shops.delete(f"/shops/{one}").status_code == 204
        assert shops.get(made.headers["location"]).json() == made.json()


def test_a_location_may_have_to_be_absolute() -> None:
    """It is a path, unless the schema of the header wants a URI."""
    document = pets_document()
    location = document["paths"]["/pets"]["post"]["responses"]["201"]["headers"]["Location"]
    for schema, place in (({"type": "string"}, "/pets/{}"), ({"format": "uri"}, "http://testserver/pets/{}")):
        location["schema"] = schema
        for memory in (True, False):
            with remembering(document, memory=memory) as pets:
                created = pets.post("/pets", json={"name": "Rex"})
                assert created.headers["location"] == place.format(created.json()["id"])


def test_what_could_never_be_shown_is_not_remembered() -> None:
    """What the contract lets a client send, but no answer show, changes nothing; a hint says so."""
    document = pets_document()
    document["paths"]["/pets/{petId}"]["get"]["responses"]["200"] = json_body(NARROW)
    with remembering(document) as pets:
        answer = pets.post("/pets", json={"name": "Rex", "tag": "dog"})
        total = pets.get("/pets").json()["total"]

    assert answer.headers["x-mock-hint"].startswith("This can't be remembered as the contract shows it")
    assert (answer.status_code, answer.headers["x-mock-source"], total) == (201, "example", 3)


def test_a_patch_may_not_leave_an_invalid_record(pets: TestClient) -> None:
    """Who removes what is required is told so, and nothing changes."""
    answer = pets.patch("/pets/1", json={"name": None})

    assert answer.status_code == 400
    assert pets.get("/pets/1").json()["name"]


def test_a_taken_id_is_a_conflict_where_that_is_declared() -> None:
    """Without a declared 409, who posts a record with an id that is there replaces it."""
    document = pets_document()
    document["components"]["schemas"]["NewPet"]["properties"]["id"] = {"type": "integer"}
    with remembering(document) as pets:
        assert pets.post("/pets", json={"id": 1, "name": "a"}).json()["name"] == "a"
    document["paths"]["/pets"]["post"]["responses"]["409"] = {"description": "taken"}
    with remembering(document) as pets:
        assert pets.post("/pets", json={"id": 1, "name": "a"}).status_code == 409


def test_a_list_may_tell_how_many_its_filters_leave_out() -> None:
    """Beside the number of those that match stands that of all, filtered or not."""
    document = pets_document()
    counts = {"type": "object", "properties": {"all": {"type": "integer"}, "filtered": {"type": "integer"}}}
    success = document["paths"]["/pets"]["get"]["responses"]["200"]["content"]["application/json"]
    success["schema"]["properties"]["total"] = counts
    with remembering(document) as pets:
        pets.post("/pets", json={"name": "Rex", "tag": "new"})
        assert pets.get("/pets?tag=new").json()["total"] == {"all": 4, "filtered": 1}
        assert pets.get("/pets").json()["total"] == {"all": 4, "filtered": 4}


def test_a_total_may_be_a_header() -> None:
    """A declared X-Total-Count has the number of all records that match."""
    document = pets_document()
    success = document["paths"]["/pets"]["get"]["responses"]["200"]
    success["headers"] = {"X-Total-Count": {"schema": {"type": "integer"}}}
    with remembering(document) as pets:
        assert pets.get("/pets?limit=1").headers["x-total-count"] == "3"


def test_a_deletion_may_be_told() -> None:
    """Where a body says that it is done, that is the declared example."""
    document = pets_document()
    done = json_body({"type": "object", "properties": {"message": {"type": "string"}}}, example={"message": "Gone."})
    document["paths"]["/pets/{petId}"]["delete"]["responses"] = {"200": done}
    with remembering(document) as pets:
        answer = pets.delete("/pets/1")
        assert (answer.headers["x-mock-source"], answer.json()) == ("resource", {"message": "Gone."})
        assert pets.get("/pets/1").status_code == 404


def test_a_success_that_the_contract_forgot() -> None:
    """Where only refusals are declared, it is a 204 of the resource, and no violation of the contract."""
    document = pets_document()
    document["paths"]["/pets/{petId}"]["delete"]["responses"] = {"404": {"description": "gone"}}
    with remembering(document) as pets:
        answer = pets.delete("/pets/1")
        assert (answer.status_code, answer.headers["x-mock-source"], answer.content) == (204, "resource", b"")
        assert answer.headers["x-mock-hint"].endswith("declares no success of this operation.")
        assert "x-mock-contract-violation" not in answer.headers
        assert pets.delete("/pets/1").status_code == 404


def test_json_patches_are_applied() -> None:
    """A body of the media type of JSON Patch is a list of operations; one that doesn't fit is refused."""
    document = pets_document()
    operations = {"schema": {"type": "array", "items": {"type": "object"}}}
    document["paths"]["/pets/{petId}"]["patch"]["requestBody"]["content"] = {"application/json-patch+json": operations}
    document["paths"]["/pets/{petId}"]["patch"]["responses"]["409"] = {"description": "no"}
    headers = {"content-type": "application/json-patch+json"}
    with remembering(document) as pets:
        renamed = pets.patch("/pets/1", headers=headers, content='[{"op":"replace","path":"/name","value":"Max"}]')
        refused = pets.patch("/pets/1", headers=headers, content='[{"op":"test","path":"/name","value":"Tom"}]')

    assert (renamed.json()["name"], refused.status_code) == ("Max", 409)


def test_without_memory_each_answer_is_an_example() -> None:
    """With --no-memory nothing is remembered."""
    with remembering(pets_document(), memory=False) as pets:
        assert pets.post("/pets", json={"name": "Rex"}).headers["x-mock-source"] == "example"
        assert pets.get("/pets/999").status_code == 200


def test_a_put_creates_where_the_contract_says_so() -> None:
    """A PUT with a 201 makes the record that isn't there, under the id of the path."""
    document = pets_document()
    put = document["paths"]["/pets/{petId}"]["put"]
    put["responses"]["201"] = put["responses"]["200"]
    with remembering(document) as pets:
        created, changed = pets.put("/pets/77", json={"name": "a"}), pets.put("/pets/77", json={"name": "b"})

    assert [created.status_code, changed.status_code] == [201, 200]
    assert (created.json()["id"], changed.json()["name"]) == (77, "b")


def test_a_reset_begins_anew(pets: TestClient) -> None:
    """After a reset of the mock there are the first records again, and the same ids."""
    first = pets.post("/pets", json={"name": "a"}).json()
    pets.post("/_mock/reset")

    assert pets.get("/pets").json()["total"] == 3
    assert pets.post("/pets", json={"name": "a"}).json() == first


@pytest.mark.parametrize("is_bare", [True, False])
def test_a_list_has_no_more_rows_than_it_may(is_bare: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """Where the contract bounds a list its parts are of that size, whatever larger one is asked for."""
    document = pets_document()
    del document["paths"]["/pets"]["get"]["parameters"][0]["schema"]["default"]
    media = document["paths"]["/pets"]["get"]["responses"]["200"]["content"]["application/json"]
    rows = media["schema"]["properties"]["items"]
    rows["maxItems"] = 2
    media["schema"] = rows if is_bare else media["schema"]

    with remembering(document) as client:
        for query, ids in {"": [1, 2], "limit=9": [1, 2], "limit=9&page=2": [3], "limit=1": [1]}.items():
            answer = client.get(f"/pets?{query}")
            shown = answer.json() if is_bare else answer.json()["items"]
            assert ([one["id"] for one in shown], answer.headers["x-mock-source"]) == (ids, "resource")
