"""The promises of a receiver of webhooks that `check receiver` holds one to. `says` is what a right one does."""

from typing import NamedTuple

from mockserver.checks.findings.promises import Promised

_RAW = "Verify the bytes of the body as they came, before anything parses them (docs/webhook-signatures.md)."
_ANY_EVENT = (
    "Take data as it comes: an object, or a list for AchievementsWereProcessed. "
    "Answer 2xx also to events that you have no use for: a 4xx is sent again, and then counts as lost."
)
_IDS = "Keep the messageId with what it brought about, in one transaction with a unique key, after verifying."


class ReceiverPromise(Promised):
    """The promises of a receiver, in the order of a scorecard."""

    # ---------------------------------------------------------------- what it accepts
    ACCEPTS_EVENTS = (
        "accepts_events",
        "A valid event that is rightly signed is a 2xx.",
        "Has it this secret and URL? Host and path are signed: behind a proxy, give --signed-url; at a gate --header.",
    )
    ANSWERS_EVENTS_IN_TIME = (
        "answers_events_in_time",
        "An event is answered in time.",
        "Keep the event, answer, and do the work afterwards.",
    )
    EVERY_EVENT = (
        "every_event",
        "Every event of the contract is a 2xx.",
        _ANY_EVENT,
    )
    EVERY_SHAPE = (
        "every_shape",
        "What the contract allows is a 2xx: nulls, empty lists, long texts, every script, large numbers.",
        "Read payloads by the contract's schemas; where they say nullable, null comes.",
    )
    RAW_BODY = "raw_body", "The same JSON in another spelling is a 2xx: the bytes that came are verified.", _RAW
    HEADER_CASE = "header_case", "Names of headers are read in any case.", "HTTP knows no case of header names."
    UNKNOWN_EVENT = (
        "unknown_event",
        "An event of an unknown name is a 2xx, and has no effect.",
        "Answer 2xx and do nothing: an instance may have more events than the contract.",
    )
    UNKNOWN_FIELDS = (
        "unknown_fields",
        "Fields that the contract doesn't know are ignored: a 2xx.",
        "Refuse no field that you don't know: new versions add some.",
    )

    # ---------------------------------------------------------------- what it refuses
    TAMPERED_BODY = "tampered_body", "A body that was changed after signing is a 4xx.", _RAW
    UNSIGNED = "unsigned", "A request that lacks a signature header is a 4xx.", "Answer 401; never let it pass."
    OTHER_KEY = (
        "other_key",
        "What another key has signed is a 4xx.",
        "Verify before anything else: compare the whole signature with one of your own, in constant time.",
    )
    OLD_KEY = (
        "old_key",
        "After a rotation the new key is good, and the old one a 4xx.",
        "Forget the old secret when the new one is in use.",
    )
    OTHER_ALGORITHM = (
        "other_algorithm",
        "Another algorithm than hmac-sha256 is a 4xx.",
        "Take no algorithm from a request: refuse all names but hmac-sha256.",
    )
    MALFORMED_SIGNATURE = (
        "malformed_signature",
        "A malformed signature is a 4xx, never a 5xx.",
        "Compare texts of any length and content in constant time; decode nothing that can fail.",
    )
    WHOLE_SIGNATURE = (
        "whole_signature",
        "A part of the signature, or more than it, is a 4xx.",
        "Compare the whole signature; a comparison that stops at the shorter one can be guessed byte by byte.",
    )
    MALFORMED_TIMESTAMP = (
        "malformed_timestamp",
        "A malformed timestamp is a 4xx, never a 5xx, also if it is signed.",
        "Take digits only, and refuse everything else before you reckon with it.",
    )
    STALE = "stale", "What was signed six minutes ago is a 4xx.", "Refuse what is more than five minutes old."
    AHEAD = (
        "ahead",
        "What is signed for six minutes from now is a 4xx.",
        "Refuse what is more than five minutes ahead: abs(now - timestamp) > 300.",
    )
    SIGNED_TIMESTAMP = (
        "signed_timestamp",
        "A timestamp that was changed after signing is a 4xx.",
        "The timestamp is part of what is signed: sign its text as it came.",
    )
    SIGNED_REQUEST_ID = (
        "signed_request_id",
        "A request id that was changed after signing is a 4xx.",
        "The id in the headers is part of what is signed: sign its text as it came.",
    )
    VERIFIES_FIRST = (
        "verifies_first",
        "A forged request is refused before its body is read: any body gets the same 4xx.",
        "Verify, then parse, then deduplicate, then act.",
    )
    AGAINST_SCHEMA = (
        "against_schema",
        "A signed body that breaks the contract is a 4xx, never a 5xx.",
        "Validate what you use of a body, and answer 400 where it is missing or of another type.",
    )
    ONLY_POST = "only_post", "GET, PUT and DELETE are a 4xx, and have no effect.", "Route POST alone to the handler."
    ONLY_JSON = (
        "only_json",
        "A body that isn't declared as JSON is a 4xx.",
        "Ask for Content-Type: application/json, with or without a charset; answer 415 else.",
    )
    LARGE_BODY = "large_body", "A body of 5 MB is a 4xx.", "Limit a body to 1 MiB, and answer 413."
    NO_REDIRECT = (
        "no_redirect",
        "Neither the URL nor the one with or without a slash at its end redirects.",
        "Senders follow no redirects: serve the URL itself, and switch the redirect of slashes off.",
    )
    TELLS_NOTHING = (
        "tells_nothing",
        "No answer shows a stack trace, the secret, or the signature that would be right.",
        "Answer a short text; the details belong into the log.",
    )

    # ---------------------------------------------------------------- what it does
    FORGED_HAS_NO_EFFECT = "forged_has_no_effect", "What is refused has no effect.", "Verify before you act."
    REPLAY_HAS_ONE_EFFECT = "replay_has_one_effect", "The same request twice has one effect.", _IDS
    REPEAT_HAS_ONE_EFFECT = (
        "repeat_has_one_effect",
        "The sender's repeat (same messageId, new request id) is a 2xx, and there is one effect.",
        _IDS,
    )
    ONE_EFFECT_AT_ONCE = "one_effect_at_once", "Ten of the same at once have one effect.", _IDS
    FORGED_BLOCKS_NOTHING = (
        "forged_blocks_nothing",
        "A forged event keeps no real one with the same messageId from its effect.",
        "Verify before you deduplicate.",
    )
    LOST_ANSWER = (
        "lost_answer",
        "Where the sender hangs up before the answer and repeats, there is one effect, not two and not none.",
        _IDS,
    )
    OWN_FAILURE = (
        "own_failure",
        "After a 5xx of its own, the repeat has its effect, once.",
        "Note the messageId in the transaction of the effect, so that both are there or neither.",
    )
    ANY_ORDER = (
        "any_order",
        "Events in another order lead to the same state.",
        "Compare createdAt with what you have, or read the record anew.",
    )
    BURST = (
        "burst",
        "A hundred events at once are a 2xx each, or a 429 with Retry-After.",
        "Put events into a queue; say when to come back if that is full.",
    )
    WHOLE_WAY = (
        "whole_way",
        "What a mock sends is accepted, and what a fault of it spoils is refused.",
        "The deliveries of the mock say what was sent: mockserver deliveries ID.",
    )


class Words(NamedTuple):
    """What a promise says, and what to do where it is broken."""

    says: str
    hint: str


_ONCE = "Keep the webhook-id with what it brought about, in one transaction with a unique key, after verifying."
STANDARD_WORDS = {  # of the promises that Standard Webhooks needs other words for
    ReceiverPromise.ACCEPTS_EVENTS: Words(
        ReceiverPromise.ACCEPTS_EVENTS.says,
        "Has it this secret, and its key from the Base64 behind whsec_? No URL is signed. At a gate, give --header.",
    ),
    ReceiverPromise.EVERY_EVENT: Words(
        ReceiverPromise.EVERY_EVENT.says,
        "Answer 2xx also to events that you have no use for: a 4xx is sent again, and then counts as lost.",
    ),
    ReceiverPromise.OTHER_ALGORITHM: Words(
        "A signature of another version than v1, or by another hash than SHA-256, is a 4xx.",
        "Pass over the signatures in the list that don't begin with `v1,`; compare the others with HMAC-SHA256.",
    ),
    ReceiverPromise.MALFORMED_SIGNATURE: Words(
        ReceiverPromise.MALFORMED_SIGNATURE.says,
        "Pass over whatever isn't `v1,` and Base64; compare texts of any length and content in constant time.",
    ),
    ReceiverPromise.WHOLE_SIGNATURE: Words(
        "A part of a signature, or more than it, is a 4xx; a right one in a list of several is a 2xx.",
        "Split webhook-signature at blanks, and compare each signature as a whole with one of your own.",
    ),
    ReceiverPromise.SIGNED_REQUEST_ID: Words(
        "A webhook-id that was changed after signing is a 4xx.",
        "webhook-id is part of what is signed: sign its text as it came.",
    ),
    ReceiverPromise.REPLAY_HAS_ONE_EFFECT: Words(ReceiverPromise.REPLAY_HAS_ONE_EFFECT.says, _ONCE),
    ReceiverPromise.REPEAT_HAS_ONE_EFFECT: Words(
        "The sender's repeat, with the same webhook-id, is a 2xx, and there is one effect.", _ONCE
    ),
    ReceiverPromise.ONE_EFFECT_AT_ONCE: Words(ReceiverPromise.ONE_EFFECT_AT_ONCE.says, _ONCE),
    ReceiverPromise.FORGED_BLOCKS_NOTHING: Words(
        "A forged event keeps no real one with the same webhook-id from its effect.",
        ReceiverPromise.FORGED_BLOCKS_NOTHING.hint,
    ),
    ReceiverPromise.LOST_ANSWER: Words(ReceiverPromise.LOST_ANSWER.says, _ONCE),
    ReceiverPromise.OWN_FAILURE: Words(
        ReceiverPromise.OWN_FAILURE.says,
        "Note the webhook-id in the transaction of the effect, so that both are there or neither.",
    ),
}


def words_of(promise: ReceiverPromise, *, is_standard: bool) -> Words:
    """The words of a promise to a receiver of Standard Webhooks, or to one of Open Loyalty."""
    return (
        STANDARD_WORDS.get(promise, Words(promise.says, promise.hint))
        if is_standard
        else Words(promise.says, promise.hint)
    )
