"""Inputs that are judged wrongly: bad ones accepted, good ones refused, odd ones a crash."""

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from tests.mutants.exchange import Answer, Request, Send
from tests.mutants.mutant import Registry

MUTANTS = Registry()
_LIST, _GET, _POST = "webhookSubscriptionGetList", "webhookSubscriptionGet", "_webhookSubscriptionPost"
_PUT, _DELETE = "_webhookSubscriptionPut", "webhookSubscriptionDelete"
_MEMBER, _TRANSACTION, _LOGIN = "_memberPost", "_transactionPost", "adminLoginCheck"
_REFUSED = Answer.of(400, {"code": 400, "message": "Validation failed", "errors": []})
_CRASHED = Answer.of(500, {"code": 500, "message": "Internal Server Error"})
_SUBSCRIPTION = {"eventName": "CustomerRegistered", "url": "http://localhost:9/"}
_ROOT = {_POST: "webhookSubscription", _PUT: "webhookSubscription", _MEMBER: "customer", _TRANSACTION: "transaction"}
Wanted = dict[str, Any]


def wanted_of(request: Request) -> Wanted:
    """What the body wraps in its root key; empty if it is none."""
    content = request.json
    wanted = content.get(_ROOT.get(request.operation or "", "")) if isinstance(content, dict) else None
    return wanted if isinstance(wanted, dict) else {}


# ---------------------------------------------------------------- bad input accepted
def _mends(operation: str, what: str, breaks: str, mend: Callable[[Wanted], Wanted]) -> None:
    """A refused body is mended, and taken then."""

    async def exchange(request: Request, send: Send, _: SimpleNamespace) -> Answer:
        answer = await send(request)
        wanted = wanted_of(request)
        if request.operation != operation or answer.status != 400 or not wanted:
            return answer
        try:
            good = mend(copy.deepcopy(wanted))
        except (AttributeError, TypeError, ValueError):  # it is wrong in another way, too
            return answer
        mended = await send(request.with_json({_ROOT[operation]: good}))
        return mended if mended.status in (200, 204) else answer

    exchange.__name__, exchange.__doc__ = what, breaks
    MUTANTS.exchanges(operation)(exchange)


def _of_type(wanted: Wanted, name: str, kind: type, good: object) -> Wanted:
    """With a good value in place of another of this type."""
    return wanted | ({name: good} if isinstance(wanted.get(name), kind) else {})


def _not_of_type(wanted: Wanted, name: str, kind: type, good: object) -> Wanted:
    """With a good value in place of one of another type."""
    return wanted | ({} if isinstance(wanted.get(name), kind) else {name: good})


def _without(wanted: Wanted, name: str) -> Wanted:
    return {key: value for key, value in wanted.items() if key != name}


def _only(wanted: Wanted, *names: str) -> Wanted:
    return {name: value for name, value in wanted.items() if name in names}


def _each_item(wanted: Wanted, name: str, kind: type, mended: Callable[[Any], Any]) -> Wanted:
    """With a mended value of this type in each item that has one."""
    items = [item | {name: mended(item[name])} if isinstance(item.get(name), kind) else item
             for item in wanted.get("items", [])]  # fmt: skip
    return wanted | {"items": items}


def _header(wanted: Wanted) -> Wanted:
    header = wanted.get("header")
    return header if isinstance(header, dict) else {}


_mends(_POST, "missing event is accepted", "A subscription without `eventName` is accepted.",
       lambda wanted: {"eventName": "CustomerRegistered"} | wanted)  # fmt: skip
_mends(_POST, "missing url is accepted", "A subscription without `url` is accepted.",
       lambda wanted: {"url": _SUBSCRIPTION["url"]} | wanted)  # fmt: skip
_mends(_PUT, "missing url is accepted in an update", "An update without `url` is accepted.",
       lambda wanted: {"url": _SUBSCRIPTION["url"]} | wanted)  # fmt: skip
_mends(_POST, "unknown event is accepted", "A subscription to an unknown event is accepted.",
       lambda wanted: _of_type(wanted, "eventName", str, "CustomerRegistered"))  # fmt: skip
_mends(_POST, "number as an event is accepted", "A number as `eventName` is accepted.",
       lambda wanted: _not_of_type(wanted, "eventName", str, "CustomerRegistered"))  # fmt: skip
_mends(_POST, "odd url is accepted", "A `url` that is no web address is accepted.",
       lambda wanted: _of_type(wanted, "url", str, _SUBSCRIPTION["url"]))  # fmt: skip
_mends(_PUT, "odd url is accepted in an update", "An update with a `url` that is no web address is accepted.",
       lambda wanted: _of_type(wanted, "url", str, _SUBSCRIPTION["url"]))  # fmt: skip
_mends(_POST, "unknown property is accepted", "A subscription with a made-up property is accepted.",
       lambda wanted: _only(wanted, "eventName", "url", "destinationType", "headers", "hmacEnabled", "headerName",
                            "headerValue", "queueKey", "queueSecretKey", "queueEncryptionKey"))  # fmt: skip
_mends(_PUT, "event in an update is accepted", "An update with `eventName` is accepted, and the event ignored.",
       lambda wanted: _without(wanted, "eventName"))  # fmt: skip
_mends(_POST, "text as a flag is accepted", "`hmacEnabled` as text or number is accepted.",
       lambda wanted: _not_of_type(wanted, "hmacEnabled", bool, good=False))  # fmt: skip
_mends(_POST, "odd headers are accepted", "Custom headers of the wrong shape are accepted.",
       lambda wanted: wanted | {"headers": []})  # fmt: skip
_mends(_POST, "unknown destination is accepted", "An unknown `destinationType` is accepted.",
       lambda wanted: wanted | {"destinationType": "rest"})  # fmt: skip
_mends(_MEMBER, "missing address is accepted", "A member without `email` is accepted.",
       lambda wanted: {"email": f"m{len(str(wanted))}@example.com"} | wanted)  # fmt: skip
_mends(_MEMBER, "unknown gender is accepted", "A member with an unknown `gender` is accepted.",
       lambda wanted: _without(wanted, "gender"))  # fmt: skip
_mends(_MEMBER, "odd birthday is accepted", "A `birthDate` that is no date is accepted.",
       lambda wanted: wanted | {"birthDate": "1990-05-17"})  # fmt: skip
_mends(_TRANSACTION, "unknown part of a sale is accepted", "A transaction with a made-up property is accepted.",
       lambda wanted: _only(wanted, "header", "items", "customerData", "labels", "channelId"))  # fmt: skip
_mends(_TRANSACTION, "missing number is accepted", "A transaction without `documentNumber` is accepted.",
       lambda wanted: wanted | {"header": {"documentNumber": "R-1"} | _header(wanted)})  # fmt: skip
_mends(_TRANSACTION, "odd moment of purchase is accepted", "A `purchasedAt` that is no date is accepted.",
       lambda wanted: wanted | {"header": _header(wanted) | {"purchasedAt": "2026-01-15"}})  # fmt: skip
_mends(_TRANSACTION, "unknown kind is accepted", "A transaction of an unknown `documentType` is accepted.",
       lambda wanted: wanted | {"header": _header(wanted) | {"documentType": "sell"}})  # fmt: skip
_mends(_TRANSACTION, "missing items are accepted", "A transaction without `items` is accepted.",
       lambda wanted: {"items": []} | wanted)  # fmt: skip
_mends(_TRANSACTION, "missing sku is accepted", "An item without `sku` is accepted.",
       lambda wanted: wanted | {"items": [{"sku": "S-1"} | item for item in wanted.get("items", [])]})  # fmt: skip

_mends(_TRANSACTION, "text as a value is accepted", "A `grossValue` that is a text of digits is accepted.",
       lambda wanted: _each_item(wanted, "grossValue", str, float))  # fmt: skip
_mends(_TRANSACTION, "too fine a quantity is accepted", "A quantity with four decimals is accepted.",
       lambda wanted: _each_item(wanted, "highPrecisionQuantity", float, round))  # fmt: skip


@MUTANTS.exchanges(_MEMBER)
async def taken_address_is_accepted(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """A second member with the same e-mail address is accepted."""
    wanted = wanted_of(request)
    answer = await send(request)
    if request.operation != _MEMBER or answer.status != 400 or "email" not in wanted:
        return answer
    memory.count = getattr(memory, "count", 0) + 1
    free = {name: value for name, value in wanted.items() if name not in ("phone", "loyaltyCardNumber")}
    again = await send(request.with_json({"customer": free | {"email": f"second{memory.count}@example.com"}}))
    return again.with_json(again.json | {"email": wanted["email"]}) if again.status == 200 else answer


@MUTANTS.exchanges(_TRANSACTION)
async def same_receipt_is_refused(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """A receipt that is sent twice is refused."""
    seen: set[str] = memory.__dict__.setdefault("seen", set())
    number = str(_header(wanted_of(request)).get("documentNumber"))
    answer = await send(request)
    if request.operation != _TRANSACTION or answer.status != 200:
        return answer
    if number in seen:
        return _REFUSED
    seen.add(number)
    return answer


@MUTANTS.exchanges(_POST, _PUT)
async def broken_json_is_accepted(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A body that is no JSON counts as an ordinary one."""
    if request.operation == _POST and request.json is None:
        return await send(request.with_json({"webhookSubscription": _SUBSCRIPTION}))
    return await send(request)


@MUTANTS.exchanges(_POST)
async def broken_json_is_empty(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A body that is no JSON is an empty object, and refused for what that lacks."""
    broken = request.operation == _POST and request.body and request.json is None
    return await send(request.with_json({}) if broken else request)


@MUTANTS.exchanges(_POST)
async def huge_body_is_read(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A body of any size is read, and refused for what it lacks."""
    answer = await send(request)
    return await send(request.with_json({})) if request.operation == _POST and answer.status == 413 else answer


@MUTANTS.exchanges(_LOGIN)
async def missing_password_is_wrong(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A login without a password is a 401."""
    content = request.json
    lacks = request.operation == _LOGIN and isinstance(content, dict) and "password" not in content
    return await send(request.with_json({"username": "nobody", "password": "wrong"}) if lacks else request)


@MUTANTS.exchanges(_POST, _LOGIN, _PUT)
async def any_media_type_is_accepted(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A body counts as JSON, whatever it is declared as."""
    answer = await send(request)
    return await send(request.with_header("Content-Type", "application/json")) if answer.status == 415 else answer


@MUTANTS.requests(_POST)
def root_key_is_optional(request: Request) -> Request:
    """A subscription without its root key is accepted."""
    content = request.json
    bare = isinstance(content, dict) and "webhookSubscription" not in content
    return request.with_json({"webhookSubscription": _SUBSCRIPTION | content}) if bare else request


# ---------------------------------------------------------------- good input refused, odd input a crash
def _reacts(
    operations: tuple[str, ...], what: str, breaks: str, odd: Callable[[Request], bool], reaction: Answer
) -> None:
    """Requests that are odd in this way, and that the server would not refuse for their credential, get this answer."""

    async def exchange(request: Request, send: Send, _: SimpleNamespace) -> Answer:
        answer = await send(request)
        hit = request.operation in operations and answer.status in (200, 204, 400, 404) and odd(request)
        return reaction if hit and answer.status != reaction.status else answer

    exchange.__name__, exchange.__doc__ = what, breaks
    MUTANTS.exchanges(*operations)(exchange)


def _texts(content: Any) -> list[str]:
    """All strings in a JSON document, keys included."""
    if isinstance(content, dict):
        return [text for key, value in content.items() for text in (key, *_texts(value))]
    if isinstance(content, list):
        return [text for value in content for text in _texts(value)]
    return [content] if isinstance(content, str) else []


def _any_text(request: Request, odd: Callable[[str], bool]) -> bool:
    return any(odd(text) for text in (*_texts(request.json), *(value for _, value in request.query)))


def _page(request: Request) -> int:
    page = request.parameter("_page") or ""
    return int(page) if re.fullmatch(r"-?[0-9]{1,30}", page) else 1


_reacts((_POST,), "one event is refused", "Subscribing to one of the events is refused.",
        lambda request: wanted_of(request).get("eventName") == "CouponWillExpire", _REFUSED)  # fmt: skip
_reacts((_POST,), "headers are refused", "Custom headers are refused.",
        lambda request: bool(wanted_of(request).get("headers")), _REFUSED)  # fmt: skip
_reacts((_POST,), "signing is refused", "`hmacEnabled: true` is refused when subscribing.",
        lambda request: wanted_of(request).get("hmacEnabled") is True, _REFUSED)  # fmt: skip
_reacts((_POST,), "queues are refused", "Queues are refused.",
        lambda request: "queueKey" in wanted_of(request), _REFUSED)  # fmt: skip
_reacts((_PUT,), "updating to a queue is refused", "Moving to a queue is refused.",
        lambda request: "queueKey" in wanted_of(request), _REFUSED)  # fmt: skip
_reacts((_LIST,), "fifty rows are refused", "A page of 50 rows is refused.",
        lambda request: request.parameter("_itemsOnPage") == "50", _REFUSED)  # fmt: skip
_reacts((_LIST,), "sorting is refused", "Sorting is refused.",
        lambda request: any(name.startswith("_orderBy[") for name, _ in request.query), _REFUSED)  # fmt: skip
_reacts((_MEMBER,), "address of a member is refused", "A member with a postal address is refused.",
        lambda request: "address" in wanted_of(request), _REFUSED)  # fmt: skip
_reacts((_TRANSACTION,), "returns are refused", "Returns are refused.",
        lambda request: _header(wanted_of(request)).get("documentType") == "return", _REFUSED)  # fmt: skip

_reacts((_POST, _PUT, _LIST, _MEMBER, _TRANSACTION), "other alphabets crash", "Text beyond ASCII is a 500.",
        lambda request: _any_text(request, lambda text: not text.isascii()), _CRASHED)  # fmt: skip
_reacts((_POST, _PUT, _LIST, _MEMBER, _TRANSACTION), "long text crashes", "Text of more than 200 characters is a 500.",
        lambda request: _any_text(request, lambda text: len(text) > 200), _CRASHED)  # fmt: skip
_reacts((_POST, _PUT, _MEMBER, _TRANSACTION), "empty text crashes", "An empty string in a body is a 500.",
        lambda request: "" in _texts(request.json), _CRASHED)  # fmt: skip
_reacts((_LIST,), "quote crashes", "A quote or a backslash in a filter is a 500.",
        lambda request: any(set(value) & set("'\"\\") for _, value in request.query), _CRASHED)  # fmt: skip
_reacts((_LIST,), "percent sign crashes", "A percent sign in `like` is a 500.",
        lambda request: any("%" in value for name, value in request.query if "[like]" in name), _CRASHED)  # fmt: skip
_reacts((_LIST,), "empty filter crashes", "An empty value of a filter is a 500.",
        lambda request: any(not value for name, value in request.query if "[" not in name), _CRASHED)  # fmt: skip
_reacts((_LIST,), "negative page crashes", "A page below 1 is a 500.",
        lambda request: _page(request) < 1, _CRASHED)  # fmt: skip
_reacts((_LIST,), "large page crashes", "A page beyond a million is a 500.",
        lambda request: _page(request) > 1_000_000, _CRASHED)  # fmt: skip
_reacts((_LIST,), "word as a page crashes", "A page that is no number is a 500.",
        lambda request: not re.fullmatch(r"-?\d*", request.parameter("_page") or ""), _CRASHED)  # fmt: skip
_reacts((_GET, _PUT, _DELETE), "odd id crashes", "An id that is no UUID is a 500.",
        lambda request: not re.fullmatch(r"[0-9a-f-]{36}", request.id or ""), _CRASHED)  # fmt: skip
_reacts((_POST, _PUT), "no headers crash", "An empty list of headers is a 500.",
        lambda request: wanted_of(request).get("headers") == [], _CRASHED)  # fmt: skip
_reacts((_POST, _PUT), "many headers crash", "More than two headers are a 500.",
        lambda request: isinstance(wanted_of(request).get("headers"), list) and len(wanted_of(request)["headers"]) > 2,
        _CRASHED)  # fmt: skip
_reacts((_POST,), "null body crashes", "A body that is `null` or no object is a 500.",
        lambda request: not isinstance(request.json, dict), _CRASHED)  # fmt: skip
_reacts((_LOGIN,), "number as a password crashes", "A login whose password is no text is a 500.",
        lambda request: isinstance(request.json, dict) and not isinstance(request.json.get("password", ""), str),
        _CRASHED)  # fmt: skip
_reacts((_LOGIN,), "object as a name crashes", "A login whose user name is an object is a 500.",
        lambda request: isinstance(request.json, dict) and isinstance(request.json.get("username"), dict),
        _CRASHED)  # fmt: skip
_reacts((_POST, _PUT), "null subscription crashes", "`null` in place of a subscription is a 500.",
        lambda request: request.json == {"webhookSubscription": None}, _CRASHED)  # fmt: skip
_reacts((_TRANSACTION,), "no items crash", "A transaction without any item is a 500.",
        lambda request: wanted_of(request).get("items") == [], _CRASHED)  # fmt: skip
_reacts((_MEMBER,), "null in a member crashes", "A null in a member is a 500.",
        lambda request: None in wanted_of(request).values(), _CRASHED)  # fmt: skip


# ---------------------------------------------------------------- methods and time
@MUTANTS.exchanges()
async def head_is_not_allowed(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """HEAD is a 405 where GET is allowed, although `Allow` names it."""
    answer = await send(request)
    if request.method != "HEAD" or answer.status != 200:
        return answer
    return replace(answer, status=405).with_header("Allow", "GET")


@MUTANTS.exchanges()
async def options_crash(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """OPTIONS is a 500."""
    return _CRASHED if request.method == "OPTIONS" else await send(request)


@MUTANTS.exchanges()
async def other_methods_are_taken(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A method that a path doesn't have is a 200."""
    answer = await send(request)
    return Answer.of(200, {}) if answer.status == 405 else answer


@MUTANTS.exchanges()
async def other_methods_are_404(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A method that a path doesn't have is a 404."""
    answer = await send(request)
    return Answer.of(404, {"code": 404, "message": "Not Found"}) if answer.status == 405 else answer


@MUTANTS.exchanges(unseen="a gateway that fails now and then is told, with a count, and is no verdict")
async def every_fortieth_answer_is_503(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """Each fortieth answer under a store is a 503."""
    if request.store is None:
        return await send(request)
    memory.count = getattr(memory, "count", 0) + 1
    return replace(_CRASHED, status=503) if memory.count % 40 == 0 else await send(request)


@MUTANTS.exchanges("membersStatsGet")
async def figures_never_come(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """The figures with `withTransaction=false` take longer than the vendor's 30 seconds."""
    answer = await send(request)
    late = request.operation == "membersStatsGet" and request.parameter("withTransaction") == "false"
    return replace(answer, delay=35) if late else answer


@MUTANTS.answers(_LIST, unseen="the contract promises no time but the 30 seconds after which a call ends")
def list_is_slow(answer: Answer) -> Answer:
    """The list takes 300 ms longer."""
    return replace(answer, delay=0.3)
