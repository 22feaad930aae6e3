"""tools.lint_contract: each rule of the house catches the defects it is there for, planted one by one into the real
contract; tests/spec/lint/ tests the rules for any contract."""

import json
import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Source
from mockserver.openapi.structure import readable
from mockserver.spec.lint import rules
from mockserver.spec.outline import Outline
from tools.lint_contract import house, main

ROOT = Path(__file__).parent.parent.parent
LOGIN = ("paths", "/api/admin/login_check", "post")
LOGIN_ANSWER = (*LOGIN, "responses", "200")
CALLBACKS = ("paths", "/api/{storeCode}/webhook/subscription", "post", "callbacks")
EVENT = ("x-webhooks", "CustomerUpdated", "post")
EVENT_BODY = (*EVENT, "requestBody", "content", "application/json")
SCHEMAS = ("components", "schemas")
ALL_EVENTS = (*SCHEMAS, "WebhookEvent")
MEMBER = (*SCHEMAS, "MemberPost", "properties")
GONE = object()


class Defect(NamedTuple):
    """A change to the contract, the rule that has to catch it, and a part of what it has to say."""

    rule: str
    place: tuple[str | int, ...]
    value: Any
    said: str


TABLE = (ROOT / "docs/assumptions.md").read_text("utf-8")
PARSED = json.dumps(Source("openapi.yaml", (ROOT / "openapi.yaml").read_bytes()).content)
RULES = house(Source("a.yaml", b"{}"), "")
DEFECTS = {
    "foreign reference": Defect("lone_references", (*LOGIN, "requestBody", "$ref"), "other.yaml#/a", "this document"),
    "crowded reference": Defect("lone_references", (*LOGIN, "requestBody", "summary"), "A name", "ignored: summary"),
    "unused schema": Defect("unused_components", (*SCHEMAS, "Idle"), {"type": "string"}, "schemas/Idle: nothing uses"),
    "unused scheme": Defect(
        "unused_components", ("components", "securitySchemes", "idle"), {}, "Schemes/idle: nothing uses"
    ),
    "no operationId": Defect("operations", (*LOGIN, "operationId"), GONE, "no operationId"),
    "no summary of an event": Defect(
        "operations", (*EVENT, "summary"), GONE, "x-webhooks/CustomerUpdated/post: there is no summary"
    ),
    "no description": Defect("operations", (*LOGIN, "description"), "", "no description"),
    "no tags": Defect("operations", (*LOGIN, "tags"), [], "no tags"),
    "undeclared tag": Defect("operations", (*EVENT, "tags", 0), "Webhooks", "tag Webhooks is not declared"),
    "filter that is filled in": Defect(
        "optional_parameters", ("components", "parameters", "filterUrl", "example"), "a", "filterUrl/example: viewers"
    ),
    "request without example": Defect("bodies", (*EVENT_BODY, "examples"), {}, "CustomerUpdated/post/requestBody"),
    "answer without example": Defect("bodies", (*LOGIN_ANSWER, "content", "application/json", "examples"), GONE, "200"),
    "undescribed schema": Defect(
        "descriptions", (*SCHEMAS, "MemberPost", "description"), GONE, "MemberPost: this has no"
    ),
    "undescribed tag": Defect("descriptions", ("tags", 0, "description"), GONE, "#/tags/0: this has no"),
    "wrong event example": Defect(
        "examples",
        (*EVENT_BODY, "examples", "updatedMember", "value", "messageId"),
        "1",
        "messageId: This is not a valid UUID",
    ),
    "wrong shared example": Defect(
        "examples", ("components", "examples", "HmacSecretKey", "value"), {}, "hmacSecretKey: it is missing"
    ),
    "wrong parameter example": Defect(
        "examples", ("components", "parameters", "itemsOnPage", "example"), 51, "or equal to 50"
    ),
    "wrong header example": Defect("examples", ("components", "headers", "Retry-After", "example"), "soon", "integer"),
    "wrong e-mail address": Defect("examples", (*MEMBER, "email", "example"), "john", "valid email"),
    "wrong date": Defect("examples", (*MEMBER, "birthDate", "example"), "2026-02-30", "valid date."),
    "wrong date-time": Defect("examples", (*MEMBER, "registeredAt", "example"), "2026-01-15 10:30", "valid datetime"),
    "null where none may be": Defect("examples", (*MEMBER, "firstName", "example"), None, "should not be null"),
    "too many decimals": Defect(
        "examples", (*SCHEMAS, "TransactionItem", "properties", "highPrecisionQuantity", "example"), 1.2345, "multiple"
    ),
    "too large for int32": Defect(
        "examples", (*SCHEMAS, "CalendarInterval", "properties", "value", "example"), 2**31, "equal to 2147483647"
    ),
    "event not described": Defect(
        "events", ("x-webhooks", "CustomerUpdated"), GONE, "doesn't describe CustomerUpdated: describe it there"
    ),
    "events not called back": Defect("events", CALLBACKS, GONE, "no operation has callbacks"),
    "event without its schema": Defect(
        "events", (*ALL_EVENTS, "discriminator", "mapping", "CustomerUpdated"), GONE, "mapping: CustomerUpdated is miss"
    ),
    "event of another schema": Defect(
        "events",
        (*ALL_EVENTS, "discriminator", "mapping", "CustomerUpdated"),
        "#/components/schemas/CustomerRegisteredEvent",
        "CustomerUpdated: CustomerUpdated has another schema: name #/components/schemas/CustomerUpdatedEvent",
    ),
    "event that is none of all": Defect(
        "events", (*ALL_EVENTS, "oneOf", 2), GONE, "WebhookEvent/oneOf: these aren't the schemas"
    ),
    "event not to be named": Defect(
        "events", (*SCHEMAS, "WebhookEventName", "enum", 0), GONE, "add CustomerRegistered"
    ),
    "event under another name": Defect(
        "events", (*EVENT_BODY, "schema", "$ref"), "#/components/schemas/CustomerDeactivatedEvent", "and nothing else"
    ),
    "event that isn't called so": Defect("events", (*EVENT, "summary"), "A change", "let it be CustomerUpdated"),
    "example of another event": Defect(
        "events",
        (*EVENT_BODY, "examples", "updatedMember", "value", "eventName"),
        "Other",
        "an example is of another event",
    ),
    "answer that knows all events": Defect(
        "open_names",
        (*SCHEMAS, "WebhookSubscription", "properties", "eventName", "enum"),
        ["CustomerUpdated"],
        "take the enum out",
    ),
    "assumption without a row": Defect("assumptions", (*LOGIN, "x-assumption"), "A99", "add a row A99"),
    "row without a place": Defect("assumptions", ("info", "x-assumption"), [], "no place is marked with A37"),
}
TEXTS = {
    "key that is a number": ("'200':", "200:", "responses/200: this, or its key"),
    "date that is no text": (
        "version: 0.1.0",
        "version: 2026-01-15",
        "#/info/version: this, or its key, is something else",
    ),
    "no that is no text": ("version: 0.1.0", "version: no", "#/info/version: this, or its key, is something else"),
}
ROWS = {
    "unsorted": ("| A01 |", "| A02 |", "in disorder: sort them"),
    "unfilled": (
        "| A32 | Events are listed in the order of this document. |",
        "| A32 | |",
        "A32 is incomplete",
    ),
}


def with_defect(place: tuple[str | int, ...], value: Any) -> bytes:
    """The text of the contract with one defect."""
    document = json.loads(PARSED)
    *outer, last = place
    node: Any = document
    for step in outer:
        node = node[step]
    if value is GONE:
        del node[last]
    else:
        node[last] = value
    return json.dumps(document).encode()


def findings(rule: str, text: bytes, table: str = TABLE) -> str:
    """What one rule says, a line each."""
    source = Source("openapi.yaml", text)
    known = rules(Contract(text, source.content)) | house(source, table)
    found = known[rule](Outline(source.content))
    return "\n".join(f"{readable(steps)}: {said}: {advice}" for steps, said, advice in found)


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_caught(defect: Defect) -> None:
    """A defect is found by its rule, which names the place and what to do."""
    assert defect.said in findings(defect.rule, with_defect(defect.place, defect.value))


def test_every_rule_has_a_defect() -> None:
    """There is no rule of the house whose catch isn't tested."""
    assert {defect.rule for defect in DEFECTS.values()} | {"yaml_versions"} >= RULES.keys()


@pytest.mark.parametrize(("old", "new", "said"), TEXTS.values(), ids=TEXTS)
def test_a_trap_in_the_text_is_caught(old: str, new: str, said: str) -> None:
    """What readers of YAML 1.1 take for something else is found in the text."""
    text = (ROOT / "openapi.yaml").read_text("utf-8")
    assert old in text

    assert said in findings("yaml_versions", text.replace(old, new, 1).encode())


@pytest.mark.parametrize(("old", "new", "said"), ROWS.values(), ids=ROWS)
def test_a_broken_table_is_caught(old: str, new: str, said: str) -> None:
    """Rows of the assumptions that are out of order or unfilled are found."""
    assert old in TABLE

    assert said in findings("assumptions", (ROOT / "openapi.yaml").read_bytes(), TABLE.replace(old, new, 1))


def test_an_event_takes_three_places() -> None:
    """An event that is added as CONTRIBUTING.md says is complete: an entry, its schemas, and the two lists."""
    document = Source("openapi.yaml", (ROOT / "openapi.yaml").read_bytes()).content
    schemas, reference = document["components"]["schemas"], "#/components/schemas/CardLostEvent"
    text = json.dumps([document["x-webhooks"]["CustomerUpdated"], schemas["CustomerUpdatedEvent"]])
    entry, schema = json.loads(text.replace("CustomerUpdated", "CardLost"))
    document["x-webhooks"]["CardLost"] = entry
    schemas |= {"CardLostEvent": schema, "CardLostData": schemas["CustomerUpdatedData"]}
    schemas["WebhookEventName"]["enum"].append("CardLost")
    schemas["WebhookEvent"]["oneOf"].append({"$ref": reference})
    schemas["WebhookEvent"]["discriminator"]["mapping"]["CardLost"] = reference

    assert not [found for rule in RULES if (found := findings(rule, json.dumps(document).encode()))]


def test_data_is_no_contract() -> None:
    """What stands in an example is data: a `$ref` or a word of the specification in it means nothing."""
    place = (*EVENT_BODY, "examples", "updatedMember", "value", "data", "example")
    text = with_defect(place, {"$ref": "#/nowhere", "enum": ["CustomerUpdated"]})

    assert not [rule for rule in RULES if findings(rule, text)]


@pytest.mark.parametrize("name", ["openapi.yaml", "mockserver/control/control.yaml"])
def test_the_command_line_passes_the_contract(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Linting one of our contracts ends with 0 and says that nothing was found."""
    assert main([str(ROOT / name)]) == 0
    assert capsys.readouterr().out.endswith(f"{name}: nothing found\n")


def test_the_command_line_lists_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Findings end the command with 1, those of the house and those of any contract; each has line, place and rule."""
    text = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    text = text.replace("summary: Get admin token", "summary: ''").replace(
        "operationId: adminL", "operationId: memberL"
    )
    (tmp_path / "openapi.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "assumptions.md", tmp_path / "docs")

    assert main([str(tmp_path / "openapi.yaml")]) == 1
    taken, unsaid = capsys.readouterr().out.split("\n    ")[:2]
    assert re.search(r"openapi.yaml:\d+: #/paths/.*: the operationId memberLoginCheck is .*\[operation_ids\]$", taken)
    assert re.search(r"openapi.yaml:\d+: #/paths/~1api~1admin~1login_check/post: .*summary \[operations\]$", unsaid)


@pytest.mark.parametrize("text", ["", "[]", "a: [", "\x00"])
def test_the_command_line_refuses_what_is_no_contract(tmp_path: Path, text: str) -> None:
    """A file that is no contract, or none at all, ends the command with 2 and one sentence."""
    (tmp_path / "openapi.yaml").write_text(text, encoding="utf-8")

    assert main([str(tmp_path / "openapi.yaml")]) == 2
    assert main([str(tmp_path / "missing.yaml")]) == 2
    assert main([]) == 2
