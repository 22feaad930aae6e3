"""openapi.yaml: what the contract promises, whatever else changes in it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Source
from mockserver.openapi.structure import METHODS, at, pointer_to, steps_of
from tools.lint_contract import main

ROOT = Path(__file__).parent.parent
CONTRACT = ROOT / "openapi.yaml"
DOCUMENT: dict[str, Any] = Source("openapi.yaml", CONTRACT.read_bytes()).content
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]

OPERATIONS = {
    "adminLoginCheck": ("post", "/api/admin/login_check"),
    "memberLoginCheck": ("post", "/api/{storeCode}/member/login_check"),
    "tokenRefresh": ("post", "/api/token/refresh"),
    "tokenRefreshMember": ("post", "/api/{storeCode}/token/refresh"),
    "userGetTokenRevoke": ("get", "/api/token/revoke"),
    "webhookEventGetList": ("get", "/api/{storeCode}/webhook/event"),
    "webhookSubscriptionGetList": ("get", "/api/{storeCode}/webhook/subscription"),
    "_webhookSubscriptionPost": ("post", "/api/{storeCode}/webhook/subscription"),
    "webhookSubscriptionGet": ("get", "/api/{storeCode}/webhook/subscription/{webhookSubscription}"),
    "_webhookSubscriptionPut": ("put", "/api/{storeCode}/webhook/subscription/{webhookSubscription}"),
    "webhookSubscriptionDelete": ("delete", "/api/{storeCode}/webhook/subscription/{webhookSubscription}"),
    "webhookSubscriptionRotateHmacKey": (
        "post",
        "/api/{storeCode}/webhook/subscription/{webhookSubscription}/rotate-hmac-key",
    ),
    "membersStatsGet": ("get", "/api/{storeCode}/analytics/members"),
    "_memberPost": ("post", "/api/{storeCode}/member"),
    "_transactionPost": ("post", "/api/{storeCode}/transaction"),
}
# The statuses that the vendor's document declares; ours may have more, but none less.
VENDOR_STATUSES = {
    "adminLoginCheck": "200 401",
    "memberLoginCheck": "200 401",
    "tokenRefresh": "200 401",
    "tokenRefreshMember": "200 401",
    "userGetTokenRevoke": "204 403",
    "webhookEventGetList": "200 401 403",
    "webhookSubscriptionGetList": "200 401 403",
    "_webhookSubscriptionPost": "200 400 401 403",
    "webhookSubscriptionGet": "200 401 403 404",
    "_webhookSubscriptionPut": "204 400 401 403 404",
    "webhookSubscriptionDelete": "204 401 403 404",
    "membersStatsGet": "200 401 403",
    "_memberPost": "200 400 401 403 404",
    "_transactionPost": "200 400 401 403",
}
# 28 events have a published payload; WalletBalanceUpdated is known by name and trigger only.
EVENTS = {
    *("CustomerRegistered", "CustomerWasRegisteredWithoutActivation", "CustomerUpdated"),
    *("CustomerRequestedSendActivationCode", "CustomerRequestedPasswordReset", "CustomerPhoneNumberWasChanged"),
    *("CustomerEmailWasChanged", "CustomerDeactivated", "CustomerLevelChanged", "LevelWillExpire"),
    *("TransactionRegistered", "TransactionAssignedToCustomer", "AvailablePointsAmountChanged"),
    *("WalletBalanceUpdated", "UnitsTransferWasAdded", "PointsWillExpire", "CustomerBoughtReward"),
    *("RewardRedemptionStatusChanged", "CouponWillExpire", "RewardCreated", "RewardUpdated"),
    *("CampaignEffectWasApplied", "CampaignCreated", "CampaignUpdated", "MemberAchievementProgressWasChanged"),
    *("AchievementsWereProcessed", "AchievementCreated", "AchievementUpdated", "SegmentMembershipDropped"),
}
# Answers in which the vendor marks nothing as required.
NOTHING_REQUIRED = [
    *("TokenAndRefreshToken", "WebhookEventList", "WebhookSubscriptionCreated", "WebhookSubscription"),
    *("WebhookSubscriptionList", "SearchableTotalResponse2", "MembersAnalytics", "MembersStats"),
    *("MemberCreated", "TransactionCreated", "WebhookEnvelope", "WebhookCustomer"),
]
ANYTHING_GOES = {"parameters", "photos", "payload", "value"}  # keys below which any JSON is allowed
ABSURD = {"absurd": ["no", "value", "looks", "like", "this"]}


class Body(NamedTuple):
    """An example of a body, and the pointer of the schema beside it."""

    pointer: str
    value: Any


def operations(section: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of `paths` or `x-webhooks`."""
    for path, item in DOCUMENT[section].items():
        yield from ((path, method, item[method]) for method in METHODS if method in item)


def followed(node: dict[str, Any], pointer: str) -> tuple[dict[str, Any], str]:
    """What a node refers to, or itself, with its pointer."""
    if "$ref" not in node:
        return node, pointer
    pointer = node["$ref"].removeprefix("#")
    return at(DOCUMENT, steps_of(node["$ref"])), pointer


def bodies() -> dict[str, Body]:
    """Every example of every request, answer and delivery."""
    found = {}
    for section in ("paths", "x-webhooks"):
        for path, method, operation in operations(section):
            start = pointer_to(section, path, method)
            parts = {"requestBody": operation.get("requestBody", {})}
            parts |= {f"responses/{status}": response for status, response in operation["responses"].items()}
            for part, declared in parts.items():
                body, pointer = followed(declared, f"{start}/{part}")
                for name, example in body.get("content", {}).get("application/json", {}).get("examples", {}).items():
                    value = followed(example, "")[0]["value"]
                    schema = f"{pointer}/content/application~1json/schema"
                    found[f"{operation['operationId']} {part} {name}"] = Body(schema, value)
    return found


BODIES = bodies()


def mutations(value: Any) -> Iterator[Any]:
    """The value with one of its parts replaced by something absurd, in all ways."""
    yield 17 if isinstance(value, dict) else [ABSURD] if value is None else ABSURD
    if isinstance(value, dict):
        for key in value.keys() - ANYTHING_GOES:
            yield from (value | {key: mutation} for mutation in mutations(value[key]))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from ([*value[:index], mutation, *value[index + 1 :]] for mutation in mutations(item))


def test_the_operations_are_the_vendors() -> None:
    """The contract has these fifteen operations and no other."""
    assert {o["operationId"]: (method, path) for path, method, o in operations("paths")} == OPERATIONS


@pytest.mark.parametrize("operation_id", VENDOR_STATUSES)
def test_the_vendors_statuses_are_declared(operation_id: str) -> None:
    """Every status that the vendor declares for an operation is declared here."""
    method, path = OPERATIONS[operation_id]

    assert set(VENDOR_STATUSES[operation_id].split()) <= DOCUMENT["paths"][path][method]["responses"].keys()


def test_the_events_are_the_vendors(contract: Contract) -> None:
    """The contract has these 29 events and no other; the mock publishes the same."""
    assert set(DOCUMENT["x-webhooks"]) == EVENTS
    assert set(contract.event_names) == EVENTS
    assert len(EVENTS) == 29


def test_events_share_one_envelope() -> None:
    """Every event is a POST with the five signature headers and the keys of the envelope."""
    keys = {"messageId", "requestId", "eventName", "storeCode", "createdAt", "data"}
    posts = list(operations("x-webhooks"))

    assert {method for _, method, _ in posts} == {"post"}
    assert {len(event["parameters"]) for _, _, event in posts} == {5}
    assert all(set(body.value) == keys for name, body in BODIES.items() if name.startswith("on"))


def test_data_is_an_array_for_one_event_only() -> None:
    """`data` is an object, except in AchievementsWereProcessed."""
    lists = {name.split()[0] for name, body in BODIES.items() if isinstance(body.value.get("data"), list)}

    assert lists == {"onAchievementsWereProcessed"}


@pytest.mark.parametrize("schema", NOTHING_REQUIRED)
def test_answers_require_what_the_vendor_requires(schema: str) -> None:
    """Where the vendor marks nothing as required in an answer, neither does the contract."""
    assert "required" not in SCHEMAS[schema]


def test_errors_require_what_the_vendor_requires() -> None:
    """A 400 has its three keys and each error its five; a failed login has its message at least."""
    assert SCHEMAS["BadRequest"]["required"] == ["code", "message", "errors"]
    assert SCHEMAS["ValidationError"]["required"] == ["message", "parameters", "plural", "code", "path"]
    assert SCHEMAS["BadCredentials"]["required"] == ["message"]


def test_error_examples_carry_their_status() -> None:
    """The `code` in the example of an error is the status under which it stands."""
    errors = {name: body.value for name, body in BODIES.items() if re.search(r"responses/[45]", name)}

    assert errors
    assert not [name for name, value in errors.items() if f"responses/{value.get('code', 401)} " not in name]


def test_assumptions_are_documented() -> None:
    """The marks in the contract and the rows of the table name the same assumptions, in the order of their numbers."""
    marks = re.findall(r"^ *x-assumption: (.*)$", CONTRACT.read_text(encoding="utf-8"), re.MULTILINE)
    marked = {name for mark in marks for name in re.findall(r"A\d\d", mark)}
    rows = re.findall(r"^\| (A\d\d) \|", (ROOT / "docs/assumptions.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(marked) == rows
    assert rows == sorted(set(rows))


def test_assumptions_of_the_code_are_documented() -> None:
    """The code cites no assumption that the table doesn't have."""
    table = (ROOT / "docs/assumptions.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "mockserver").rglob("*.py"))

    cited = set(re.findall(r"assumption (A\d\d)", code))
    assert cited
    assert not [name for name in cited if f"| {name} |" not in table]


def test_the_contract_is_clean() -> None:
    """The linter of the contract finds nothing."""
    assert main([str(CONTRACT)]) == 0


def test_lines_are_short() -> None:
    """No line of the contract is longer than 120 characters."""
    lines = CONTRACT.read_text(encoding="utf-8").splitlines()

    assert not [number for number, line in enumerate(lines, start=1) if len(line) > 120]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_examples_are_accepted(contract: Contract, body: Body) -> None:
    """The mock's own validators compile and accept every example of every body."""
    assert contract.validator(body.pointer).violations(body.value) == []


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_mutated_examples_are_refused(contract: Contract, body: Body) -> None:
    """The mock's own validators refuse every example as soon as one of its values has another type."""
    validator = contract.validator(body.pointer)

    assert not [mutation for mutation in mutations(body.value) if validator.is_valid(mutation)]
