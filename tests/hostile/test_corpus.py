"""Every hostile input, once, over a real socket."""

from collections import Counter

import pytest

from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.hostile.corpus import corpus
from tests.hostile.inputs import KEY, ONE, Input, request
from tests.hostile.wire import HUNG, Outcome, exchange, faults


def test_no_input_does_harm(caplog: pytest.LogCaptureFixture, signing_key: str) -> None:
    """No input gets a 5xx, a late answer, a traceback, another shape than the vendor's, or an answer that no user would
    expect; none leaves a line of alarm in the log, and the mock is as well afterwards as before."""
    with MockServer(Settings(signing_key=signing_key)) as mock:
        host, port = mock.url.removeprefix("http://").split(":")
        address = (host, int(port))
        wrong = [
            f"{sent.kind}: {sent.name}: {outcome.status} {', '.join(found)}"
            for sent in corpus()
            if (found := faults(sent, outcome := exchange(address, sent)))
        ]

    assert wrong == []
    assert [record.message for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []


def test_corpus_is_large_and_has_nothing_twice() -> None:
    """There are more than a thousand inputs, each another."""
    inputs = corpus()

    twice = [one for one, count in Counter((sent.pieces, sent.ends) for sent in inputs).items() if count > 1]

    assert len(inputs) > 1_000
    assert twice == []


SENT = Input("kind", "name", (request(b"GET", ONE, KEY),), frozenset({404}))
VENDOR = b'{"code":404,"message":"Not Found"}'


@pytest.mark.parametrize(
    ("outcome", "found"),
    [
        (Outcome(404, 0.1, "application/json", VENDOR), []),
        (Outcome(404, 5.1, "application/json", VENDOR), ["hang"]),
        (Outcome(HUNG, 6.0), ["hang"]),
        (Outcome(500, 0.1, "text/plain", b"Traceback (most recent call last)"), ["5xx", "traceback"]),
        (Outcome(200, 0.1, "application/json", b"{}"), ["wrong answer"]),
        (Outcome(404, 0.1, "application/problem+json", b'{"title":"x","status":404}'), ["other shape"]),
        (Outcome(400, 0.1, "text/plain", b"Invalid HTTP request received."), ["wrong answer", "other shape"]),
    ],
)
def test_faults_are_seen(outcome: Outcome, found: list[str]) -> None:
    """Each kind of fault is told by its name, and what is right has none."""
    assert faults(SENT, outcome) == found
