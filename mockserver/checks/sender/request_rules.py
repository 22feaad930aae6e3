"""Rules about one caught request: its form, its payload, its headers and its signature."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mockserver.checks.findings.sender_promises import SenderPromise
from mockserver.checks.sender.deliveries import (
    CREATED_AT,
    DATA,
    ENVELOPE,
    EVENT_NAME,
    REQUEST_ID,
    Caught,
    CaughtSubscription,
    Role,
)
from mockserver.checks.sender.observations import Observation
from mockserver.checks.sender.signatures import HEADERS, KnownKey, is_by, is_signed, reading, ways
from mockserver.openapi.contract import Contract
from mockserver.signing import (
    ALGORITHM,
    ALGORITHM_HEADER,
    REQUEST_ID_HEADER,
    TIMESTAMP_HEADER,
    TOLERANCE,
    VERSION_HEADER,
)
from mockserver.violations import Violation, dotted

SHOWN = 200  # characters of a value
PLATFORM = {"content-type": "application/json", "user-agent": "OpenLoyalty"}  # A69


class RequestRules:
    """The rules about single requests, for the events of one contract. `subscriptions` are all of a run: the key of any
    of them may explain a signature."""

    def __init__(self, contract: Contract, subscriptions: Sequence[CaughtSubscription] = ()) -> None:
        self._contract, self._subscriptions = contract, subscriptions

    def judge(self, subscription: CaughtSubscription, request: Caught) -> Iterator[Observation]:
        """What a request that a subscription got says of the promises."""
        yield from self.form(subscription, request)
        yield from self.content(subscription, request)
        yield from headers(subscription, request)
        yield from signature(subscription, request, self._subscriptions)

    # ---------------------------------------------------------------- form and content
    def form(self, subscription: CaughtSubscription, request: Caught) -> Iterator[Observation]:
        """It is a POST of JSON."""
        seen = _Seen(subscription, request)
        media_type = request.header("Content-Type").partition(";")[0].strip().lower()
        own_type = any(name.lower() == "content-type" for name, _ in subscription.headers)
        if request.method != "POST":
            yield seen.broken(SenderPromise.POST_OF_JSON, f"it is a {request.method}", "POST", request.method)
        elif not own_type and media_type != "application/json":
            said = media_type or "no Content-Type"
            yield seen.broken(SenderPromise.POST_OF_JSON, f"its Content-Type is {said}", "application/json", said)
        else:
            yield seen.kept(SenderPromise.POST_OF_JSON)

    def content(self, subscription: CaughtSubscription, request: Caught) -> Iterator[Observation]:
        """Envelope and data are as the schema of the event says."""
        seen, payload = _Seen(subscription, request), request.payload
        if not isinstance(payload, dict):
            said = _short(request.body.decode("utf-8", "replace"))
            yield seen.broken(SenderPromise.ENVELOPE, "its body is no JSON object", "a JSON object", said)
            return
        found = self._violations(subscription.event, payload)
        if payload.get(EVENT_NAME) != subscription.event and EVENT_NAME in payload:
            said = _short(repr(payload[EVENT_NAME]))
            more: dict[str, Any] = {"place": (EVENT_NAME,), "cause": "another event"}
            yield seen.broken(SenderPromise.EVENT_NAME, f"it is about {said}", subscription.event, said, **more)
            found = [one for one in found if one.path[:1] != (EVENT_NAME,)]
        elif EVENT_NAME in payload:
            yield seen.kept(SenderPromise.EVENT_NAME)
        yield from self._by_part(seen, payload, found)

    def _violations(self, event: str, payload: Mapping[str, Any]) -> list[Violation]:
        return self._contract.validator(self._contract.event_schema(event)).violations(payload)

    def _by_part(self, seen: "_Seen", payload: Mapping[str, Any], found: list[Violation]) -> Iterator[Observation]:
        """Those of the envelope, then those of the data; one that is missing isn't two."""
        of_data = [one for one in found if one.path[:1] == (DATA,) and DATA in payload]
        of_envelope = [one for one in found if one not in of_data]
        for promise, violations in ((SenderPromise.ENVELOPE, of_envelope), (SenderPromise.PAYLOAD, of_data)):
            if not violations:
                claims = ("A40",) if promise is SenderPromise.PAYLOAD else ("A42", "A87")
                yield seen.kept(promise, *claims)
            for one in violations[:3]:
                missing = one.path[:1] and one.path[0] in ENVELOPE and one.path[0] not in payload
                refuted = ("A87",) if missing else ()
                wrong = f"{dotted(one.path) or 'the payload'}: {one.message}"
                yield seen.broken(
                    promise, wrong, "as the schema says", "", place=one.path, claims=refuted, refutes=bool(refuted)
                )

    def created_now(self, subscription: CaughtSubscription, request: Caught, moment: float) -> Iterator[Observation]:
        """`createdAt` is about when the event was caused."""
        seen, text = _Seen(subscription, request), request.member(CREATED_AT)
        try:
            created = datetime.fromisoformat(str(text))
        except ValueError:
            return  # the schema's matter
        if created.tzinfo is None:
            created = created.replace(tzinfo=UTC)
        if abs(created.timestamp() - moment) > TOLERANCE:
            wrong = f"createdAt is {created.timestamp() - moment:+.0f} seconds from when it was caused"
            yield seen.broken(SenderPromise.CREATED_NOW, wrong, "about now", _short(str(text)), place=(CREATED_AT,))
        else:
            yield seen.kept(SenderPromise.CREATED_NOW)


class _Seen:
    """A request that a subscription got, of which observations are made."""

    def __init__(self, subscription: CaughtSubscription, request: Caught) -> None:
        self._subscription, self._request = subscription, request

    def kept(self, promise: SenderPromise, *claims: str) -> Observation:
        """The promise was kept."""
        return Observation(promise, self._subscription.event, self._request, self._subscription.url, claims=claims)

    def broken(self, promise: SenderPromise, wrong: str, expected: str, got: str = "", **more: Any) -> Observation:
        """The promise was broken."""
        where = (self._subscription.event, self._request, self._subscription.url)
        return Observation(promise, *where, wrong=wrong, expected=expected, got=got, **more)


# ---------------------------------------------------------------- headers
def headers(subscription: CaughtSubscription, request: Caught) -> Iterator[Observation]:
    """It has the headers that the subscription sets, and those of the platform where it sets none."""
    if subscription.role is Role.CAPTURED:
        return  # nobody knows what it sets
    seen = _Seen(subscription, request)
    claims = ("A39",) if subscription.role is Role.OVERRIDING else ()
    for name, value in subscription.headers:
        values = request.all_of(name)
        if values == [value]:
            yield seen.kept(SenderPromise.CUSTOM_HEADERS, *claims)
        else:
            got = ", ".join(values) or "none"
            wrong = f"the header {name} of the subscription is {'missing' if not values else 'another one'}"
            more: dict[str, Any] = {"claims": claims, "refutes": bool(claims)}
            yield seen.broken(SenderPromise.CUSTOM_HEADERS, wrong, f"{name}: {value}", got, **more)
    own = {name.lower() for name, _ in subscription.headers}
    agent = request.header("User-Agent")
    if "user-agent" not in own:
        if agent == PLATFORM["user-agent"]:
            yield seen.kept(SenderPromise.PLATFORM_HEADERS, "A69")
        else:
            wrong, expected = "User-Agent is another one", PLATFORM["user-agent"]
            more = {"claims": ("A69",), "refutes": True, "severity": "low"}
            yield seen.broken(SenderPromise.PLATFORM_HEADERS, wrong, expected, _short(agent) or "none", **more)


# ---------------------------------------------------------------- signatures
def signature(
    subscription: CaughtSubscription, request: Caught, subscriptions: Sequence[CaughtSubscription] = ()
) -> Iterator[Observation]:
    """It is signed as the subscription asks for, by its key, over the raw body. The keys of all `subscriptions` may
    explain a signature that isn't right."""
    seen = _Seen(subscription, request)
    if not subscription.keys and subscription.role is Role.CAPTURED:
        yield from _stamps(request, seen)
        return
    if not subscription.keys:
        signed = [name for name in HEADERS if request.header(name)]
        if signed:
            wrong, expected = "nobody asked for a signature, and it has one", "no signature"
            yield seen.broken(SenderPromise.SIGNED, wrong, expected, ", ".join(signed))
        else:
            yield seen.kept(SenderPromise.SIGNED)
        return
    lacking = [name for name in HEADERS if not request.header(name)]
    if lacking:
        wrong = "it isn't signed" if len(lacking) == len(HEADERS) else f"it has no {', '.join(lacking)}"
        yield seen.broken(SenderPromise.SIGNED, wrong, ", ".join(HEADERS), "", severity="critical")
    elif request.header(ALGORITHM_HEADER) != ALGORITHM:
        got = _short(request.header(ALGORITHM_HEADER))
        yield seen.broken(SenderPromise.SIGNED, f"the algorithm is {got}", ALGORITHM, got)
    else:
        yield seen.kept(SenderPromise.SIGNED)
    if is_signed(request):
        if subscription.role is Role.CAPTURED:
            yield _by_any_key(subscription, request, seen)
        else:
            yield from _by_key(subscription, request, seen, subscriptions)
        yield from _stamps(request, seen)


def _stamps(request: Caught, seen: _Seen) -> Iterator[Observation]:
    yield from _timestamp(request, seen)
    yield from _request_id(request, seen)


def _by_any_key(subscription: CaughtSubscription, request: Caught, seen: _Seen) -> Observation:
    """Nobody knows which of several keys was the one of that time."""
    if any(is_by(one, request, subscription.url) for one in subscription.keys):
        return seen.kept(SenderPromise.SIGNATURE, "A43", "A44")
    *old, newest = subscription.keys
    named = (KnownKey(one, f"old secret number {at}") for at, one in enumerate(reversed(old), start=1))
    return _wrong(subscription, request, seen, [KnownKey(newest), *named])


def _by_key(
    subscription: CaughtSubscription, request: Caught, seen: _Seen, subscriptions: Sequence[CaughtSubscription]
) -> Iterator[Observation]:
    *old, key = subscription.keys
    rotated = subscription.rotated_at is not None and request.at > subscription.rotated_at
    if subscription.rotated_at is not None and not rotated:
        key, old = old[0], []
    version = str(len(subscription.keys) if rotated else 1)
    if is_by(key, request, subscription.url):
        claims = ("A43", "A44", *(("A60",) if subscription.role is Role.ODD_URL else ()))
        yield seen.kept(SenderPromise.SIGNATURE, *claims)
        if rotated:
            yield seen.kept(SenderPromise.ROTATED)
        yield from _version(request, seen, version)
    elif any(is_by(one, request, subscription.url) for one in old):
        wrong = "the key from before the rotation signs it"
        yield seen.broken(SenderPromise.ROTATED, wrong, "the new key signs", "", severity="critical")
    else:
        keys = [KnownKey(key), *_other_keys(subscription, key, subscriptions)]
        yield _wrong(subscription, request, seen, keys)


def _other_keys(
    subscription: CaughtSubscription, key: str, subscriptions: Sequence[CaughtSubscription]
) -> Iterator[KnownKey]:
    """The keys of a run that have not to sign: those of the subscription, the newest first, then those of others."""
    keys = subscription.keys
    for version in range(len(keys), 0, -1):
        age = "an old" if version <= keys.index(key) else "a newer"
        if keys[version - 1] != key:
            yield KnownKey(keys[version - 1], f"{age} key of the subscription (version {version})")
    for one in subscriptions:
        if one is not subscription:
            for version, other in reversed([*enumerate(one.keys, start=1)]):
                age = "an old key" if version < len(one.keys) else "the key"
                yield KnownKey(other, f"{age} of another subscription, to {one.event} ({one.role})")


def _wrong(subscription: CaughtSubscription, request: Caught, seen: _Seen, keys: Sequence[KnownKey]) -> Observation:
    """A signature that isn't right, and what explains it, by these keys."""
    found = reading(keys, request, subscription.url)
    assumption = found.assumption if found else ""
    if not found and subscription.role is Role.ODD_URL:
        assumption = "A60"  # those of other URLs say more, if they are wrong, too
    wrong = "the signature isn't right" + (f": {found.words}" if found else "")
    more: dict[str, Any] = {"claims": (assumption,) if assumption else (), "refutes": bool(assumption)}
    expected = "HMAC-SHA256 of the canonical string, by the key of the subscription, in hex"
    got = "" if found else f"none of {ways(keys, request, subscription.url)} ways and keys explains it"
    return seen.broken(SenderPromise.SIGNATURE, wrong, expected, got, severity="critical", **more)


def _version(request: Caught, seen: _Seen, version: str) -> Iterator[Observation]:
    given = request.header(VERSION_HEADER)
    if given == version:
        yield seen.kept(SenderPromise.KEY_VERSION, "A45")
    elif given:
        wrong = f"{VERSION_HEADER} is {_short(given)}"
        yield seen.broken(SenderPromise.KEY_VERSION, wrong, version, _short(given), claims=("A45",), refutes=True)


def _timestamp(request: Caught, seen: _Seen) -> Iterator[Observation]:
    given = request.header(TIMESTAMP_HEADER)
    if not given:
        return
    age = request.moment - int(given) if given.isdecimal() and given.isascii() and len(given) < 12 else None  # noqa: PLR2004 (digits of seconds)
    if age is None:
        wrong = f"{TIMESTAMP_HEADER} isn't in Unix seconds"
        yield seen.broken(SenderPromise.TIMESTAMP, wrong, _about(request), _short(given))
    elif request.moment and abs(age) > TOLERANCE:
        wrong = f"{TIMESTAMP_HEADER} is {abs(age):.0f} seconds {'old' if age > 0 else 'ahead'}, so receivers refuse it"
        yield seen.broken(SenderPromise.TIMESTAMP, wrong, _about(request), given)
    else:
        yield seen.kept(SenderPromise.TIMESTAMP)


def _about(request: Caught) -> str:
    return f"about {request.moment:.0f}" if request.moment else "ten digits"


def _request_id(request: Caught, seen: _Seen) -> Iterator[Observation]:
    header, member = request.header(REQUEST_ID_HEADER), request.member(REQUEST_ID)
    if not header or not isinstance(member, str):
        return
    if header == member:
        yield seen.kept(SenderPromise.REQUEST_ID_AGREES, "A46")
    else:
        wrong, expected = f"{REQUEST_ID_HEADER} is another one than requestId", member
        more: dict[str, Any] = {"claims": ("A46",), "refutes": True}
        yield seen.broken(SenderPromise.REQUEST_ID_AGREES, wrong, expected, _short(header), **more)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"
