"""Subscriptions that aren't kept as they should be, and signing keys that aren't handled as they should be."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from mockserver.clock import Ids
from tests.mutants.exchange import Answer, Request, Send, calling
from tests.mutants.mutant import Registry

MUTANTS = Registry()
_LIST, _GET, _POST = "webhookSubscriptionGetList", "webhookSubscriptionGet", "_webhookSubscriptionPost"
_PUT, _DELETE, _ROTATE = "_webhookSubscriptionPut", "webhookSubscriptionDelete", "webhookSubscriptionRotateHmacKey"
_SECRET = "whsec_" + "0123456789abcdef" * 4


def _wanted(request: Request) -> dict[str, Any]:
    """What the body wraps; empty if it is none."""
    content = request.json
    wanted = content.get("webhookSubscription") if isinstance(content, dict) else None
    return wanted if isinstance(wanted, dict) else {}


def _wanting(request: Request, wanted: dict[str, Any]) -> Request:
    return request.with_json({"webhookSubscription": wanted})


def _subscription(request: Request, request_id: str | None = None) -> str:
    return f"/api/{request.store}/webhook/subscription/{request_id or request.id}"


# ---------------------------------------------------------------- creating
@MUTANTS.exchanges(_POST, _GET, _LIST)
async def creating_is_lost(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Subscribing answers as it should, and keeps nothing."""
    answer = await send(request)
    if request.operation == _POST and answer.status == 200:
        await send(calling(request, "DELETE", _subscription(request, answer.json["webhookSubscriptionId"])))
    return answer


@MUTANTS.exchanges(_POST, _GET)
async def every_third_creating_is_lost(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """Subscribing answers as it should, and keeps nothing each third time."""
    answer = await send(request)
    if request.operation == _POST and answer.status == 200:
        memory.count = getattr(memory, "count", 0) + 1
        if memory.count % 3 == 0:
            await send(calling(request, "DELETE", _subscription(request, answer.json["webhookSubscriptionId"])))
    return answer


@MUTANTS.exchanges(_POST, _LIST)
async def creating_makes_two(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Subscribing makes two subscriptions."""
    answer = await send(request)
    if request.operation == _POST and answer.status == 200:
        await send(request)
    return answer


@MUTANTS.exchanges(_POST)
async def creating_twice_is_refused(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """A second subscription with the same body is refused."""
    seen: set[bytes] = memory.__dict__.setdefault("seen", set())
    if request.operation == _POST and request.body in seen:
        return Answer.of(400, {"code": 400, "message": "Already subscribed", "errors": []})
    answer = await send(request)
    if request.operation == _POST and answer.status == 200:
        seen.add(request.body)
    return answer


@MUTANTS.exchanges(_POST, _GET, _LIST)
async def ids_are_used_twice(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """A second subscription gets the id of the first."""
    answer = await send(request)
    if request.operation != _POST or answer.status != 200:
        return answer
    previous, memory.previous = getattr(memory, "previous", None), answer.json["webhookSubscriptionId"]
    return answer.with_json(answer.json | {"webhookSubscriptionId": previous}) if previous else answer


@MUTANTS.requests(_POST, seen_at=(_GET,))
def creating_loses_the_headers(request: Request) -> Request:
    """Custom headers are lost when subscribing."""
    wanted = _wanted(request)
    kept = {name: value for name, value in wanted.items() if name != "headers"}
    return _wanting(request, kept) if isinstance(wanted.get("headers"), list) else request


@MUTANTS.answers(_GET, seen_at=(_POST, _PUT))
def headers_lose_the_last(answer: Answer) -> Answer:
    """Of several custom headers the last isn't shown."""
    headers = answer.json["headers"]
    return answer.with_json(answer.json | {"headers": headers[:-1] if len(headers) > 1 else headers})


@MUTANTS.answers(_GET, _LIST, seen_at=(_POST, _PUT))
def url_gets_a_slash(answer: Answer) -> Answer:
    """URLs are shown with a slash more than they were sent with."""
    content = answer.json
    for row in content.get("items", [content]):
        row["url"] += "/"
    return answer.with_json(content)


@MUTANTS.answers(_GET, seen_at=(_POST,))
def event_is_always_the_same(answer: Answer) -> Answer:
    """Every subscription is shown with the same event."""
    return answer.with_json(answer.json | {"eventName": "CustomerRegistered"})


@MUTANTS.answers(_GET, _LIST, seen_at=(_POST,))
def queue_is_shown_as_rest(answer: Answer) -> Answer:
    """A queue is shown as `rest`."""
    content = answer.json
    for row in content.get("items", [content]):
        row["destinationType"] = "rest"
    return answer.with_json(content)


@MUTANTS.exchanges(_GET, _LIST)
async def created_at_moves(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """`createdAt` is another at each reading."""
    answer = await send(request)
    if request.operation != _GET or answer.status != 200:
        return answer
    memory.reading = getattr(memory, "reading", 0) + 1
    return answer.with_json(answer.json | {"createdAt": f"2026-01-15T10:{memory.reading % 60:02}:00+00:00"})


@MUTANTS.answers(_GET, seen_at=(_POST, _LIST))
def created_long_ago(answer: Answer) -> Answer:
    """Every subscription was made in 1970."""
    return answer.with_json(answer.json | {"createdAt": "1970-01-01T00:00:00+00:00"})


# ---------------------------------------------------------------- reading and updating
@MUTANTS.exchanges(_GET, _PUT, _DELETE)
async def reading_is_stale(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """A subscription is read as it was at the first reading."""
    answer = await send(request)
    if request.operation != _GET or answer.status != 200:
        return answer
    kept: Answer = memory.__dict__.setdefault(str(request.id), answer)
    return kept


@MUTANTS.exchanges(_PUT, _GET)
async def updating_is_forgotten(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Updating answers as it should, and changes nothing."""
    if request.operation != _PUT:
        return await send(request)
    before = (await send(calling(request, "GET", request.path))).json
    answer = await send(request)
    if answer.status == 204:
        back = {"url": before["url"], "headers": before["headers"]}
        await send(calling(request, "PUT", request.path, {"webhookSubscription": back}))
    return answer


@MUTANTS.requests(_PUT, seen_at=(_GET,))
def updating_loses_the_headers(request: Request) -> Request:
    """Custom headers are lost when updating."""
    wanted = _wanted(request)
    kept = {name: value for name, value in wanted.items() if name != "headers"}
    return _wanting(request, kept) if isinstance(wanted.get("headers"), list) else request


@MUTANTS.exchanges(_PUT, _GET)
async def updating_keeps_old_headers(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Updating without `headers` keeps the old ones instead of emptying them."""
    wanted = _wanted(request)
    if request.operation == _PUT and "url" in wanted and not {"headers", "queueKey", "destinationType"} & set(wanted):
        before = (await send(calling(request, "GET", request.path))).json
        if isinstance(before, dict) and "headers" in before:
            request = _wanting(request, wanted | {"headers": before["headers"]})
    return await send(request)


@MUTANTS.exchanges(_PUT, _GET)
async def updating_changes_the_event(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """Updating changes the event, too."""
    answer = await send(request)
    changed: set[str | None] = memory.__dict__.setdefault("changed", set())
    if request.operation == _PUT and answer.status in (200, 204):
        changed.add(request.id)
    if request.operation == _GET and answer.status == 200 and request.id in changed:
        return answer.with_json(answer.json | {"eventName": "RewardCreated"})
    return answer


@MUTANTS.exchanges(_PUT, _GET)
async def updating_changes_another(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """Updating changes the subscription that was made last, whichever is named."""
    if request.operation == _PUT and hasattr(memory, "last") and request.id != memory.last:
        known = await send(calling(request, "GET", request.path))
        return (
            await send(replace(request, target=_subscription(request, memory.last))) if known.status == 200 else known
        )
    answer = await send(request)
    if request.operation == _POST and answer.status == 200:
        memory.last = answer.json["webhookSubscriptionId"]
    return answer


@MUTANTS.exchanges(_GET, _PUT, _DELETE, _ROTATE)
async def ids_in_capitals_are_found(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """An id in capitals is found."""
    if request.id is None or request.id == request.id.lower():
        return await send(request)
    return await send(replace(request, target=request.target.replace(request.id, request.id.lower())))


# ---------------------------------------------------------------- deleting
@MUTANTS.exchanges(_DELETE, _GET, _LIST)
async def deleting_keeps_it(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Deleting answers 204, and deletes nothing."""
    if request.operation != _DELETE:
        return await send(request)
    known = await send(calling(request, "GET", request.path))
    return Answer.of(204) if known.status == 200 else known


@MUTANTS.exchanges(_DELETE, _GET)
async def deleted_can_be_read(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """What was deleted is gone from the list, but can still be read."""
    kept: dict[str, Answer] = memory.__dict__.setdefault("kept", {})
    if request.operation == _DELETE:
        before = await send(calling(request, "GET", request.path))
        answer = await send(request)
        if answer.status == 204:
            kept[str(request.id)] = before
        return answer
    answer = await send(request)
    return kept.get(str(request.id), answer) if request.operation == _GET and answer.status == 404 else answer


@MUTANTS.exchanges(_DELETE, _PUT)
async def deleted_can_be_updated(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """What was deleted can still be updated."""
    answer = await send(request)
    deleted: set[str | None] = memory.__dict__.setdefault("deleted", set())
    if request.operation == _DELETE and answer.status == 204:
        deleted.add(request.id)
    ghost = request.operation == _PUT and answer.status == 404 and request.id in deleted
    return Answer.of(204) if ghost else answer


@MUTANTS.exchanges(_DELETE, _GET)
async def deleting_takes_another_along(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """Deleting deletes the subscription that was made before, too."""
    answer = await send(request)
    made: list[str] = memory.__dict__.setdefault("made", [])
    if request.operation == _POST and answer.status == 200:
        made.append(answer.json["webhookSubscriptionId"])
    if request.operation == _DELETE and answer.status == 204 and request.id in made and made.index(request.id):
        await send(calling(request, "DELETE", _subscription(request, made[made.index(request.id) - 1])))
    return answer


# ---------------------------------------------------------------- signing
@MUTANTS.exchanges(_GET)
async def secret_is_shown_again(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Reading a signed subscription shows a secret."""
    answer = await send(request)
    signed = request.operation == _GET and answer.status == 200 and answer.json["hmacEnabled"]
    return answer.with_json(answer.json | {"hmacSecretKey": _SECRET}) if signed else answer


@MUTANTS.answers(_LIST)
def secret_is_listed(answer: Answer) -> Answer:
    """The list shows the secrets of signed subscriptions."""
    rows = [row | ({"hmacSecretKey": _SECRET} if row["hmacEnabled"] else {}) for row in answer.json["items"]]
    return answer.with_json(answer.json | {"items": rows})


@MUTANTS.answers(_GET, seen_at=(_POST,))
def queue_keys_are_shown(answer: Answer) -> Answer:
    """Reading a queue shows its keys."""
    keys = {"queueKey": "key", "queueSecretKey": "secret"} if answer.json["destinationType"] == "queue" else {}
    return answer.with_json(answer.json | keys)


@MUTANTS.answers(_GET, seen_at=(_LIST, _POST))
def hmac_enabled_is_not_shown(answer: Answer) -> Answer:
    """`hmacEnabled` isn't part of a subscription."""
    return answer.with_json({name: value for name, value in answer.json.items() if name != "hmacEnabled"})


@MUTANTS.answers(_GET, _LIST, seen_at=(_POST, _PUT))
def hmac_enabled_is_always_false(answer: Answer) -> Answer:
    """`hmacEnabled` is shown as false, whatever was asked."""
    content = answer.json
    for row in content.get("items", [content]):
        row["hmacEnabled"] = False
    return answer.with_json(content)


@MUTANTS.answers(_POST)
def secret_is_not_told(answer: Answer) -> Answer:
    """Subscribing with signing doesn't tell the secret."""
    return answer.with_json({"webhookSubscriptionId": answer.json["webhookSubscriptionId"]})


@MUTANTS.answers(_POST)
def secret_is_told_unasked(answer: Answer) -> Answer:
    """Subscribing without signing tells a secret, too."""
    return answer.with_json({"hmacSecretKey": _SECRET} | answer.json)


@MUTANTS.answers(_POST, _ROTATE)
def secret_has_no_prefix(answer: Answer) -> Answer:
    """Secrets lack their prefix."""
    content = answer.json
    secret = content.get("hmacSecretKey", "").removeprefix("whsec_")
    return answer.with_json(content | ({"hmacSecretKey": secret} if secret else {}))


@MUTANTS.answers(_POST, _PUT, _ROTATE)
def secrets_are_all_the_same(answer: Answer) -> Answer:
    """Every subscription has the same secret."""
    content = answer.json
    return answer.with_json(content | ({"hmacSecretKey": _SECRET} if "hmacSecretKey" in content else {}))


@MUTANTS.exchanges(_ROTATE)
async def rotating_keeps_the_secret(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """Rotating answers the secret that was there before."""
    answer = await send(request)
    secrets: dict[str, str] = memory.__dict__.setdefault("secrets", {})
    if request.operation == _POST and answer.status == 200 and "hmacSecretKey" in answer.json:
        secrets[answer.json["webhookSubscriptionId"]] = answer.json["hmacSecretKey"]
    if request.operation == _ROTATE and answer.status == 200 and request.id in secrets:
        return answer.with_json({"hmacSecretKey": secrets[request.id]})
    return answer


@MUTANTS.exchanges(_ROTATE)
async def rotating_has_no_limit(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """A key can be rotated as often as one likes."""
    answer = await send(request)
    ids = memory.__dict__.setdefault("ids", Ids(1))
    if request.operation == _ROTATE and answer.status == 429:
        return Answer.of(200, {"hmacSecretKey": f"whsec_{ids.secret(64)}"})
    return answer


@MUTANTS.answers(_ROTATE, status=400)
def unsigned_can_rotate(_: Answer) -> Answer:
    """A key can be rotated where there is none."""
    return Answer.of(200, {"hmacSecretKey": _SECRET})


@MUTANTS.answers(_ROTATE)
def first_rotation_is_refused(_: Answer) -> Answer:
    """The first rotation is refused as too early."""
    return Answer.of(429, {"code": 429, "message": "Too Many Requests"}).with_header("Retry-After", "300")


@MUTANTS.answers(_PUT)
def signing_tells_no_secret(_: Answer) -> Answer:
    """Switching signing on by an update answers 204, without the secret."""
    return Answer.of(204)


@MUTANTS.exchanges(_PUT)
async def signing_again_issues_a_key(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """`hmacEnabled: true` on a signed subscription issues another key."""
    answer = await send(request)
    again = request.operation == _PUT and answer.status == 204 and _wanted(request).get("hmacEnabled") is True
    return Answer.of(200, {"hmacSecretKey": _SECRET}) if again else answer


@MUTANTS.requests(_PUT, seen_at=(_GET, _ROTATE))
def signing_cannot_be_switched_off(request: Request) -> Request:
    """`hmacEnabled: false` makes no difference."""
    wanted = _wanted(request)
    kept = {name: value for name, value in wanted.items() if name != "hmacEnabled"}
    return _wanting(request, kept) if wanted.get("hmacEnabled") is False else request


@MUTANTS.requests(_PUT, seen_at=(_GET, _ROTATE))
def updating_ends_signing(request: Request) -> Request:
    """An update that leaves `hmacEnabled` out switches signing off."""
    wanted = _wanted(request)
    silent = "url" in wanted and not {"hmacEnabled", "queueKey", "destinationType"} & set(wanted)
    return _wanting(request, wanted | {"hmacEnabled": False}) if silent else request


@MUTANTS.requests(_POST, seen_at=(_GET, _ROTATE))
def signing_is_ignored_on_creation(request: Request) -> Request:
    """`hmacEnabled: true` makes no difference when subscribing."""
    wanted = _wanted(request)
    kept = {name: value for name, value in wanted.items() if name != "hmacEnabled"}
    return _wanting(request, kept) if wanted.get("hmacEnabled") is True else request
