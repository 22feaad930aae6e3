"""Answers of the wrong shape: types, formats, fields that are missing or must not be there."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from tests.mutants.exchange import Answer, Request, Send
from tests.mutants.mutant import Registry

MUTANTS = Registry()
_LIST, _GET, _POST = "webhookSubscriptionGetList", "webhookSubscriptionGet", "_webhookSubscriptionPost"
_EVENTS, _FIGURES, _ROTATE = "webhookEventGetList", "membersStatsGet", "webhookSubscriptionRotateHmacKey"
Row = dict[str, Any]


def each_row(answer: Answer, change: Callable[[Row], Row]) -> Answer:
    """The list with each row changed."""
    return answer.with_json(answer.json | {"items": [change(row) for row in answer.json["items"]]})


def without(content: Row, *names: str) -> Row:
    """An object without some of its properties."""
    return {name: value for name, value in content.items() if name not in names}


# ---------------------------------------------------------------- what subscribing answers
@MUTANTS.answers(_POST)
def new_id_is_no_uuid(answer: Answer) -> Answer:
    """The id of a new subscription is no UUID."""
    return answer.with_json(answer.json | {"webhookSubscriptionId": "sub-17"})


@MUTANTS.answers(_POST)
def new_id_is_a_number(answer: Answer) -> Answer:
    """The id of a new subscription is a number."""
    return answer.with_json(answer.json | {"webhookSubscriptionId": 17})


@MUTANTS.answers(_POST, seen_at=("webhookSubscriptionDelete",))
def new_id_is_in_capitals(answer: Answer) -> Answer:
    """The id of a new subscription is in capitals, and isn't found that way."""
    return answer.with_json(answer.json | {"webhookSubscriptionId": answer.json["webhookSubscriptionId"].upper()})


@MUTANTS.answers(_POST)
def new_id_is_a_path(answer: Answer) -> Answer:
    """The id of a new subscription has a slash in it."""
    return answer.with_json(answer.json | {"webhookSubscriptionId": f"a/{answer.json['webhookSubscriptionId']}"})


@MUTANTS.answers(_POST)
def new_id_is_missing(answer: Answer) -> Answer:
    """Subscribing doesn't tell the id."""
    return answer.with_json(without(answer.json, "webhookSubscriptionId"))


@MUTANTS.answers(_POST)
def unsigned_secret_is_null(answer: Answer) -> Answer:
    """A subscription without signing has a secret: null."""
    return answer.with_json({"hmacSecretKey": None} | answer.json)


@MUTANTS.answers(_POST)
def creation_is_a_list(answer: Answer) -> Answer:
    """Subscribing answers an array with one object."""
    return answer.with_json([answer.json])


@MUTANTS.answers(_ROTATE)
def rotated_secret_is_missing(answer: Answer) -> Answer:
    """Rotating doesn't tell the new secret."""
    return answer.with_json({})


# ---------------------------------------------------------------- a subscription
@MUTANTS.answers(_GET)
def created_at_has_no_time(answer: Answer) -> Answer:
    """`createdAt` is a date."""
    return answer.with_json(answer.json | {"createdAt": answer.json["createdAt"][:10]})


@MUTANTS.answers(_GET, _LIST)
def created_at_is_a_number(answer: Answer) -> Answer:
    """`createdAt` is in Unix seconds."""
    change: Callable[[Row], Row] = lambda row: row | {"createdAt": 1_768_473_000}  # noqa: E731
    return each_row(answer, change) if "items" in answer.json else answer.with_json(change(answer.json))


@MUTANTS.answers(_LIST)
def created_at_has_no_offset(answer: Answer) -> Answer:
    """`createdAt` in the list has no offset."""
    return each_row(answer, lambda row: row | {"createdAt": row["createdAt"][:19]})


@MUTANTS.answers(_LIST, seen_at=(_GET,))
def list_shows_another_time(answer: Answer) -> Answer:
    """`createdAt` in the list differs from that of the subscription."""
    return each_row(answer, lambda row: row | {"createdAt": "2001-01-01T00:00:00+00:00"})


@MUTANTS.answers(_GET)
def url_is_null(answer: Answer) -> Answer:
    """The URL of a subscription is null."""
    return answer.with_json(answer.json | {"url": None})


@MUTANTS.answers(_GET)
def url_is_missing(answer: Answer) -> Answer:
    """A subscription is read without its URL."""
    return answer.with_json(without(answer.json, "url"))


@MUTANTS.answers(_GET)
def id_is_missing(answer: Answer) -> Answer:
    """A subscription is read without its id."""
    return answer.with_json(without(answer.json, "webhookSubscriptionId"))


@MUTANTS.answers(_GET)
def subscription_is_wrapped(answer: Answer) -> Answer:
    """A subscription is wrapped in a root key."""
    return answer.with_json({"webhookSubscription": answer.json})


@MUTANTS.answers(_GET)
def headers_are_an_object(answer: Answer) -> Answer:
    """Custom headers are an object instead of an array."""
    return answer.with_json(answer.json | {"headers": {"X-Tenant": "north"}})


@MUTANTS.answers(_GET)
def headers_have_other_names(answer: Answer) -> Answer:
    """Custom headers have `name` and `value` instead of `headerName` and `headerValue`."""
    pairs = [{"name": one.get("headerName"), "value": one.get("headerValue")} for one in answer.json["headers"]]
    return answer.with_json(answer.json | {"headers": pairs})


@MUTANTS.answers(_LIST)
def legacy_is_text(answer: Answer) -> Answer:
    """`legacy` in the list is text."""
    return each_row(answer, lambda row: row | {"legacy": "false"})


@MUTANTS.answers(_LIST, _GET)
def hmac_enabled_is_a_number(answer: Answer) -> Answer:
    """`hmacEnabled` is 0 or 1."""
    change: Callable[[Row], Row] = lambda row: row | {"hmacEnabled": int(row["hmacEnabled"])}  # noqa: E731
    return each_row(answer, change) if "items" in answer.json else answer.with_json(change(answer.json))


@MUTANTS.answers(_GET)
def destination_is_another(answer: Answer) -> Answer:
    """Each subscription is shown as an e-mail destination."""
    return answer.with_json(answer.json | {"destinationType": "email"})


# ---------------------------------------------------------------- lists
@MUTANTS.answers(_LIST)
def rows_have_no_id(answer: Answer) -> Answer:
    """The rows of the list have no id."""
    return each_row(answer, lambda row: without(row, "webhookSubscriptionId"))


@MUTANTS.answers(_LIST)
def list_is_bare(answer: Answer) -> Answer:
    """The list is an array, without the envelope."""
    return answer.with_json(answer.json["items"])


@MUTANTS.answers(_LIST)
def list_has_no_total(answer: Answer) -> Answer:
    """The list has no `total`."""
    return answer.with_json(without(answer.json, "total"))


@MUTANTS.answers(_LIST)
def total_is_a_number(answer: Answer) -> Answer:
    """`total` is a number instead of an object."""
    return answer.with_json(answer.json | {"total": answer.json["total"]["all"]})


@MUTANTS.answers(_LIST)
def total_is_text(answer: Answer) -> Answer:
    """The counts of the list are text."""
    return answer.with_json(answer.json | {"total": {"all": "1", "filtered": "1", "estimated": False}})


@MUTANTS.answers(_LIST)
def items_are_null(answer: Answer) -> Answer:
    """An empty list has `items: null`."""
    return answer.with_json(answer.json | {"items": answer.json["items"] or None})


@MUTANTS.answers(_LIST)
def items_have_another_name(answer: Answer) -> Answer:
    """The rows of the list are under `data`."""
    return answer.with_json({"data": answer.json["items"], "total": answer.json["total"]})


@MUTANTS.answers(_EVENTS)
def events_are_objects(answer: Answer) -> Answer:
    """Events are objects instead of names."""
    return each_row(answer, lambda name: {"name": name})


@MUTANTS.answers(_EVENTS)
def events_are_none(answer: Answer) -> Answer:
    """The event list is empty."""
    return answer.with_json({"items": []})


@MUTANTS.answers(_EVENTS, seen_at=(_POST,))
def an_event_is_not_listed(answer: Answer) -> Answer:
    """The event list leaves out an event to which one can subscribe."""
    return answer.with_json({"items": answer.json["items"][1:]})


# ---------------------------------------------------------------- figures, members, transactions
@MUTANTS.answers(_FIGURES)
def figures_are_text(answer: Answer) -> Answer:
    """The total of members is text."""
    return answer.with_json(answer.json | {"total": str(answer.json["total"])})


@MUTANTS.answers(_FIGURES)
def figures_are_negative(answer: Answer) -> Answer:
    """The total of members is negative."""
    return answer.with_json(answer.json | {"total": -1})


@MUTANTS.answers(_FIGURES)
def figures_are_broken(answer: Answer) -> Answer:
    """The total of members has a fraction."""
    return answer.with_json(answer.json | {"total": answer.json["total"] + 0.5})


@MUTANTS.answers(_FIGURES)
def intervals_are_an_object(answer: Answer) -> Answer:
    """The intervals are an object instead of an array."""
    return answer.with_json(answer.json | {"intervals": answer.json["intervals"][0]})


@MUTANTS.answers(_FIGURES)
def intervals_are_missing(answer: Answer) -> Answer:
    """The figures have no intervals."""
    return answer.with_json(without(answer.json, "intervals"))


@MUTANTS.answers(_FIGURES)
def intervals_do_not_contain_each_other(answer: Answer) -> Answer:
    """More members registered within a day than within a week."""
    interval = answer.json["intervals"][0]
    return answer.with_json(answer.json | {"intervals": [interval | {"in_1_days": interval["in_7_days"] + 1}]})


@MUTANTS.exchanges(_FIGURES)
async def figures_never_change(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """The figures are those of the first call, however many members come."""
    answer = await send(request)
    if request.operation != _FIGURES or answer.status != 200:
        return answer
    memory.__dict__.setdefault(request.target, answer)
    return memory.__dict__[request.target]  # type: ignore[no-any-return]


@MUTANTS.requests(_FIGURES)
def with_transaction_is_ignored(request: Request) -> Request:
    """`withTransaction` makes no difference."""
    return request.without_parameters("withTransaction")


@MUTANTS.answers("_memberPost")
def member_has_no_id(answer: Answer) -> Answer:
    """Adding a member doesn't tell the id."""
    return answer.with_json(without(answer.json, "customerId"))


@MUTANTS.answers("_memberPost")
def member_has_another_address(answer: Answer) -> Answer:
    """Adding a member answers with another e-mail address than was sent."""
    return answer.with_json(answer.json | {"email": "x" + answer.json["email"]})


@MUTANTS.answers("_transactionPost")
def transaction_id_is_no_uuid(answer: Answer) -> Answer:
    """The id of a new transaction is no UUID."""
    return answer.with_json({"transactionId": "R-1"})


@MUTANTS.answers("_transactionPost")
def transaction_has_no_id(answer: Answer) -> Answer:
    """Adding a transaction doesn't tell the id."""
    return answer.with_json({})
