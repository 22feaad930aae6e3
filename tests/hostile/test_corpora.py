"""Other people's HTTP cases, on the mock's HTTP layer, and what judges them."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from tests.hostile.corpora import mock
from tests.hostile.corpora.cases import SOURCES, Case, all_cases, cases, rules
from tests.hostile.corpora.judging import Judgement, Verdict, judge
from tests.hostile.corpora.outcomes import Outcome, outcome
from tests.hostile.corpora.wire import Server, run

PATIENCE = 5.0  # seconds; nothing waits for them unless it is broken
FAILED = "The application failed"  # which some cases are about
Judged = dict[Case, Judgement]


def judged_of(asked: Iterable[Case]) -> Judged:
    """What the mock made of cases, all on one server."""
    with mock.served() as (address, stop):
        server = Server(address, stop, PATIENCE)
        return {case: judge(case, run(server, case)) for case in asked}


class Alarms(logging.Handler):
    """What the servers log that somebody should look at."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a first line."""
        self.said.add(record.getMessage().partition("\n")[0])


@pytest.fixture(scope="module")
def alarms() -> Iterator[Alarms]:
    """Empty as long as the cases haven't run."""
    handler = Alarms()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


@pytest.fixture(scope="module")
def judged(alarms: Alarms) -> Judged:  # noqa: ARG001 (it listens)
    """All cases but those that take seconds; who ends the server has one of its own."""
    quick = [case for case in all_cases() if not case.slow]
    together = judged_of(case for case in quick if not case.stops)
    return together | {case: judged_of([case])[case] for case in quick if case.stops}


@pytest.mark.parametrize("source", SOURCES)
def test_mock_is_right(judged: Judged, source: str) -> None:
    """Every case of others comes to what the standard allows, and no request is seen that nobody sent."""
    wrong = {
        case.name: judgement.problems
        for case, judgement in judged.items()
        if case.source == source and judgement.verdict is Verdict.WRONG
    }

    assert wrong == {}


def test_what_is_only_allowed_has_its_reason(judged: Judged) -> None:
    """Where the mock does what the standard advises against, the rule says why; elsewhere no rule does."""
    allowed = {case.rule for case, judgement in judged.items() if judgement.verdict is Verdict.ALLOWED}

    assert {name for name, rule in rules().items() if rule.mock} == allowed


def test_no_case_raises_an_alarm(judged: Judged, alarms: Alarms) -> None:
    """Whatever is sent, the server logs nothing but the failures of the application."""
    assert judged
    assert alarms.said == {FAILED}


# ---------------------------------------------------------------- the cases
def test_cases_are_many_and_different() -> None:
    """There are hundreds; within a source none has the name or the bytes of another, and each names a rule."""
    twice = [
        name for source in SOURCES for name, count in Counter(case.name for case in cases(source)).items() if count > 1
    ]
    same = [case.name for source in SOURCES for case in _same(cases(source))]

    assert len(all_cases()) > 300
    assert (twice, same) == ([], [])
    assert {case.rule for case in all_cases()} == set(rules())


def _same(found: Iterable[Case]) -> list[Case]:
    """Those that send what one before them sent."""
    first: dict[object, Case] = {}
    return [case for case in found if first.setdefault((case.pieces, case.then), case) is not case]


# ---------------------------------------------------------------- the judge
@pytest.mark.parametrize(
    "steps", [("GET /smuggled", "next"), ("500",), ("400", "unanswered: GET /next"), ("next",), ("left GET /", "next")]
)
def test_every_case_can_fail(steps: tuple[str, ...]) -> None:
    """No case takes a smuggled request, a failure, a request run behind a refusal, or the next answer alone."""
    taking = [case.name for case in all_cases() if judge(case, Outcome(steps)).verdict is Verdict.RIGHT]

    assert taking == (["test_app_exception"] if steps == ("500",) else [])


CASE = Case("ours", "two requests", "request", (b"",), (("POST / hi", "next"), ("POST / hi", "refused")))
POST = b"HTTP/1.1 200 OK\r\nx-answered: yes\r\ncontent-length: 9\r\n\r\nPOST / hi"
NEXT = b"HTTP/1.1 200 OK\r\nx-answered: yes\r\ncontent-length: 9\r\n\r\nGET /next"
REFUSAL = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"
CLOSE = b"\r\nconnection: close\r\n\r\n"
SEEN = ["POST / hi", "GET /next"]


@pytest.mark.parametrize(
    ("received", "seen"),
    [(POST + NEXT, SEEN), (POST + REFUSAL, SEEN[:1]), (POST, SEEN[:1]), (POST, [*SEEN[:1], "left GET /"])],
)
def test_right_outcomes_are_right(received: bytes, seen: list[str]) -> None:
    """All that a case calls right is so, and an application may be told that its client left."""
    assert judge(CASE, outcome(received, seen, closed=True)) == Judgement(Verdict.RIGHT)


@pytest.mark.parametrize(
    ("received", "seen", "problem"),
    [
        (b"", [], "got closed"),
        (POST, SEEN, "got POST / hi · unanswered: GET /next"),
        (POST + NEXT, ["POST / hi\r\n", "GET /next"], "an answer with another body"),
        (POST + POST + NEXT, [SEEN[0], *SEEN], "got POST / hi · POST / hi · next"),
        (POST + NEXT, SEEN[:1], "an answer to what was not asked"),
        (POST[:-1], SEEN[:1], "got cut"),
        (POST.replace(b" 200 ", b" 500 ") + NEXT, SEEN, "got 500 POST / hi · next"),
        (POST.replace(b"\r\n\r\n", b"\r\ncontent-length: 9\r\n\r\n") + NEXT, SEEN, "two lengths"),
        (POST.replace(b"\r\n\r\n", b"\r\nsmuggled: value\r\n\r\n") + NEXT, SEEN, "a header that was put in"),
        (POST.replace(b"x-answered: yes", b"x-answered: \nyes") + NEXT, SEEN, "a line break within a header"),
        (POST.replace(b"\r\n\r\n", CLOSE) + NEXT, SEEN, "an answer after one that said close"),
        (POST + NEXT + b"0\r\n\r\n", SEEN, "bytes that are no answer"),
    ],
)  # fmt: skip
def test_wrong_outcomes_are_wrong(received: bytes, seen: list[str], problem: str) -> None:
    """Whatever a server does otherwise is told."""
    judgement = judge(CASE, outcome(received, seen, closed=True))

    assert judgement.verdict is Verdict.WRONG
    assert problem in judgement.problems


def test_connection_that_stays_open_is_wrong() -> None:
    """Right answers don't excuse a connection that hangs."""
    assert judge(CASE, outcome(POST + NEXT, SEEN, closed=False)).problems == ("got POST / hi · next · hangs",)


def test_missing_header_is_wrong() -> None:
    """A case can ask for a line of the last head."""
    found = outcome(POST + NEXT, SEEN, closed=True)

    assert judge(replace(CASE, head="content-length: 9"), found).verdict is Verdict.RIGHT
    assert judge(replace(CASE, head="connection: close"), found).problems == ("no connection: close",)


def test_chunked_answers_are_read() -> None:
    """An answer in chunks is the same as one with its length, and what is behind it is found."""
    head, _, body = POST.partition(b"\r\n\r\n")
    chunked = head.replace(b"content-length: 9", b"transfer-encoding: chunked") + b"\r\n\r\n"
    received = chunked + b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n" + NEXT

    assert judge(CASE, outcome(received, SEEN, closed=True)) == Judgement(Verdict.RIGHT)


def test_case_that_asks_for_something_else_fails_on_the_wire() -> None:
    """The whole way can fail: a good request of which a refusal is expected."""
    asked = replace(cases("uvicorn")[0], right=(("400",),))

    assert judged_of([asked])[asked] == Judgement(Verdict.WRONG, ("got GET / · next",))
