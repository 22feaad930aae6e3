"""What explains a signature that isn't right: another way to sign, by any secret that the run has ever seen."""

from collections.abc import Callable

import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.sender.deliveries import Caught, CaughtEvidence, CaughtSubscription, Role
from mockserver.checks.sender.request_rules import signature
from mockserver.checks.sender.signatures import KnownKey, Reading, reading
from mockserver.signing import (
    ALGORITHM_HEADER,
    REQUEST_ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    VERSION_HEADER,
    SignedUrl,
    canonical,
    sign,
)
from tests.mutants.senders.delivery import Delivery, Way
from tests.mutants.senders.replay import Replay

Judged = Callable[[CaughtEvidence], Report]
URL = "https://crm.example.com/hook?a=1"
FIRST, SECOND, THIRD, STRANGE = (f"whsec_{letter * 64}" for letter in "abcd")
BODY, NOW, REQUEST = b'{"a": 1,"eventName":"CustomerRegistered"}', 1_700_000_000, "r1"


def _caught(secret: str, *, at: float = 9.0, path: str = "/hook", body: bytes = BODY) -> Caught:
    """A request that is signed by a secret, for a path, over a body."""
    text = canonical(
        method="POST", url=SignedUrl("crm.example.com", path), body=body, timestamp=NOW, request_id=REQUEST
    )
    stamps = (ALGORITHM_HEADER, "hmac-sha256"), (TIMESTAMP_HEADER, str(NOW)), (REQUEST_ID_HEADER, REQUEST)
    headers = ((SIGNATURE_HEADER, sign(secret, text)), *stamps, (VERSION_HEADER, "1"))
    return Caught(1, "t", "POST", "/hook?a=1", headers, BODY, at, float(NOW), 204)


def _subscription(*keys: str, role: Role = Role.PLAIN, rotated_at: float | None = None) -> CaughtSubscription:
    return CaughtSubscription(role, "CustomerRegistered", "DEFAULT", "t", URL, keys=[*keys], rotated_at=rotated_at)


def _wrong(one: CaughtSubscription, request: Caught, *others: CaughtSubscription) -> list[str]:
    return [seen.wrong for seen in signature(one, request, [one, *others]) if seen.wrong]


@pytest.mark.parametrize(
    ("request_", "words", "assumption"),
    [
        (_caught(FIRST, path="/hook?a=1"), "the path has the query", "A43"),
        (_caught(SECOND), "the old one signs it", ""),
        (_caught(SECOND, path="/hook?a=1"), "the path has the query, by the old one", "A43"),
        (
            _caught(SECOND, body=b'{"a":1,"eventName":"CustomerRegistered"}'),
            "it signs the JSON written anew, not the bytes that are sent, by the old one",
            "",
        ),
    ],
)
def test_a_reading_names_the_way_and_whose_key_it_is(request_: Caught, words: str, assumption: str) -> None:
    """The one that has to sign goes without saying."""
    assert reading([KnownKey(FIRST), KnownKey(SECOND, "the old one")], request_, URL) == Reading(words, assumption)


def test_what_no_key_explains_has_no_reading() -> None:
    """However many are known."""
    assert reading([KnownKey(FIRST), KnownKey(SECOND, "the old one")], _caught(STRANGE), URL) is None


def test_every_key_of_a_subscription_explains() -> None:
    """An old one that signs is a rotation that didn't happen; one that signs in another way is named, as old."""
    rotated = _subscription(FIRST, SECOND, THIRD, rotated_at=5.0)

    assert _wrong(rotated, _caught(THIRD)) == ["X-Webhook-Signature-Version is 1"]
    assert _wrong(rotated, _caught(FIRST)) == ["the key from before the rotation signs it"]
    query = _caught(FIRST, path="/hook?a=1")
    by_old = "the path has the query, by an old key of the subscription (version 1)"
    assert _wrong(rotated, query) == [f"the signature isn't right: {by_old}"]


def test_a_key_that_was_not_there_yet_explains() -> None:
    """A request from before the rotation that the later key signs is told as that."""
    wrong = _wrong(_subscription(FIRST, SECOND, rotated_at=5.0), _caught(SECOND, at=4.0))

    assert wrong == ["the signature isn't right: a newer key of the subscription (version 2) signs it"]


def test_the_keys_of_other_subscriptions_explain() -> None:
    """Also those that they had before a rotation."""
    one, other = _subscription(FIRST), _subscription(SECOND, THIRD, role=Role.FAILING, rotated_at=5.0)

    whose = "of another subscription, to CustomerRegistered (answers 500) signs it"
    assert _wrong(one, _caught(THIRD), other) == [f"the signature isn't right: the key {whose}"]
    assert _wrong(one, _caught(SECOND), other) == [f"the signature isn't right: an old key {whose}"]
    assert _wrong(one, _caught(STRANGE), other) == ["the signature isn't right"]


def test_each_captured_secret_explains() -> None:
    """The newest goes without saying; an old one has the number under which it was given."""
    captured = _subscription(FIRST, SECOND, THIRD, role=Role.CAPTURED)

    assert [_wrong(captured, _caught(key)) for key in (FIRST, SECOND, THIRD)] == [[], [], []]
    wrong = {key: _wrong(captured, _caught(key, path="/hook?a=1"))[0] for key in (FIRST, SECOND, THIRD)}
    said = "the signature isn't right: the path has the query"
    assert wrong == {THIRD: said, SECOND: f"{said}, by old secret number 1", FIRST: f"{said}, by old secret number 2"}


def test_what_nothing_explains_says_how_much_was_tried() -> None:
    """Each key, and each way to sign by it."""
    one, two = _subscription(FIRST), _subscription(FIRST, SECOND)
    got = [next(seen.got for seen in signature(each, _caught(STRANGE)) if seen.wrong) for each in (one, two)]

    numbers = [int(text.removeprefix("none of ").removesuffix(" ways and keys explains it")) for text in got]
    assert numbers[0] > 10
    assert numbers[1] == 2 * numbers[0]


def test_a_run_knows_all_keys_that_it_has_seen(recorded: CaughtEvidence, judged: Judged) -> None:
    """A sender that takes the key of another subscription is told so, in one finding for each of those that it took."""

    def confused(delivery: Delivery, way: Way) -> int:
        other = next(one for one in way.known if one.keys and one is not delivery.to)
        return way.send(delivery.signed(other.keys[-1]) if delivery.is_signed else delivery)

    report = judged(Replay(recorded, confused).evidence())

    assert {one.check for one in report.findings} == {"sends_right_signature"}
    assert all("of another subscription, to " in one.message for one in report.findings)
