"""Rules about captured requests of any contract: which event they are of, their form, and their signature by Standard
Webhooks.

They have no envelope of Open Loyalty's: the id of the message is in a header, and the body is as the contract says.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from mockserver import standard_webhooks
from mockserver.checks.findings.sender_promises import SenderPromise
from mockserver.checks.sender.deliveries import EVENT_NAME, Caught
from mockserver.checks.sender.observations import Observation
from mockserver.errors import SettingsError
from mockserver.openapi.contract import Contract, DeclaredEvent
from mockserver.openapi.structure import is_json_type
from mockserver.signing import TOLERANCE
from mockserver.standard_webhooks import HEADERS, ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER
from mockserver.violations import dotted

SHOWN = 200  # characters of a value
MOST_VIOLATIONS = 3  # of one body
DIGITS = 15  # of a timestamp, at most
EXPECTED = "v1, and the HMAC-SHA256 of id, timestamp and body in Base64, by the decoded key"


def by_standard(request: Caught) -> bool:
    """Whether a request is judged by these rules: it says so by its headers, or has no envelope."""
    return bool(request.header(ID_HEADER)) or not isinstance(request.member(EVENT_NAME), str)


def event_of(contract: Contract, request: Caught) -> str | None:
    """The event that a request is of: the one that its `type` names, else the first whose schema it fits, else the only
    one that is sent by its method; None if it can't be told."""
    own = [event for event in contract.events.values() if event.method == request.method]
    named = request.member("type")
    if any(event.name == named for event in own):
        return str(named)
    fitting = (event.name for event in own if event.pointer is not None and not _violations(contract, event, request))
    return next(fitting, own[0].name if len(own) == 1 else None)


def judge(contract: Contract, name: str, request: Caught, keys: tuple[str, ...]) -> Iterator[Observation]:
    """What a request of an event says of the promises. `keys` are the secrets, of which any may have signed; with none
    the signature isn't judged. Raises SettingsError for a secret that is none of Standard Webhooks."""
    event = contract.events[name]
    yield from _form(event, request)
    yield from _content(contract, event, request)
    yield from _signature(name, request, keys)
    yield from _timestamp(name, request)


def sequences(contract: Contract, requests: Iterable[Caught]) -> Iterator[Observation]:
    """What requests with one message id say of the promises: they are attempts of one delivery."""
    firsts: dict[str, Caught] = {}
    for one in requests:
        name, message_id = event_of(contract, one), one.header(ID_HEADER)
        if name is None or not message_id:
            continue
        first = firsts.setdefault(message_id, one)
        if first is not one:
            wrong = "" if first.body == one.body else f"it has the {ID_HEADER} of another one, and another body"
            yield _seen(SenderPromise.REPEAT_IS_THE_SAME, name, one, wrong, "the same body, or another id")
            wrong = f"it was answered with {first.status}, and came again" if first.succeeded else ""
            if first.status:
                yield _seen(SenderPromise.NO_REPEAT_AFTER_SUCCESS, name, one, wrong, "no repeat")


def _seen(promise: SenderPromise, name: str, request: Caught, wrong: str, expected: str, **more: Any) -> Observation:
    return Observation(promise, name, request, request.target, wrong=wrong, expected=expected, **more)


# ---------------------------------------------------------------- form and content
def _form(event: DeclaredEvent, request: Caught) -> Iterator[Observation]:
    kind = request.header("Content-Type").partition(";")[0].strip().lower()
    expected = event.media_type.partition(";")[0].strip().lower()
    wrong = ""
    if request.method != event.method:
        wrong = f"it is a {request.method}, not a {event.method}"
    elif expected and kind != expected:
        wrong = f"its Content-Type is {kind or 'missing'}, not {expected}"
    yield _seen(SenderPromise.POST_OF_JSON, event.name, request, wrong, f"{event.method} of {expected or 'nothing'}")


def _content(contract: Contract, event: DeclaredEvent, request: Caught) -> Iterator[Observation]:
    if event.pointer is None:
        return
    found = _violations(contract, event, request)
    if not found:
        yield _seen(SenderPromise.PAYLOAD, event.name, request, "", "as the schema says")
    for path, message in found[:MOST_VIOLATIONS]:
        wrong = f"{dotted(path) or 'the payload'}: {message}"
        yield _seen(SenderPromise.PAYLOAD, event.name, request, wrong, "as the schema says", place=path)


def _violations(contract: Contract, event: DeclaredEvent, request: Caught) -> list[tuple[Any, str]]:
    """In what a body leaves its schema, as paths and words; nothing if it isn't JSON there."""
    if not is_json_type(event.media_type):
        return []
    if request.payload is None:
        return [((), "it is no JSON")]
    return [(one.path, one.message) for one in contract.validator(event.pointer).violations(request.payload)]


# ---------------------------------------------------------------- signatures
def _signature(name: str, request: Caught, keys: tuple[str, ...]) -> Iterator[Observation]:
    lacking = [header for header in HEADERS if not request.header(header)]
    if lacking:
        if keys:
            wrong = "it isn't signed" if len(lacking) == len(HEADERS) else f"it has no {', '.join(lacking)}"
            yield _seen(SenderPromise.SIGNED, name, request, wrong, ", ".join(HEADERS), severity="critical")
        return
    yield _seen(SenderPromise.SIGNED, name, request, "", ", ".join(HEADERS))
    if not keys:
        return
    content = standard_webhooks.content(request.header(ID_HEADER), request.header(TIMESTAMP_HEADER), request.body)
    right = [standard_webhooks.sign(standard_webhooks.key_of(key), content) for key in keys]
    given = request.header(SIGNATURE_HEADER)
    if any(standard_webhooks.is_among(one, given) for one in right):
        yield _seen(SenderPromise.SIGNATURE, name, request, "", EXPECTED)
    else:
        explained = _explained(request, keys)
        wrong = "the signature isn't right" + (f": {explained}" if explained else "")
        yield _seen(SenderPromise.SIGNATURE, name, request, wrong, EXPECTED, severity="critical")


def _explained(request: Caught, keys: tuple[str, ...]) -> str:
    """The plain mistake that explains a signature; empty if none is known."""
    ids, given = (request.header(ID_HEADER), request.header(TIMESTAMP_HEADER)), request.header(SIGNATURE_HEADER)
    content = standard_webhooks.content(*ids, request.body)
    for secret in keys:
        try:
            key = standard_webhooks.key_of(secret)
        except SettingsError:
            continue
        for said, signature in (
            ("the key is the text of the secret", standard_webhooks.sign(secret.encode(), content)),
            ("the key isn't decoded", standard_webhooks.sign(secret.removeprefix("whsec_").encode(), content)),
            ("the body alone is signed", standard_webhooks.sign(key, request.body)),
        ):
            if standard_webhooks.is_among(signature, given):
                return said
    return ""


def _timestamp(name: str, request: Caught) -> Iterator[Observation]:
    given = request.header(TIMESTAMP_HEADER)
    if not given:
        return
    wrong = ""
    if not (given.isascii() and given.isdecimal() and len(given) <= DIGITS):
        wrong = f"{TIMESTAMP_HEADER} isn't in Unix seconds"
    elif request.moment and abs(age := request.moment - int(given)) > TOLERANCE:
        wrong = f"{TIMESTAMP_HEADER} is {abs(age):.0f} seconds {'old' if age > 0 else 'ahead'}, so receivers refuse it"
    yield _seen(SenderPromise.TIMESTAMP, name, request, wrong, "about the time of the attempt", got=given[:SHOWN])
