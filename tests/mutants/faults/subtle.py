"""Faults that show only to those who look closely: at effects, at what lags, at odd JSON, at what nobody declared."""

import re
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

from tests.mutants.exchange import OTHER_STORE, Answer, Request, Send
from tests.mutants.faults.inputs import wanted_of
from tests.mutants.faults.shapes import Row, each_row, without
from tests.mutants.mutant import Registry

MUTANTS = Registry()
_LIST, _GET, _POST = "webhookSubscriptionGetList", "webhookSubscriptionGet", "_webhookSubscriptionPost"
_PUT, _DELETE, _ROTATE = "_webhookSubscriptionPut", "webhookSubscriptionDelete", "webhookSubscriptionRotateHmacKey"
_EVENTS, _FIGURES = "webhookEventGetList", "membersStatsGet"
_MEMBER, _REFRESH = "_memberPost", "tokenRefreshMember"
_LOOKS = 2  # at a list, until it has what is new
_CRASHED = Answer.of(500, {"code": 500, "message": "Internal Server Error"})


# ---------------------------------------------------------------- stores, and who may
@MUTANTS.exchanges(_PUT, _GET)
async def other_stores_can_update(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """An update under the other store reaches a subscription of the default store."""
    answer = await send(request)
    if request.operation != _PUT or answer.status != 404 or request.store != OTHER_STORE:
        return answer
    return await send(replace(request, target=request.target.replace(OTHER_STORE, "DEFAULT", 1)))


@MUTANTS.exchanges(_DELETE, _GET)
async def other_stores_can_delete(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Deleting under the other store deletes a subscription of the default store."""
    answer = await send(request)
    if request.operation != _DELETE or answer.status != 404 or request.store != OTHER_STORE:
        return answer
    return await send(replace(request, target=request.target.replace(OTHER_STORE, "DEFAULT", 1)))


@MUTANTS.exchanges(_ROTATE)
async def other_stores_can_rotate(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Rotating under the other store issues a secret for a subscription of the default store."""
    answer = await send(request)
    if request.operation != _ROTATE or answer.status != 404 or request.store != OTHER_STORE:
        return answer
    return await send(replace(request, target=request.target.replace(OTHER_STORE, "DEFAULT", 1)))


@MUTANTS.answers(_DELETE, status=404)
def deleting_nothing_is_a_success(_: Answer) -> Answer:
    """Deleting what isn't there answers 204, in any store."""
    return Answer.of(204)


@MUTANTS.answers(_PUT, status=404)
def updating_nothing_is_a_success(_: Answer) -> Answer:
    """Updating what isn't there answers 200 with an empty object, in any store."""
    return Answer.of(200, {})


@MUTANTS.exchanges(_LIST)
async def list_goes_on_with_the_other_store(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Without filters, the last page of a list ends with subscriptions of the other store."""
    answer = await send(request)
    filtered = any(not name.startswith("_") for name, _ in request.query)
    if request.operation != _LIST or answer.status != 200 or filtered:
        return answer
    other = "DEFAULT" if request.store == OTHER_STORE else OTHER_STORE
    path = request.target.replace(str(request.store), other, 1)
    more = await send(replace(request, target=path).with_parameters(_page=1))
    size = int(request.parameter("_itemsOnPage") or 10)
    items = answer.json["items"] + (more.json["items"] if more.status == 200 else [])
    return answer.with_json(answer.json | {"items": items[:size]})


@MUTANTS.exchanges(_DELETE)
async def nobody_may_delete_nothing(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Deleting without a credential answers 204, and deletes nothing."""
    answer = await send(request)
    return Answer.of(204) if request.operation == _DELETE and answer.status == 401 else answer


@MUTANTS.exchanges(_GET)
async def store_case_is_ignored(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A subscription is read under the code of its store in lower case, too."""
    answer = await send(request)
    if request.operation != _GET or answer.status != 404:
        return answer
    return await send(
        replace(request, target=request.target.replace(str(request.store), str(request.store).upper(), 1))
    )


@MUTANTS.exchanges(_REFRESH)
async def other_stores_can_refresh(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A member's refresh token works under the other store."""
    answer = await send(request)
    if request.operation != _REFRESH or answer.status != 401 or request.store != OTHER_STORE:
        return answer
    return await send(replace(request, target=request.target.replace(OTHER_STORE, "DEFAULT", 1)))


# ---------------------------------------------------------------- identifiers
@MUTANTS.exchanges(_MEMBER)
async def taken_card_is_accepted(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A second member with the same card number is accepted."""
    answer = await send(request)
    if request.operation != _MEMBER or answer.status != 400:
        return answer
    again = await send(request.with_json({"customer": without(wanted_of(request), "loyaltyCardNumber")}))
    return again if again.status == 200 else answer


@MUTANTS.exchanges(_MEMBER)
async def address_in_other_case_is_accepted(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """A second member with the same e-mail address is accepted, if it is in capitals."""
    answer = await send(request)
    customer = wanted_of(request)
    name = str(customer.get("email")).partition("@")[0]
    if request.operation != _MEMBER or answer.status != 400 or name.upper() != name:
        return answer
    memory.count = getattr(memory, "count", 0) + 1
    again = await send(request.with_json({"customer": customer | {"email": f"capital{memory.count}@example.com"}}))
    return again.with_json(again.json | {"email": customer["email"]}) if again.status == 200 else answer


# ---------------------------------------------------------------- lists
@MUTANTS.requests(_LIST)
def sorting_by_legacy_is_ignored(request: Request) -> Request:
    """`_orderBy[legacy]` makes no difference, and isn't refused."""
    return request.without_parameters("_orderBy[legacy]")


@MUTANTS.requests(_LIST)
def too_large_a_page_is_cut_down(request: Request) -> Request:
    """More than 50 rows are taken for 50."""
    asked = request.parameter("_itemsOnPage") or ""
    return request.with_parameters(_itemsOnPage=50) if asked.isdecimal() and int(asked) > 50 else request


@MUTANTS.requests(_LIST)
def word_as_a_page_is_the_first(request: Request) -> Request:
    """A page that is no number is the first one."""
    asked = request.parameter("_page") or "1"
    return request if asked.removeprefix("-").isdecimal() else request.with_parameters(_page=1)


@MUTANTS.exchanges(_LIST, _POST)
async def list_lags(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """A list has a new subscription only when it has been looked at twice since."""
    answer = await send(request)
    looks: dict[str, int] = memory.__dict__.setdefault("looks", {})
    if request.operation == _POST and answer.status == 200:
        looks[answer.json["webhookSubscriptionId"]] = 0
    if request.operation != _LIST or answer.status != 200:
        return answer
    hidden = {identity for identity, number in looks.items() if number < _LOOKS}
    looks.update({identity: number + 1 for identity, number in looks.items()})
    kept = [row for row in answer.json["items"] if row["webhookSubscriptionId"] not in hidden]
    return answer.with_json(answer.json | {"items": kept})


@MUTANTS.requests(_LIST)
def sorting_by_time_is_ignored(request: Request) -> Request:
    """`_orderBy[createdAt]` makes no difference."""
    good = request.parameter("_orderBy[createdAt]") in ("asc", "desc")
    return request.without_parameters("_orderBy[createdAt]") if good else request


def _takes(name: str, breaks: str, pattern: str) -> None:
    """Moments that are none are dropped instead of refused."""

    def change(request: Request) -> Request:
        odd = (key for key, value in request.query if key.startswith("createdAt") and re.fullmatch(pattern, value))
        return request.without_parameters(*odd)

    change.__name__, change.__doc__ = name, breaks
    MUTANTS.requests(_LIST)(change)


_takes("moment in seconds is accepted", "A `createdAt` in Unix seconds is ignored instead of refused.", r"\d{10}")
_takes(
    "moment without offset is accepted",
    "A `createdAt` without an offset is ignored instead of refused.",
    r"\d{4}-\d\d-\d\dT[\d:]+",
)


# ---------------------------------------------------------------- parts of answers
@MUTANTS.answers(_GET, _LIST)
def urls_are_in_lower_case(answer: Answer) -> Answer:
    """URLs are shown in lower case."""
    change: Callable[[Row], Row] = lambda row: row | {"url": row["url"].lower()}  # noqa: E731
    return each_row(answer, change) if "items" in answer.json else answer.with_json(change(answer.json))


@MUTANTS.answers(_LIST)
def no_header_is_empty_in_rows(answer: Answer) -> Answer:
    """The name of a header that isn't there is null in a subscription, and empty in the list."""
    return each_row(answer, lambda row: row | {"headerName": row.get("headerName") or ""})


@MUTANTS.answers(_GET)
def undeclared_secret_is_shown(answer: Answer) -> Answer:
    """A subscription has a `passwordHash`."""
    return answer.with_json(answer.json | {"passwordHash": "$2y$13$abcdefghijklmnopqrstuu"})


@MUTANTS.answers(_GET, unseen="new properties are allowed; the report has a note")
def undeclared_property_is_shown(answer: Answer) -> Answer:
    """A subscription has an `owner`."""
    return answer.with_json(answer.json | {"owner": "somebody"})


@MUTANTS.answers(_EVENTS, unseen="new events are allowed; the report has a note")
def a_new_event_is_listed(answer: Answer) -> Answer:
    """The event list has an event that the contract doesn't know."""
    return answer.with_json({"items": [*answer.json["items"], "CustomerBecameFamous"]})


@MUTANTS.answers(_FIGURES)
def a_span_is_missing(answer: Answer) -> Answer:
    """The intervals of the figures lack `in_365_days`."""
    intervals = [without(interval, "in_365_days") for interval in answer.json["intervals"]]
    return answer.with_json(answer.json | {"intervals": intervals})


@MUTANTS.answers(_LIST)
def estimated_is_missing(answer: Answer) -> Answer:
    """`total` lacks `estimated`."""
    return answer.with_json(answer.json | {"total": without(answer.json["total"], "estimated")})


@MUTANTS.answers(_LIST)
def created_at_is_null(answer: Answer) -> Answer:
    """`createdAt` in the list is null."""
    return each_row(answer, lambda row: row | {"createdAt": None})


# ---------------------------------------------------------------- odd JSON
def _replaced(name: str, breaks: str, pattern: bytes, by: bytes) -> None:
    """What stands in a body is read as something else."""

    def change(request: Request) -> Request:
        return replace(request, body=re.sub(pattern, by, request.body))

    change.__name__, change.__doc__ = name, breaks
    MUTANTS.requests(_POST, _PUT)(change)


_replaced("nan is accepted", "NaN is taken for a text.", rb"(?<=[:, ])NaN\b", b'"CustomerRegistered"')
_replaced("bytes are accepted", "Bytes that are no UTF-8 are left out.", rb"\xff\xfe\xc3\(", b"")


def _crashes(name: str, breaks: str, pattern: bytes) -> None:
    async def exchange(request: Request, send: Send, _: SimpleNamespace) -> Answer:
        answer = await send(request)
        odd = request.operation in (_POST, _PUT) and answer.status != 401 and re.search(pattern, request.body)
        return _CRASHED if odd else answer

    exchange.__name__, exchange.__doc__ = name, breaks
    MUTANTS.exchanges(_POST, _PUT)(exchange)


_crashes("a large number is 500", "A number beyond all floats ends in a 500.", rb"1e400")
_crashes("a huge integer is 500", "An integer of hundreds of digits ends in a 500.", rb"\d{300}")
_crashes("half a character is 500", "Half of a surrogate pair ends in a 500.", rb"\\ud800")
_crashes("a null character is 500", "A null character in a text ends in a 500.", rb"\\u0000")
_crashes("deep nesting is 500", "A body that is nested 50,000 times ends in a 500.", rb"\[{9999}")
_crashes("a key twice is 500", "A key that is there twice ends in a 500.", rb'"(\w+)": "[^"]*", "\1"')


@MUTANTS.exchanges(_LIST)
async def the_first_moment_is_500(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A moment that is before the year 1 in UTC ends in a 500."""
    answer = await send(request)
    early = any(value.startswith("0001-01-01T00:00:00+") for _, value in request.query)
    return _CRASHED if request.operation == _LIST and early and answer.status != 401 else answer
