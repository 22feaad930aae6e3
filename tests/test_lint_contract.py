"""tools.lint_contract: each rule catches the defects it is there for, planted one by one into the real contract."""

import copy
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tools.lint_contract import OWN, RULES, Linted, main

ROOT = Path(__file__).parent.parent
LOGIN = ("paths", "/api/admin/login_check", "post")
LOGIN_ANSWER = (*LOGIN, "responses", "200")
SUBSCRIBE = ("paths", "/api/{storeCode}/webhook/subscription", "post")
SUBSCRIBE_LINK = (*SUBSCRIBE, "responses", "200", "links", "read")
CALLBACK = (*SUBSCRIBE, "callbacks", "CustomerUpdated")
EVENT = ("x-webhooks", "CustomerUpdated", "post")
EVENT_BODY = (*EVENT, "requestBody", "content", "application/json")
SCHEMAS = ("components", "schemas")
MEMBER = (*SCHEMAS, "MemberPost", "properties")
URL = "{$request.body#/webhookSubscription/url}"
GONE = object()


class Defect(NamedTuple):
    """A change to the contract, the rule that has to catch it, and a part of what it has to say."""

    rule: str
    place: tuple[str | int, ...]
    value: Any
    said: str


DEFECTS = {
    "no title": Defect("specification", ("info", "title"), GONE, '#/info: "title" is a required property'),
    "no content": Defect(
        "specification", (*EVENT, "requestBody", "content"), GONE, "#/x-webhooks/CustomerUpdated/post"
    ),
    "dangling reference": Defect("references", (*LOGIN, "requestBody", "$ref"), "#/components/x", "that exists"),
    "foreign reference": Defect("references", (*LOGIN, "requestBody", "$ref"), "other.yaml#/a", "this document"),
    "crowded reference": Defect("references", (*LOGIN, "requestBody", "summary"), "A name", "move summary away"),
    "unused schema": Defect("unused_components", (*SCHEMAS, "Idle"), {"type": "string"}, "schemas/Idle: use it"),
    "unused scheme": Defect("unused_components", ("components", "securitySchemes", "idle"), {}, "Schemes/idle: use it"),
    "no operationId": Defect("operations", (*LOGIN, "operationId"), GONE, "give it operationId"),
    "no summary of an event": Defect(
        "operations", (*EVENT, "summary"), GONE, "x-webhooks/CustomerUpdated/post: give it"
    ),
    "no description": Defect("operations", (*LOGIN, "description"), "", "give it description"),
    "no tags": Defect("operations", (*LOGIN, "tags"), [], "give it tags"),
    "undeclared tag": Defect("operations", (*EVENT, "tags", 0), "Webhooks", "declare the tag 'Webhooks'"),
    "name taken": Defect("operation_ids", (*EVENT, "operationId"), "adminLoginCheck", "this one is taken"),
    "request without example": Defect("bodies", (*EVENT_BODY, "examples"), {}, "CustomerUpdated/post/requestBody"),
    "answer without example": Defect("bodies", (*LOGIN_ANSWER, "content", "application/json", "examples"), GONE, "200"),
    "no success": Defect("successes", LOGIN_ANSWER, GONE, "declare a success"),
    "undescribed schema": Defect("descriptions", (*SCHEMAS, "MemberPost", "description"), GONE, "MemberPost: describe"),
    "undescribed tag": Defect("descriptions", ("tags", 0, "description"), GONE, "#/tags/0: describe it"),
    "wrong event example": Defect(
        "examples", (*EVENT_BODY, "examples", "updatedMember", "value", "messageId"), "1", "correct /messageId"
    ),
    "wrong shared example": Defect(
        "examples", ("components", "examples", "HmacSecretKey", "value"), {}, "'hmacSecretKey' is a required property"
    ),
    "wrong parameter example": Defect(
        "examples", ("components", "parameters", "itemsOnPage", "example"), 51, "maximum"
    ),
    "wrong header example": Defect("examples", ("components", "headers", "Retry-After", "example"), "soon", "integer"),
    "wrong e-mail address": Defect("examples", (*MEMBER, "email", "example"), "john", "'email'"),
    "wrong date": Defect("examples", (*MEMBER, "birthDate", "example"), "2026-02-30", "'date'"),
    "wrong date-time": Defect("examples", (*MEMBER, "registeredAt", "example"), "2026-01-15 10:30", "'date-time'"),
    "null where none may be": Defect("examples", (*MEMBER, "firstName", "example"), None, "None is not of type"),
    "too many decimals": Defect(
        "examples", (*SCHEMAS, "TransactionItem", "properties", "highPrecisionQuantity", "example"), 1.2345, "multiple"
    ),
    "too large for int32": Defect(
        "examples", (*SCHEMAS, "CalendarInterval", "properties", "value", "example"), 2**31, "greater than the maximum"
    ),
    "link to nowhere": Defect("links", (*SUBSCRIBE_LINK, "operationId"), "gone", "lead to an operation that exists"),
    "link without a parameter": Defect("links", (*SUBSCRIBE_LINK, "parameters", "storeCode"), GONE, "set the path"),
    "link with one too many": Defect("links", (*SUBSCRIBE_LINK, "parameters", "page"), "1", "take out page"),
    "malformed expression": Defect(
        "links", (*SUBSCRIBE_LINK, "parameters", "storeCode"), "$request.store", "it is no runtime expression"
    ),
    "expression without a source": Defect(
        "links", (*SUBSCRIBE_LINK, "parameters", "storeCode"), "$request.path.store", "no such path parameter"
    ),
    "expression without a value": Defect(
        "links", (*SUBSCRIBE_LINK, "parameters", "storeCode"), "$response.body#/id", "no example has a value there"
    ),
    "callback without expression": Defect("callbacks", CALLBACK, {"https://example.com": {}}, "name the URL by"),
    "callback without value": Defect("callbacks", CALLBACK, {"{$request.body#/url}": {}}, "no example has a value"),
    "callback with a typo": Defect("callbacks", CALLBACK, {"{$request.boddy}": {}}, "it is no runtime expression"),
    "event not described": Defect("events", ("x-webhooks", "CustomerUpdated"), GONE, "describe CustomerUpdated under"),
    "event not called back": Defect("events", CALLBACK, GONE, "callbacks: add CustomerUpdated"),
    "event not to be named": Defect(
        "events", (*SCHEMAS, "WebhookEventName", "enum", 0), GONE, "add CustomerRegistered"
    ),
    "callback of another event": Defect(
        "events", (*CALLBACK, URL, "$ref"), "#/x-webhooks/CustomerRegistered", "refer to #/x-webhooks/CustomerUpdated"
    ),
    "event under another name": Defect(
        "events", (*EVENT_BODY, "schema", "$ref"), "#/components/schemas/CustomerDeactivatedEvent", "and nothing else"
    ),
    "example of another event": Defect(
        "events", (*EVENT_BODY, "examples", "updatedMember", "value", "eventName"), "Other", "of its examples"
    ),
    "answer that knows all events": Defect(
        "open_event_names",
        (*SCHEMAS, "WebhookSubscription", "properties", "eventName", "enum"),
        ["CustomerUpdated"],
        "take the enum out",
    ),
    "assumption without a row": Defect("assumptions", (*LOGIN, "x-assumption"), "A99", "add a row A99"),
    "row without a place": Defect("assumptions", ("info", "x-assumption"), [], "mark the place of A37"),
}
TEXTS = {
    "key that stands twice": ("openapi: 3.0.3\n", "openapi: 3.0.3\nopenapi: 3.0.3\n", "#/openapi: stands twice"),
    "date that is no text": ("version: 0.1.0", "version: 2026-01-15", "#/info/version: quote 2026-01-15"),
    "no that is no text": ("version: 0.1.0", "version: no", "#/info/version: quote no"),
}
ROWS = {
    "unsorted": ("| A01 |", "| A02 |", "sort the rows"),
    "unfilled": (
        "| A32 | Events are listed in the order of this document. |",
        "| A32 | |",
        "fill the 5 columns of A32",
    ),
}


@pytest.fixture(scope="module")
def real() -> Linted:
    """The contract as it is."""
    return Linted.read(ROOT / "openapi.yaml")


def with_defect(real: Linted, defect: Defect) -> Linted:
    """The contract with one defect."""
    document = copy.deepcopy(real.document)
    *outer, last = defect.place
    node: Any = document
    for step in outer:
        node = node[step]
    if defect.value is GONE:
        del node[last]
    else:
        node[last] = defect.value
    return Linted(real.text, document, real.assumptions)


def findings(rule: str, linted: Linted) -> str:
    """What one rule says, a line each."""
    return "\n".join(f"{pointer}: {advice}" for pointer, advice in RULES[rule](linted))


@pytest.mark.parametrize("name", RULES)
def test_the_contract_passes(real: Linted, name: str) -> None:
    """No rule finds anything in the contract."""
    assert not findings(name, real)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_caught(real: Linted, defect: Defect) -> None:
    """A defect is found by its rule, which names the place and what to do."""
    assert defect.said in findings(defect.rule, with_defect(real, defect))


def test_every_rule_has_a_defect() -> None:
    """There is no rule of the house whose catch isn't tested; tests/test_linting.py tests those for any contract."""
    assert {defect.rule for defect in DEFECTS.values()} | {"yaml_traps"} >= {rule.__name__ for rule in OWN}


@pytest.mark.parametrize(("old", "new", "said"), TEXTS.values(), ids=TEXTS)
def test_a_trap_in_the_text_is_caught(real: Linted, old: str, new: str, said: str) -> None:
    """What a YAML reader swallows in silence is found in the text."""
    linted = Linted(real.text.replace(old, new, 1), real.document, real.assumptions)

    assert said in findings("yaml_traps", linted)


@pytest.mark.parametrize(("old", "new", "said"), ROWS.values(), ids=ROWS)
def test_a_broken_table_is_caught(real: Linted, old: str, new: str, said: str) -> None:
    """Rows of the assumptions that are out of order or unfilled are found."""
    assert old in real.assumptions
    linted = Linted(real.text, real.document, real.assumptions.replace(old, new, 1))

    assert said in findings("assumptions", linted)


def test_data_is_no_contract(real: Linted) -> None:
    """What stands in an example is data: a `$ref` or a word of the specification in it means nothing."""
    place = (*EVENT_BODY, "examples", "updatedMember", "value", "data", "example")
    linted = with_defect(real, Defect("", place, {"$ref": "#/nowhere", "enum": ["CustomerUpdated"]}, ""))

    assert not [rule for rule in RULES if findings(rule, linted)]


def test_the_command_line_passes_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    """Linting the contract ends with 0 and says how many rules it passed."""
    assert main([str(ROOT / "openapi.yaml")]) == 0
    assert f"{len(RULES)} rules, nothing found" in capsys.readouterr().out


def test_the_command_line_lists_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Findings end the command with 1; each is one line with its rule."""
    text = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    (tmp_path / "openapi.yaml").write_text(text.replace("summary: Get admin token", "summary: ''"), encoding="utf-8")
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "assumptions.md", tmp_path / "docs")

    assert main([str(tmp_path / "openapi.yaml")]) == 1
    assert capsys.readouterr().out == "#/paths/~1api~1admin~1login_check/post: give it summary [operations]\n"


@pytest.mark.parametrize("text", ["", "[]", "a: [", "\x00"])
def test_the_command_line_refuses_what_is_no_contract(tmp_path: Path, text: str) -> None:
    """A file that is no contract, or none at all, ends the command with 2 and one sentence."""
    (tmp_path / "openapi.yaml").write_text(text, encoding="utf-8")

    assert main([str(tmp_path / "openapi.yaml")]) == 2
    assert main([str(tmp_path / "missing.yaml")]) == 2
    assert main([]) == 2
