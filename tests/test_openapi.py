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
# What the vendor's document itself requires keys of. That the keys of all others are there is assumed.
PROMISED = {
    *("BadRequest", "ValidationError", "BadCredentials", "Unauthorized", "InvalidToken", "ExpiredToken"),
    *("AccessDenied", "NotFound", "MethodNotAllowed", "WalletType", "Translations", "RewardPeriod", "WebhookCampaign"),
    *("CampaignTriggerTransaction", "CampaignTriggerCustomEvent", "CampaignTriggerInternalEvent"),
    *("CampaignTriggerAchievement", "CampaignTriggerReturn", "AchievementProgressTrigger", "WebhookAchievement"),
}
# The keys of answers and events that may be missing, and why. All others are there, always.
VENDOR, ITS_TYPE = "the vendor's schema marks others as required, and not this one", "depends on the type"
MISSING = {
    "WebhookSubscriptionCreated.hmacSecretKey": "only of a subscription that is signed",
    "WebhookSubscription.hmacEnabled": "the vendor's schema is older than signing and lacks it",
    "WebhookHeader.headerName": "the vendor lets a header be sent without, and it reads back as it was sent",
    "WebhookHeader.headerValue": "the vendor lets a header be sent without, and it reads back as it was sent",
    "BadCredentials.code": "the vendor's sample has none",
    "WalletType.allowNegativeBalance": VENDOR,
    "WalletTypeLimit.pointsPerMember.interval": VENDOR,
    "Translations.pl": VENDOR,
    "TranslatedTexts.description": VENDOR,
    "WebhookReward.usageLimit.general": VENDOR,
    "RewardPeriod.from": VENDOR,
    "RewardPeriod.to": VENDOR,
    "RewardLimit.interval": VENDOR,
    "WebhookCampaign.trigger": VENDOR,
    "CampaignTrigger.triggerId": VENDOR,
    "CampaignTrigger.createdAt": VENDOR,
    "CampaignTriggerTransaction.type": VENDOR,
    "CampaignTriggerCustomEvent.type": VENDOR,
    "CampaignTriggerCustomEvent.eventId": VENDOR,
    "CampaignTriggerInternalEvent.type": VENDOR,
    "CampaignTriggerUniqueCode.type": VENDOR,
    "CampaignTriggerAchievement.type": VENDOR,
    "AchievementProgressTrigger.purchasedAt": ITS_TYPE,
    "AchievementProgressTrigger.documentNumber": ITS_TYPE,
    "AchievementProgressTrigger.eventDate": ITS_TYPE,
    "AchievementProgressTrigger.eventId": ITS_TYPE,
    "WebhookAchievement.activity": VENDOR,
    "WebhookAchievement.limit": VENDOR,
}
# The same of the control plane.
A_FAULT = "only of a fault that has it"
OF_RESOURCES = "of snapshots of mocks of other contracts"
OWN_SNAPSHOT = "a snapshot that is put back may be made by hand, without it; one that is read has it"
OF_FAULT_ANSWER = ("body", "contentType", "delay", "effect", "headers", "status", "template")
OF_FAULT_MATCH = (
    *("operationId", "storeCode", "method", "path", "query", "headers", "body", "calls", "probability"),
    *("eventName", "subscriptionId"),
)
CONDITIONS = ("absent", "contains", "equals", "matches")
MISSING_IN_CONTROL = {
    "Receiver.secret": "only in the answer to who adds it",
    "Delivery.retryAt": "only where a second attempt is due",
    "Delivery.reason": "only where something went wrong",
    "DeliveryAttempt.canonical": "only of a single delivery",
    "Misfit.actual": "nothing is there: null would be a value",
    "Misfit.hint": "only where something else may have been meant",
    "VerificationResult.reason": "only where something isn't as expected",
    "VerificationResult.missing": "only where a step of a sequence is missing",
    "Snapshot.randomState": "only in snapshots of version 1, which are refused",
    "Snapshot.clock": OWN_SNAPSHOT,
    "Snapshot.drawn": OWN_SNAPSHOT,
    "Snapshot.events": OWN_SNAPSHOT,
    "Snapshot.faults": OWN_SNAPSHOT,
    "Snapshot.contract": OF_RESOURCES,
    "Snapshot.collections": OF_RESOURCES,
    "Snapshot.records": OF_RESOURCES,
    "Snapshot.numbers": OF_RESOURCES,
    "HeaderSnapshot.headerName": "a header may have been sent without",
    "HeaderSnapshot.headerValue": "a header may have been sent without",
    **dict.fromkeys((f"Fault.{name}" for name in ("operationId", "eventName", "status", "body")), A_FAULT),
    **dict.fromkeys((f"Fault.{name}" for name in ("delay", "effect", "times", "name", "match", "answer")), A_FAULT),
    **dict.fromkeys(
        (f"Fault.{name}" for name in ("enabled", "matched")), "not in snapshots of before there was a match"
    ),
    "Fault.probability": "with a match it stands there",
    "Fault.left": "only where there is a bound",
    **dict.fromkeys((f"FaultAnswer.{name}" for name in OF_FAULT_ANSWER), A_FAULT),
    **dict.fromkeys((f"FaultMatch.{name}" for name in OF_FAULT_MATCH), A_FAULT),
    **dict.fromkeys((f"{kind}.{name}" for kind in ("MatchPath", "MatchText") for name in CONDITIONS), A_FAULT),
}
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
ANSWERED = {name: body for name, body in BODIES.items() if name.startswith("on") or " requestBody " not in name}


def mutations(value: Any) -> Iterator[Any]:
    """The value with one of its parts replaced by something absurd, in all ways."""
    yield 17 if isinstance(value, dict) else [ABSURD] if value is None else ABSURD
    if isinstance(value, dict):
        for key in value.keys() - ANYTHING_GOES:
            yield from (value | {key: mutation} for mutation in mutations(value[key]))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from ([*value[:index], mutation, *value[index + 1 :]] for mutation in mutations(item))


def thinned(value: Any) -> Iterator[tuple[str, Any]]:
    """The keys of a value, at all depths, and the value without each."""
    if isinstance(value, dict):
        for key in value:
            yield key, {name: inner for name, inner in value.items() if name != key}
            if key not in ANYTHING_GOES:
                yield from ((lost, value | {key: less}) for lost, less in thinned(value[key]))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from ((lost, [*value[:index], less, *value[index + 1 :]]) for lost, less in thinned(item))


def test_the_vendors_own_words_are_linked() -> None:
    """Every tag leads to what the vendor says of it, and the text says of when its facts are."""
    assert all(tag["externalDocs"]["url"].startswith("https://") for tag in DOCUMENT["tags"])
    assert re.search(r"as of \w+ 20\d\d", DOCUMENT["info"]["description"])


def test_an_instance_is_called_by_https() -> None:
    """The mock comes first; the address of an instance is one of https, unless one says otherwise."""
    mock, instance = DOCUMENT["servers"]

    assert mock["url"] == "http://127.0.0.1:8181"
    assert instance["url"] == "{scheme}://{host}"
    assert instance["variables"]["scheme"]["default"] == "https"


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


class Keys:
    """The objects of which a contract's answers and events consist, and their keys."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._seen: set[tuple[str, frozenset[str]]] = set()
        self.optional: set[str] = set()  # such as `Component.key.inner`
        self.requiring: set[str] = set()  # the components that require keys
        for section, part in (("paths", "responses"), ("x-webhooks", "requestBody")):
            for item in document.get(section, {}).values():
                for declared in (item[method][part] for method in METHODS if part in item.get(method, ())):
                    for body in declared.values() if part == "responses" else [declared]:
                        for content in self._followed(body).get("content", {}).values():
                            self._see(content["schema"], "")

    def _followed(self, node: dict[str, Any]) -> dict[str, Any]:
        return at(self._document, steps_of(node["$ref"])) if "$ref" in node else node

    def _required(self, node: dict[str, Any]) -> frozenset[str]:
        """What a schema requires, in all parts of its `allOf`."""
        node = self._followed(node)
        return frozenset(node.get("required", ())).union(*map(self._required, node.get("allOf", ())))

    def _see(self, node: dict[str, Any], place: str, promised: frozenset[str] = frozenset()) -> None:
        """Go through a schema; `promised` are the keys that what stands around it requires."""
        if "$ref" in node:
            place = node["$ref"].rpartition("/")[2]
            if (place, promised) in self._seen:
                return
            self._seen.add((place, promised))
            node = self._followed(node)
        if "required" in node:
            self.requiring.add(re.split(r"[.[]", place)[0])
        promised |= self._required(node)
        for name, schema in node.get("properties", {}).items():
            if name not in promised:
                self.optional.add(f"{place}.{name}")
            self._see(schema, f"{place}.{name}")
        for keyword in ("allOf", "oneOf", "anyOf"):
            for part in node.get(keyword, ()):
                self._see(part, place, promised)
        for inner in (node.get("items"), node.get("additionalProperties")):
            if isinstance(inner, dict):
                self._see(inner, f"{place}[]")


@pytest.mark.parametrize(
    ("document", "missing"),
    [(DOCUMENT, MISSING), (Contract.of_control().document, MISSING_IN_CONTROL)],
    ids=["openapi.yaml", "control.yaml"],
)
def test_answers_have_their_keys(document: dict[str, Any], missing: dict[str, str]) -> None:
    """Every key of an answer or event is required, at all depths, or it is listed why it may be missing."""
    assert Keys(document).optional == set(missing)


def test_keys_that_the_vendor_doesnt_promise_are_assumed() -> None:
    """A component that requires more than the vendor's document does is marked with an assumption."""
    requiring = Keys(DOCUMENT).requiring

    assert requiring >= PROMISED
    assert [name for name in requiring - PROMISED if "x-assumption" not in SCHEMAS[name]] == []


@pytest.mark.parametrize("name", ["Credentials", "MemberCredentials", "RefreshToken"])
def test_logins_require_all_that_they_take(name: str) -> None:
    """A login without one of its values isn't valid, which the vendor's document doesn't say."""
    assert SCHEMAS[name]["required"] == list(SCHEMAS[name]["properties"])
    assert SCHEMAS[name]["x-assumption"] == "A05"


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_empty_bodies_are_refused(contract: Contract, body: Body) -> None:
    """The mock's own validators refuse an empty object in place of any body."""
    assert not contract.validator(body.pointer).is_valid({})


@pytest.mark.parametrize("body", ANSWERED.values(), ids=ANSWERED)
def test_thinned_answers_are_refused(contract: Contract, body: Body) -> None:
    """The mock's own validators refuse the example of an answer or event that lacks one key, unless it may."""
    validator = contract.validator(body.pointer)

    accepted = {key for key, less in thinned(body.value) if validator.is_valid(less)}
    assert accepted <= {place.rpartition(".")[2] for place in MISSING}


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
