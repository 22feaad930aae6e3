"""Wrong receivers, as people write them: what they make of bodies, headers and methods."""

import json
import traceback
from typing import Any

from mockserver.checks.findings.receiver_promises import ReceiverPromise as P
from tests.receivers.registry import WrongReceivers
from tests.receivers.right import PATH, Headers, Incoming, Refused, RightReceiver, parsed

WRONG = WrongReceivers()


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
        parsed(request.body)
        super().verify(request)


@WRONG.breaking(P.RAW_BODY, P.TAMPERED_BODY)
class VerifiesWhatItParsed(RightReceiver):
    """It writes the JSON anew, and verifies that: what senders write in another way is refused."""

    def signed_body(self, body: bytes) -> bytes:
        """Written anew, if it is JSON."""
        try:
            return json.dumps(parsed(body), separators=(",", ":"), ensure_ascii=False).encode()
        except ValueError:
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
class ShowsStackTracesInPages(RightReceiver):
    """It answers 400 with a page that has the stack trace, as Express does without a handler of errors."""

    def parse(self, body: bytes) -> dict[str, Any]:
        """Or tell all, in HTML."""
        try:
            return super().parse(body)
        except Refused as error:
            raise Refused(400, f"<pre>SyntaxError: &#39;<br> &nbsp; &nbsp;at receive ({__file__}:1:2)</pre>") from error


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
