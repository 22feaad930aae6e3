"""Wrong receivers, as people write them: what they let in, and what they read wrongly."""

import hmac
import json
import traceback
from typing import Any

from mockserver.checks.findings.receiver_promises import ReceiverPromise as P
from tests.receivers.registry import WrongReceivers
from tests.receivers.right import OLD_SECRET, PATH, WINDOW, Headers, Incoming, Refused, RightReceiver

WRONG = WrongReceivers()
FORGED = (P.TAMPERED_BODY, P.UNSIGNED, P.WHOLE_SIGNATURE, P.MALFORMED_SIGNATURE, P.OTHER_ALGORITHM, P.OLD_KEY)
UNTIMELY = (P.STALE, P.AHEAD, P.MALFORMED_TIMESTAMP, P.SIGNED_TIMESTAMP, P.SIGNED_REQUEST_ID)


# ---------------------------------------------------------------- who is let in
@WRONG.breaking(P.OTHER_KEY, *FORGED, *UNTIMELY)
class VerifiesNothing(RightReceiver):
    """It looks at no signature."""

    def verify(self, request: Incoming) -> None:
        """Not at all."""


@WRONG.breaking(P.OTHER_KEY, *FORGED, *UNTIMELY, P.AGAINST_SCHEMA, P.ONLY_POST, P.ONLY_JSON, P.LARGE_BODY)
class SaysOkToAll(RightReceiver):
    """It answers 200 whatever comes, also where it does nothing."""

    def handle(self, request: Incoming) -> tuple[int, str, Headers]:
        """With 200."""
        super().handle(request)
        return 200, "ok", {}


@WRONG.breaking(P.ACCEPTS_EVENTS)
class SignsThePort(RightReceiver):
    """It has the port in the line of the host, and refuses every event for that."""

    def lines(self, request: Incoming, timestamp: str, request_id: str) -> list[str]:
        """With host and port."""
        method, _, *others = super().lines(request, timestamp, request_id)
        authority = self.url.split("/")[2]
        return [method, f"{len(authority)}:{authority}", *others]


@WRONG.breaking(P.UNSIGNED)
class LetsUnsignedIn(RightReceiver):
    """It verifies a signature if there is one."""

    def verify(self, request: Incoming) -> None:
        """Only then."""
        if "x-webhook-signature" in request.headers:
            super().verify(request)


@WRONG.breaking(P.UNSIGNED)
class StumblesOverMissingHeaders(RightReceiver):
    """It looks headers up as if they were always there: a 500."""

    def signature_headers(self, headers: Headers) -> tuple[str, str, str]:
        """Without a look."""
        return headers["x-webhook-signature"], headers["x-webhook-timestamp"], headers["x-webhook-request-id"]


@WRONG.breaking(P.TAMPERED_BODY)
class StripsTheBody(RightReceiver):
    """It verifies the body without blanks at its ends."""

    def signed_body(self, body: bytes) -> bytes:
        """Stripped."""
        return body.strip()


@WRONG.breaking(P.OTHER_KEY)
class TakesTheEmptyKey(RightReceiver):
    """It has a second key in its settings, which is empty."""

    def same(self, expected: str, given: str) -> bool:
        """By either key."""
        return super().same(expected, given) or super().same(self.by_empty_key, given)

    def expected(self, secret: str, lines: list[str], digest: str) -> str:
        """By the key; beside it by the empty one."""
        self.by_empty_key = super().expected("", lines, digest)
        return super().expected(secret, lines, digest)


@WRONG.breaking(P.OLD_KEY)
class KeepsTheOldKey(RightReceiver):
    """It takes what the key of before the rotation has signed."""

    def same(self, expected: str, given: str) -> bool:
        """By either key."""
        return super().same(expected, given) or super().same(self.by_old_key, given)

    def expected(self, secret: str, lines: list[str], digest: str) -> str:
        """By the key; beside it by the old one."""
        self.by_old_key = super().expected(OLD_SECRET, lines, digest)
        return super().expected(secret, lines, digest)


@WRONG.breaking(P.OTHER_ALGORITHM)
class TakesAnyAlgorithm(RightReceiver):
    """It computes the HMAC with the algorithm that the request names."""

    def algorithm(self, _headers: Headers) -> str:
        """As the request has it, if there is one."""
        name = _headers.get("x-webhook-signature-algorithm", "").removeprefix("hmac-")
        return name if name in ("sha256", "sha512", "sha1", "md5") else super().algorithm(_headers)


@WRONG.breaking(P.OTHER_ALGORITHM)
class IgnoresTheAlgorithm(RightReceiver):
    """It doesn't look which algorithm is named."""

    def algorithm(self, _headers: Headers) -> str:
        """Always the same."""
        return "sha256"


@WRONG.breaking(P.MALFORMED_SIGNATURE)
class DecodesTheSignature(RightReceiver):
    """It reads the signature as hexadecimal digits, which fails where there are none: a 500."""

    def same(self, expected: str, given: str) -> bool:
        """As bytes."""
        return hmac.compare_digest(bytes.fromhex(expected), bytes.fromhex(given))


@WRONG.breaking(P.MALFORMED_SIGNATURE)
class ComparesTexts(RightReceiver):
    """It compares texts in constant time, which Python refuses beyond ASCII: a 500."""

    def same(self, expected: str, given: str) -> bool:
        """As texts."""
        return hmac.compare_digest(expected, given)


@WRONG.breaking(P.WHOLE_SIGNATURE)
class ComparesTheBeginning(RightReceiver):
    """It is content with the beginning of the signature."""

    def same(self, expected: str, given: str) -> bool:
        """As far as what is given goes."""
        return len(given) > 3 and expected.startswith(given)


@WRONG.breaking(P.WHOLE_SIGNATURE)
class ComparesSixtyFourDigits(RightReceiver):
    """It cuts what is longer than a signature."""

    def same(self, expected: str, given: str) -> bool:
        """Of what is given the first digits."""
        return super().same(expected, given[: len(expected)])


# ---------------------------------------------------------------- time and ids
@WRONG.breaking(P.MALFORMED_TIMESTAMP)
class StumblesOverTimestamps(RightReceiver):
    """It reads the timestamp before it verifies, as if it were a number: a 500."""

    def verify(self, request: Incoming) -> None:
        """After the age."""
        self.age(request.headers.get("x-webhook-timestamp") or "x")
        super().verify(request)

    def receive(self, request: Incoming) -> None:
        """Refuse what is missing first."""
        self.route(request)
        self.admit(request)
        if "x-webhook-timestamp" not in request.headers:
            raise Refused(401)
        super().receive(request)


@WRONG.breaking(P.MALFORMED_TIMESTAMP)
class StumblesOverSignedTimestamps(RightReceiver):
    """It reads a timestamp that is rightly signed as if it were a number: a 500."""

    def is_fresh(self, timestamp: str) -> bool:
        """By the number."""
        return abs(self.age(timestamp)) <= WINDOW


@WRONG.breaking(P.STALE, P.AHEAD)
class HasNoTimeWindow(RightReceiver):
    """It doesn't look when a request was signed."""

    def is_fresh(self, timestamp: str) -> bool:
        """Whenever that was."""
        return timestamp.isdecimal()


@WRONG.breaking(P.AHEAD)
class LooksBackOnly(RightReceiver):
    """It refuses what is too old, and takes what is from the future."""

    def age(self, timestamp: str) -> float:
        """None, if it is negative."""
        return max(super().age(timestamp), 0)


@WRONG.breaking(P.STALE)
class LooksAheadOnly(RightReceiver):
    """It has the difference the wrong way round: it takes what is old."""

    def age(self, timestamp: str) -> float:
        """None, if it is positive."""
        return min(super().age(timestamp), 0)


@WRONG.breaking(P.SIGNED_TIMESTAMP)
class ForgivesASecond(RightReceiver):
    """It tries the second before the timestamp, too, as somebody's clock was wrong once."""

    def lines(self, request: Incoming, timestamp: str, request_id: str) -> list[str]:
        """As the right one; beside it those of the second before."""
        lines = super().lines(request, timestamp, request_id)
        before = str(int(timestamp) - 1) if timestamp.isdecimal() else timestamp
        self.before = self.expected(self.secret, [*lines[:4], before, request_id], "sha256")
        return lines

    def same(self, expected: str, given: str) -> bool:
        """In either second."""
        return super().same(expected, given) or super().same(self.before, given)


@WRONG.breaking(P.SIGNED_REQUEST_ID)
class ReadsTheIdInTheBody(RightReceiver):
    """It verifies with the request id of the body, and doesn't look at that of the header."""

    def lines(self, request: Incoming, timestamp: str, request_id: str) -> list[str]:
        """With the id of the body, if that has one."""
        try:
            event = json.loads(request.body)
            request_id = event["requestId"]
        except (ValueError, TypeError, KeyError, RecursionError):
            pass
        return super().lines(request, timestamp, request_id)


# ---------------------------------------------------------------- bodies
@WRONG.breaking(P.VERIFIES_FIRST)
class ParsesFirst(RightReceiver):
    """It parses before it verifies, and refuses what is no event with another status."""

    def verify(self, request: Incoming) -> None:
        """After parsing."""
        self.parse(request.body)
        super().verify(request)


@WRONG.breaking(P.VERIFIES_FIRST, P.AGAINST_SCHEMA)
class StumblesOverGarbage(RightReceiver):
    """It parses before it verifies, and what is no JSON is a 500."""

    def verify(self, request: Incoming) -> None:
        """After parsing."""
        json.loads(request.body)
        super().verify(request)


@WRONG.breaking(P.RAW_BODY, P.TAMPERED_BODY)
class VerifiesWhatItParsed(RightReceiver):
    """It writes the JSON anew, and verifies that: what senders write in another way is refused."""

    def signed_body(self, body: bytes) -> bytes:
        """Written anew, if it is JSON."""
        try:
            return json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return body


@WRONG.breaking(P.HEADER_CASE)
class ReadsHeadersByCase(RightReceiver):
    """It finds headers only under the names that the guide writes."""

    def named(self, headers: Headers) -> Headers:
        """By these names."""
        return {name.lower(): value for name, value in headers.items() if name == name.title()}


@WRONG.breaking(P.UNKNOWN_EVENT)
class RefusesUnknownEvents(RightReceiver):
    """It answers 400 to events that it doesn't know."""

    def concerns(self, _event: dict[str, Any]) -> bool:
        """Or refuse."""
        if _event["eventName"].endswith("Happened"):
            raise Refused(400)
        return super().concerns(_event)


@WRONG.breaking(P.UNKNOWN_EVENT)
class ActsOnUnknownEvents(RightReceiver):
    """It takes every event for a registration."""

    def concerns(self, _event: dict[str, Any]) -> bool:
        """Any."""
        return True


@WRONG.breaking(P.UNKNOWN_FIELDS)
class RefusesUnknownFields(RightReceiver):
    """It refuses an event with a field that it doesn't know."""

    def validate(self, event: Any) -> None:
        """No more than the envelope."""
        super().validate(event)
        if event.keys() - {"messageId", "requestId", "eventName", "storeCode", "createdAt", "data", "filling"}:
            raise Refused(400)


@WRONG.breaking(P.EVERY_EVENT)
class ExpectsObjects(RightReceiver):
    """It takes data for an object, which in one event is a list."""

    def validate(self, event: Any) -> None:
        """With an object in it."""
        super().validate(event)
        if not isinstance(event["data"], dict):
            raise Refused(400)


@WRONG.breaking(P.EVERY_SHAPE)
class StumblesOverNulls(RightReceiver):
    """It takes a first name for a text, which may be null: a 500."""

    def read(self, event: dict[str, Any]) -> tuple[str, str]:
        """With a name in capitals."""
        data = event["data"]
        if isinstance(data, dict) and "firstName" in (data.get("customerData") or {}):
            data["customerData"]["firstName"].upper()
        return super().read(event)


@WRONG.breaking(P.EVERY_SHAPE)
class ReadsAscii(RightReceiver):
    """It reads the body as ASCII: names with other letters are refused."""

    def parse(self, body: bytes) -> dict[str, Any]:
        """If it is ASCII."""
        if not body.isascii():
            raise Refused(400)
        return super().parse(body)


@WRONG.breaking(P.EVERY_SHAPE)
class HasShortColumns(RightReceiver):
    """It stores no city of more than a hundred letters: a 500."""

    def read(self, event: dict[str, Any]) -> tuple[str, str]:
        """With a city."""
        data = event["data"] if isinstance(event["data"], dict) else {}
        address = (data.get("customerData") or {}).get("address") or {}
        if len(address.get("city") or "") > 100:
            raise RuntimeError("value too long for type character varying(100)")
        return super().read(event)


@WRONG.breaking(P.AGAINST_SCHEMA)
class TakesNonsense(RightReceiver):
    """It answers 2xx to signed bodies that are no events."""

    def parse(self, body: bytes) -> dict[str, Any]:
        """Or something that concerns nobody."""
        try:
            return super().parse(body)
        except Refused:
            return {"eventName": ""}


@WRONG.breaking(P.AGAINST_SCHEMA)
class StumblesOverNonsense(RightReceiver):
    """It takes what is signed for an event: a 500."""

    def validate(self, event: Any) -> None:
        """By using it."""
        self.read(event)
        event["messageId"].lower()
        event["eventName"].lower()
        event["data"].copy()


@WRONG.breaking(P.TELLS_NOTHING)
class ShowsStackTraces(RightReceiver):
    """It answers 400 with a stack trace."""

    def parse(self, body: bytes) -> dict[str, Any]:
        """Or tell all."""
        try:
            return super().parse(body)
        except Refused as error:
            raise Refused(400, traceback.format_exc()) from error


@WRONG.breaking(P.TELLS_NOTHING)
class TellsTheRightSignature(RightReceiver):
    """It says which signature it had expected."""

    def refusal(self, _request: Incoming, lines: list[str]) -> str:
        """With the signature."""
        return f"expected {self.expected(self.secret, lines, 'sha256')}"


# ---------------------------------------------------------------- HTTP
@WRONG.breaking(P.ONLY_POST)
class TakesAnyMethod(RightReceiver):
    """It handles GET, PUT and DELETE as it does POST."""

    def route(self, request: Incoming) -> None:
        """By the path."""
        if request.target != PATH:
            raise Refused(404)


@WRONG.breaking(P.ONLY_JSON)
class TakesAnyType(RightReceiver):
    """It doesn't look at Content-Type."""

    def admit_type(self, media_type: str) -> None:
        """All."""


@WRONG.breaking(P.ONLY_JSON)
class RefusesCharsets(RightReceiver):
    """It takes no JSON with a charset."""

    def admit_type(self, media_type: str) -> None:
        """As the guide writes it."""
        if media_type != "application/json":
            raise Refused(415)


@WRONG.breaking(P.LARGE_BODY)
class TakesLargeBodies(RightReceiver):
    """It takes a body of any size."""

    def admit(self, request: Incoming) -> None:
        """By its type."""
        self.admit_type(request.headers.get("content-type", ""))


@WRONG.breaking(P.NO_REDIRECT)
class RedirectsTheSlash(RightReceiver):
    """It redirects a URL with a slash at its end to the one without."""

    def route(self, request: Incoming) -> None:
        """With a redirect."""
        if request.target == f"{PATH}/":
            raise Refused(308, headers={"Location": PATH})
        super().route(request)
