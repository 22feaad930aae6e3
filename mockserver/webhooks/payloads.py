"""The `data` of the events that operations emit (vendor-facts §4.2).

Every key is there, and null where nothing is known (assumption A40).
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from mockserver.clock import moment, timestamp
from mockserver.storage.model import Json, Member, Transaction

_ADDRESS = ("street", "address1", "address2", "postal", "city", "province", "country")
_COMPANY = ("name", "nip")
_BUYER = ("email", "name", "nip", "phone", "loyaltyCardNumber")
_OFFSET = "(Z|[+-][0-9]{2}:[0-9]{2})$"
DAY = 86_400  # seconds
_HIGHEST_INT32 = 2**31 - 1


def customer_registered(member: Member) -> dict[str, Any]:
    """The data of CustomerRegistered."""
    given = member.data
    born = given.get("birthDate")
    profile = {
        "referralToken": member.referral_token,
        "firstName": given.get("firstName"),
        "lastName": given.get("lastName"),
        "email": member.email,
        "phone": member.phone,
        "gender": given.get("gender", "not_disclosed"),
        "birthDate": timestamp(moment(f"{born}T00:00:00Z")) if born else None,
        "registeredAt": timestamp(member.registered_at),
        "address": _properties(_ADDRESS, given.get("address")),
        "company": _properties(_COMPANY, given.get("company")),
        "loyaltyCardNumber": member.loyalty_card_number,
        "customAttributes": _pairs(given.get("labels", ())),
        "agreement1": given.get("agreement1", False),
        "agreement2": given.get("agreement2", False),
        "agreement3": given.get("agreement3", False),
    }
    return {"customerId": member.customer_id, "customerData": profile}


def transaction_registered(transaction: Transaction) -> dict[str, Any]:
    """The data of TransactionRegistered."""
    given = transaction.data
    header, buyer = given["header"], given.get("customerData")
    return {
        "transactionId": transaction.transaction_id,
        "documentNumber": header["documentNumber"],
        "purchasedAt": timestamp(_purchase_time(header["purchasedAt"])),
        "documentType": header.get("documentType", "sell"),
        "customerData": None if buyer is None else _buyer(buyer),
        "items": [_line(item) for item in given["items"]],
        "channelId": given.get("channelId"),
    }


def transaction_assigned(transaction: Transaction, member: Member) -> dict[str, Any]:
    """The data of TransactionAssignedToCustomer."""
    total = sum((Decimal(str(item["grossValue"])) for item in transaction.data["items"]), Decimal(0))
    customer = {
        "customerId": member.customer_id,
        "email": member.email,
        "phone": member.phone,
        "loyaltyCardNumber": member.loyalty_card_number,
    }
    return {"transactionId": transaction.transaction_id, "grossValue": float(total), "customer": customer}


def _buyer(buyer: Json) -> dict[str, Any]:
    return {**_picked(_BUYER, buyer), "address": _properties(_ADDRESS, buyer.get("address"))}


def _line(item: Json) -> dict[str, Any]:
    return {
        "sku": {"code": item["sku"]},
        "name": item["name"],
        "quantity": item.get("quantity", _whole(item.get("highPrecisionQuantity"))),
        "grossValue": item["grossValue"],
        "category": item["category"],
        "maker": item.get("maker"),
        "labels": _pairs(item.get("labels", ())),
    }


def _whole(quantity: float | None) -> int | None:
    """A quantity with decimals as events show it: whole pieces only, or null (assumption A66)."""
    is_whole = quantity is not None and float(quantity).is_integer() and abs(quantity) <= _HIGHEST_INT32
    return int(quantity) if quantity is not None and is_whole else None


def _pairs(labels: Iterable[Json]) -> list[dict[str, Any]]:
    """Labels as events show them. A label of a member may lack either half; one without a key gets an empty one."""
    return [{"key": label.get("key", ""), "value": label.get("value")} for label in labels]


def _properties(names: Iterable[str], given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if given is None else _picked(names, given)


def _picked(names: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given.get(name) for name in names}


def _purchase_time(text: str) -> float:
    """A date is its midnight, and what has no offset is UTC (assumption A30). Days count on where the month ends."""
    full = text.replace(" ", "T") if len(text) > len("2026-01-15") else f"{text}T00:00"
    full = full if re.search(_OFFSET, full) else f"{full}Z"
    days = int(full[8:10]) - 1
    return min(moment(f"{full[:8]}01{full[10:]}") + days * DAY, moment("9999-12-31T23:59:59Z"))
