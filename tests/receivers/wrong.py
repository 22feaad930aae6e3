"""Wrong receivers, as people write them: whom they let in, and when."""

import hmac

from mockserver.checks.findings.receiver_promises import ReceiverPromise as P
from tests.receivers.registry import WrongReceivers
from tests.receivers.right import OLD_SECRET, WINDOW, Headers, Incoming, Refused, RightReceiver, parsed

WRONG = WrongReceivers()


# ---------------------------------------------------------------- who is let in
@WRONG.breaking(P.OTHER_KEY)
class VerifiesNothing(RightReceiver):
    """It looks at no signature."""

    def verify(self, request: Incoming) -> None:
        """Not at all."""


@WRONG.breaking(P.OTHER_KEY)
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
            event = parsed(request.body)
            request_id = event["requestId"]
        except (ValueError, TypeError, KeyError):
            pass
        return super().lines(request, timestamp, request_id)
