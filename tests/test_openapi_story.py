"""openapi.yaml: its examples tell one story, of the same people, receipt and things in requests, answers and events."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from tests.test_openapi import BODIES, DOCUMENT, SCHEMAS

# What is always told of one thing alike: the key that names it, and the keys that tell it.
TOLD = {
    "customerId": ("email", "phone", "loyaltyCardNumber", "gender", "agreement2"),
    "email": ("customerId", "phone", "loyaltyCardNumber", "firstName", "lastName", "nip", "address"),
    "loyaltyCardNumber": ("email",),
    "transactionId": ("documentNumber", "purchasedAt", "grossValue"),
    "documentNumber": ("transactionId", "purchasedAt", "documentType", "channelId"),
    "code": ("activeFrom", "activeTo"),
    "sku": ("name", "category", "grossValue", "maker"),
    "levelId": ("levelName", "name"),
    "rewardId": ("name", "rewardName", "rewardType"),
    "campaignId": ("name",),
    "achievementId": ("name",),
    "segmentId": ("name",),
    "walletId": ("walletType",),
    "webhookSubscriptionId": ("url", "eventName", "hmacSecretKey", "createdAt"),
    "messageId": ("eventName", "createdAt"),
}
ALIASES = {"customerEmail": "email", "customerPhone": "phone", "customerLoyaltyCardNumber": "loyaltyCardNumber"}
ALIASES |= {"customerFirstName": "firstName", "customerLastName": "lastName", "issuedRewardId": "redeemedRewardId"}
# Here the story goes on: the member has a new number, then a new address, and a campaign a new name.
CHANGES = ("onCustomerPhoneNumberWasChanged", "onCustomerEmailWasChanged", "onCampaignUpdated")
# One of each: who is told of is always the same, or at least in the same shop.
SINGLE = ("channelId", "storeCode")
PROPERTIES = (
    *("customerId", "email", "phone", "loyaltyCardNumber", "documentNumber", "transactionId", "channelId"),
    *("levelId", "firstName", "lastName", "webhookSubscriptionId", "refresh_token"),
)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """All objects in a value, with what stands for the same under one name."""
    if isinstance(value, dict):
        yield {ALIASES.get(str(key), str(key)): inner for key, inner in value.items()}
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(inner)


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    """An object with what its header and its customer's data tell; an article of an event is its code."""
    inner = [item[key] for key in ("header", "customerData") if isinstance(item.get(key), dict)]
    code = {"sku": item["sku"]["code"]} if isinstance(item.get("sku"), dict) else {}
    return {key: value for part in (*inner, item, code) for key, value in part.items()}


STORY = {name: body.value for name, body in BODIES.items() if not name.startswith(CHANGES)}
THINGS = [_flat(item) for value in STORY.values() for item in _objects(value)]


@pytest.mark.parametrize(("named", "told"), [(named, key) for named, keys in TOLD.items() for key in keys])
def test_one_thing_is_told_alike(named: str, told: str) -> None:
    """Who or what has one id has one name, one address, one number, wherever it occurs."""
    found: dict[str, list[Any]] = defaultdict(list)
    for thing in THINGS:
        if isinstance(thing.get(named), str) and thing.get(told) is not None and thing[told] not in found[thing[named]]:
            found[thing[named]].append(thing[told])

    assert {name: values for name, values in found.items() if len(values) > 1} == {}


@pytest.mark.parametrize("key", SINGLE)
def test_there_is_one_of_it(key: str) -> None:
    """All happens in one store and one channel."""
    assert len({thing[key] for thing in THINGS if thing.get(key) is not None}) == 1


def test_properties_are_of_the_story() -> None:
    """The example of a property is a value that one of the bodies has, too."""
    told = {key: {thing[key] for thing in THINGS if isinstance(thing.get(key), str)} for key in PROPERTIES}
    shown = [
        (f"{name}.{key}", key, schema["example"])
        for name, component in SCHEMAS.items()
        for key, schema in component.get("properties", {}).items()
        if key in told and "example" in schema
    ]

    assert len(shown) > len(PROPERTIES)
    assert [(place, example) for place, key, example in shown if example not in told[key]] == []


TOKENS = {name: body.value for name, body in BODIES.items() if "token" in body.value}


def test_tokens_can_be_decoded() -> None:
    """Each JWT has the claims of its user, a day to live, and no signature that anybody could have made."""
    claims = {name: jwt.decode(value["token"], options={"verify_signature": False}) for name, value in TOKENS.items()}

    assert len(claims) == 4
    assert {frozenset(one) for one in claims.values()} == {
        frozenset({"iat", "exp", "roles", "username", "id", "lastLoginAt"})
    }
    assert all(one["exp"] - one["iat"] == 86400 for one in claims.values())
    assert {name: "ROLE_PARTICIPANT" in one["roles"] for name, one in claims.items()} == {
        name: "ember" in name for name in claims
    }
    assert all(value["token"].endswith(".YW4gZXhhbXBsZSB0aGF0IG5vYm9keSBoYXMgc2lnbmVk") for value in TOKENS.values())


@pytest.mark.parametrize(("user", "sent"), [("", "refresh"), ("Member", "member")])
def test_a_refresh_trades_all(user: str, sent: str) -> None:
    """The refresh token of the login is sent, and both tokens of the answer are new."""
    login = "memberLoginCheck" if user else "adminLoginCheck"
    (first,) = [value for name, value in TOKENS.items() if name.startswith(login)]
    (second,) = [value for name, value in TOKENS.items() if name.startswith(f"tokenRefresh{user} ")]

    assert BODIES[f"tokenRefresh{user} requestBody {sent}"].value["refresh_token"] == first["refresh_token"]
    assert set(first.values()) & set(second.values()) == set()


@pytest.mark.parametrize("name", [name for name in BODIES if " responses/400 " in name])
def test_errors_are_of_their_operation(name: str) -> None:
    """The paths of a 400 lead into the body of the operation, or name one of its parameters."""
    operation = name.split(maxsplit=1)[0]
    bodies = [body.value for other, body in BODIES.items() if other.startswith(f"{operation} requestBody")]
    (item,) = [item for item in DOCUMENT["paths"].values() for one in item.values() if _is(one, operation)]
    declared = next(one for one in item.values() if _is(one, operation))
    parameters = [each["$ref"].rpartition("/")[2] for each in declared.get("parameters", ())]
    roots = {key for body in bodies for key in body}
    roots |= {DOCUMENT["components"]["parameters"][each]["name"] for each in parameters}

    assert [error["path"] for error in BODIES[name].value["errors"] if error["path"].split(".")[0] not in roots] == []


def _is(operation: Any, operation_id: str) -> bool:
    return isinstance(operation, dict) and operation.get("operationId") == operation_id
