"""What the walk sends: good, bad and odd values for every operation."""

from typing import Any

from tests.mutants.exchange import ADMIN

Wanted = dict[str, Any]
HOOK = "https://crm.example.com/open-loyalty"
LOCAL = "http://localhost:9/"
PAIR = {"headerName": "X-Tenant", "headerValue": "north"}

LOGINS: list[Wanted] = [
    ADMIN,
    ADMIN | {"password": "x"},
    {"username": "nobody", "password": "x"},
    {"username": "admin"},
    ADMIN | {"password": 1},
    ADMIN | {"username": {}},
]

GOOD: list[Wanted] = [
    {},
    {"hmacEnabled": True},
    {"headers": [PAIR, PAIR | {"headerName": "X-Till"}], "url": HOOK + "?q=2"},
    {"eventName": "RewardCreated", "url": LOCAL},
    {"eventName": "CouponWillExpire"},
    {"queueKey": "key", "queueSecretKey": "secret"},
    {"headers": []},
    {"headers": [PAIR] * 3},
    {"headers": [PAIR | {"headerValue": ""}]},
    {"url": LOCAL + "a" * 210},
    {"url": LOCAL + "a'b"},
    {"url": LOCAL + "%C3%A4"},
    {},
    {},
]

BAD: list[Wanted] = [
    {"eventName": "Unknown"},
    {"eventName": 1},
    {"url": "no url"},
    {"url": "http://ä.example/"},
    {"url": 1},
    {"more": 1},
    {"hmacEnabled": "yes"},
    {"headers": "none"},
    {"destinationType": "email"},
]

_HEAD, _TAIL = b'{"webhookSubscription": {"url": "https://hook.example.com/odd", "eventName": ', b"}}"
BROKEN: list[Any] = [
    {"webhookSubscription": {"url": HOOK}},
    {"webhookSubscription": {"eventName": "RewardCreated"}},
    {"eventName": "RewardCreated", "url": HOOK},
    {},
    [],
    b"null",
    b"{",
    {"webhookSubscription": None},
    *(_HEAD + odd + _TAIL for odd in (b"NaN", b"1e400", b"9" * 400, b"[" * 50_000 + b"]" * 50_000)),
    *(_HEAD + odd + _TAIL for odd in (b'"\\ud800"', b'"\\u0000"')),
    _HEAD + b'"RewardCreated", "eventName": "RewardCreated"' + _TAIL,
    _HEAD + b'"RewardCreated\xff\xfe\xc3("' + _TAIL,
]

_SORTED = [
    f"_orderBy[{name}]={way}&_itemsOnPage=50" for name in ("eventName", "url", "createdAt") for way in ("asc", "desc")
]
QUERIES = [
    "",
    "_page=1&_itemsOnPage=2",
    "_page=2&_itemsOnPage=2",
    "_itemsOnPage=50",
    "_page=99",
    "_page=2000000",
    "eventName=RewardCreated",
    "eventName=RewardCreated&_itemsOnPage=1",
    "eventName[eq]=RewardCreated",
    "eventName[like]=reward",
    "eventName=Reward",
    "eventName=%C3%A4",
    "eventName=",
    f"url={LOCAL}",
    f"url[eq]={LOCAL}",
    "url[like]=LOCALHOST",
    "url[like]=%25",
    "url=%27",
    "legacy=true",
    "legacy[eq]=true",
    "eventName=RewardCreated&url=nowhere",
    f"eventName=nowhere&url={LOCAL}",
    "eventName[notHasValue]=",
    "url[notHasValue]=",
    "createdAt[notHasValue]=",
    "createdAt[lt]=0001-01-01T00:00:00%2B23:00",
    *_SORTED,
    "_orderBy[eventName]=asc&_orderBy[createdAt]=desc",
]
BAD_QUERIES = [
    "_page=0",
    "_page=-1",
    "_page=x",
    "_itemsOnPage=51",
    "_orderBy[createdAt]=up",
    "_orderBy[legacy]=asc",
    "more=1",
    "createdAt=yesterday",
    "createdAt=1700000000",
    "createdAt=2026-01-15T10:30:00",
    "url=" + "a" * 300,
]

CUSTOMERS: list[Wanted] = [
    {"email": "john@example.com"},
    {"email": "john@example.com"},
    {"email": "a@example.com", "address": {"city": "Lodz"}},
    {"email": "b@example.com", "levelId": None},
    {"email": "c@example.com", "firstName": "é"},
    {},
    {"email": "d@example.com", "gender": "x"},
    {"email": "e@example.com", "birthDate": "x"},
    {"email": "f@example.com", "loyaltyCardNumber": "C-1"},
    {"email": "g@example.com", "loyaltyCardNumber": "C-1"},
    {"email": "JOHN@example.com"},
]

_HEADER = {"documentNumber": "R-1", "purchasedAt": "2026-01-15"}
_ITEM = {"sku": "S-1", "name": "Mug", "category": "tableware", "grossValue": 1.5}
RECEIPTS: list[Wanted] = [
    {"header": _HEADER, "items": [], "customerData": {"email": "john@example.com"}},
    {"header": _HEADER, "items": []},
    {"header": _HEADER | {"documentType": "return"}, "items": []},
    {"header": _HEADER},
    {"header": _HEADER, "items": [], "more": 1},
    {"header": _HEADER | {"documentType": "x"}, "items": []},
    {"header": _HEADER | {"purchasedAt": "x"}, "items": []},
    {"header": {"purchasedAt": "2026-01-15"}, "items": []},
    {"header": _HEADER, "items": [_ITEM | {"quantity": 1, "grossValue": "1.5"}]},
    {"header": _HEADER, "items": [_ITEM | {"highPrecisionQuantity": 1.0001}]},
]
