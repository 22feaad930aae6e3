"""mockserver.app.annotated_contract: what the documentation page tells beyond the contract, and where."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from mockserver.app.annotated_contract import Mock, annotated, assumption_links, preferences
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from tests.support.foreign import serving

URL = "http://localhost:9000"
OPEN = Mock(prefers=True, control=True, has_control_token=False)


def _annotated(contract: Contract, mock: Mock = OPEN, url: str | None = URL) -> Any:
    return orjson.loads(annotated(contract, mock, url))


def _marked(node: Any) -> Iterator[dict[str, Any]]:
    """The objects with a mark, at any depth."""
    if isinstance(node, dict):
        if isinstance(node.get("x-assumption"), str | list):
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from _marked(inner)


def test_assumptions_are_told_where_they_apply(contract: Contract) -> None:
    """Each object that is marked has links to the assumptions, and to no others, at the end of its description."""
    marked = list(_marked(_annotated(contract)))

    linked = [re.findall(r"\[(A\d+)\]\(/docs/assumptions#(A\d+) ", node["description"]) for node in marked]
    wanted = [re.findall(r"A\d+", str(node["x-assumption"])) for node in marked]
    assert linked == [[(number, number) for number in numbers] for numbers in wanted]
    assert len(marked) > 200


def test_assumptions_say_what_they_are() -> None:
    """The title of a link is what is assumed, without what would end it."""
    link = assumption_links("A06")

    assert link.startswith("[A06](/docs/assumptions#A06 \"A member's token on an admin operation is a 403 with {'code'")
    assert link.count('"') == 2
    assert "`" not in link


def test_samples_send_the_key_of_the_mock(contract: Contract) -> None:
    """Of the possible credentials the page names the API key first, with which its samples work as they are."""
    document = _annotated(contract)

    assert [[*wanted] for wanted in document["security"]] == [["token"], ["Bearer"]]
    assert [[*wanted] for wanted in contract.document["security"]] == [["Bearer"], ["token"]]


def test_all_assumptions_are_a_click_away(contract: Contract) -> None:
    """Where the contract names the list of assumptions, the page leads to it."""
    assert "[docs/assumptions.md](/docs/assumptions)" in _annotated(contract)["info"]["description"]


def test_operations_list_their_other_answers(contract: Contract) -> None:
    """Each operation has its codes, and the names of its examples, as they are to be written in `Prefer`."""
    login = _annotated(contract)["paths"]["/api/admin/login_check"]["post"]["description"]

    (codes,) = re.findall(r"^\* `Prefer: code=…` (.*)", login, re.MULTILINE)
    (examples,) = re.findall(r"^\* `Prefer: example=…` (.*)", login, re.MULTILINE)
    assert codes == "`200` · `400` · `401` · `405` · `413` · `415` · `429`"
    assert examples.startswith("`admin` (200) · ")


def test_what_is_listed_can_be_had(client: TestClient, contract: Contract) -> None:
    """What an operation lists, the mock answers."""
    login = _annotated(contract)["paths"]["/api/admin/login_check"]["post"]["description"]
    codes = re.findall(r"`(\d{3})`", login)
    examples = re.findall(r"`(\w+)` \(", login)

    wanted = [f"code={code}" for code in codes] + [f"example={name}" for name in examples]
    answers = [client.post("/api/admin/login_check", headers={"Prefer": value}) for value in wanted]
    assert [answer.headers["preference-applied"] for answer in answers] == wanted


@pytest.mark.parametrize(
    ("examples", "told"),
    [
        ({}, ""),
        ({"default": []}, ""),
        ({"200": ["a"], "404": ["a"]}, "* `Prefer: code=…` `200` · `404`\n* `Prefer: example=…` `a` (200, 404)"),
        ({"2XX": ["x`y\nz"]}, "* `Prefer: example=…` `x y z` (2XX)"),
    ],
)  # fmt: skip
def test_preferences_are_listed(examples: dict[str, list[str]], told: str) -> None:
    """Statuses that are codes, and all names with their statuses; a name stays inside of its quotes."""
    assert preferences(examples).partition("\n\n")[2] == told


def test_introduction_explains_other_answers_and_faults(contract: Contract) -> None:
    """The introduction says how to ask for another answer, and has a line that makes the next calls fail."""
    told = _annotated(contract)["info"]["description"]

    assert "## Other answers, and faults" in told
    assert f"curl {URL}/_mock/faults" in told
    assert '{"operationId": "adminLoginCheck", "status": 503, "times": 2}' in told


def test_events_tell_how_to_make_them_happen(contract: Contract) -> None:
    """Each event has the command, and the call of the control plane, that cause it at this mock."""
    events = _annotated(contract)["x-webhooks"]

    for name in contract.event_names:
        told = events[name]["post"]["description"]
        assert f"mockserver trigger {name} \\\n  --server {URL}\n" in told
        assert f"curl {URL}/_mock/events \\\n" in told
        assert f"""--data-binary '{{"eventName": "{name}"}}'""" in told


def test_default_address_needs_no_option(contract: Contract) -> None:
    """At the address that `mockserver trigger` calls anyway the command is short."""
    told = _annotated(contract, url="http://127.0.0.1:8181")["x-webhooks"]["CustomerRegistered"]["post"]["description"]

    assert "mockserver trigger CustomerRegistered\n" in told


def test_calls_of_the_control_plane_need_the_token(contract: Contract) -> None:
    """Where a control token is asked for, the lines have a place for it."""
    document = _annotated(contract, OPEN._replace(has_control_token=True))

    described = document["x-webhooks"]["CustomerRegistered"]["post"]["description"], document["info"]["description"]
    assert all('-H "X-Mock-Control-Token: $MOCKSERVER_CONTROL_TOKEN"' in text for text in described)


def test_nothing_is_told_that_cannot_be_done(contract: Contract) -> None:
    """Without a control plane, and on an engine without `Prefer`, neither is on the page."""
    without = annotated(contract, Mock(prefers=False, control=False, has_control_token=False), URL)

    assert not re.search(rb"/_mock/(events|faults)|mockserver trigger|Prefer: code", without)


def test_callbacks_lead_to_the_events(contract: Contract) -> None:
    """The viewer calls them `webhooks`: what refers to them does so, too."""
    referring = {**contract.document, "x-callbacks": {"$ref": "#/x-webhooks/CustomerRegistered"}}
    text = annotated(Contract(b"", referring), OPEN, URL)

    assert b'"#/webhooks/CustomerRegistered"' in text
    assert b'"#/x-webhooks/' not in text


def test_contract_itself_has_no_notes(client: TestClient, contract: Contract) -> None:
    """What the page shows changes nothing of the contract."""
    before = orjson.dumps(contract.document)
    shown = client.get("/docs/contract.json").json()

    assert orjson.dumps(contract.document) == before
    assert "/docs/assumptions" not in client.get("/openapi.json").text
    assert shown["servers"][0]["url"] == "http://testserver"


FOREIGN = {
    "/x": {
        "get": {
            "operationId": "it's",
            "x-assumption": "A01",
            "responses": {
                "200": {"description": "", "content": {"text/plain": {"examples": {"one": {"value": "1"}}}}}
            },
        }
    }
}  # fmt: skip


def test_other_contracts_list_their_answers(tmp_path: Path) -> None:
    """`Prefer` and faults are explained for any contract; marks of others aren't our assumptions, and no name of theirs
    gets into a line for a shell."""
    with serving(tmp_path, FOREIGN) as client:
        document = client.get("/docs/contract.json").json()

    told = json.dumps(document, ensure_ascii=False)
    assert "* `Prefer: example=…` `one` (200)" in document["paths"]["/x"]["get"]["description"]
    assert '"operationId": "NAME"' in document["info"]["description"]
    assert "/docs/assumptions" not in told


def test_events_of_others_stay_out_of_shells() -> None:
    """An event whose name could end the quotes of a line has no line."""
    document = {
        "openapi": "3.0.3",
        "info": {"title": "x", "version": "1"},
        "paths": {},
        "x-webhooks": {"it's": {"post": {"responses": {}}}, "plain": {"post": {"responses": {}}}, "none": None},
    }

    events = _annotated(Contract(b"", document))["x-webhooks"]

    assert "description" not in events["it's"]["post"]
    assert "mockserver trigger plain" in events["plain"]["post"]["description"]


def test_a_contract_of_ours_may_be_small() -> None:
    """A document with our title needn't have descriptions, components or credentials."""
    operation = {"responses": {"204": {"description": ""}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Open Loyalty", "version": "1"},
        "paths": {"/x": {"get": operation}},
    }

    shown = _annotated(Contract(b"", document))

    assert shown["info"]["description"].startswith("## Other answers")
    assert "`Prefer: code=…` `204`" in shown["paths"]["/x"]["get"]["description"]


def test_control_token_is_not_told(contract: Contract) -> None:
    """The page says that a token is needed, and not which."""
    assert Settings.default("control_token") is None
    assert b"X-Mock-Control-Token: $" in annotated(contract, OPEN._replace(has_control_token=True), None)
