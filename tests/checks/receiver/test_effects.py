"""Effects as a probe tells them."""

from collections.abc import Iterator

import pytest

from mockserver.checks.receiver.effects import (
    EXAMPLES,
    EffectChange,
    ProbeFailed,
    ReceiverEffects,
    Seen,
    as_lines,
    by_command,
    by_url,
)
from mockserver.checks.transport.bounded_transport import BoundedTransport
from mockserver.checks.transport.recording import Recording
from mockserver.checks.transport.session import Credentials
from mockserver.testing import Receiver, Respond
from tests.support.web import Web, serving


@pytest.fixture
def web() -> Iterator[Web]:
    """A server with probes."""
    with serving() as server:
        yield server


@pytest.mark.parametrize(
    ("text", "number", "items"), [("3\n", 3, None), ("[]", 0, ()), ('[{"b": 1, "a": 2}]', 1, ('{"a": 2, "b": 1}',))]
)
def test_probes_print_an_integer_or_a_list(text: str, number: int, items: tuple[str, ...] | None) -> None:
    """A list counts its items, and shows them."""
    assert Seen.of(text) == Seen(number, items)


@pytest.mark.parametrize("text", ["", "three", "true", '{"count": 1}', "1.5", "[" * 100_000])
def test_other_answers_say_what_is_expected(text: str) -> None:
    """The message shows what was printed instead."""
    with pytest.raises(ProbeFailed, match="must print an integer or a JSON list, and printed"):
        Seen.of(text)


def test_changes_count_effects_and_show_new_items() -> None:
    """Also where the same item is there twice."""
    change = EffectChange.between(Seen.of('["a"]'), Seen.of('["a", "b", "b"]'))

    assert (change.number, change.new) == (2, ('"b"', '"b"'))


def test_effects_are_looked_at_before_and_after() -> None:
    """After the act it waits as long as it was told, as an effect may come later."""
    looks, waits = iter([Seen(1), Seen(3)]), list[float]()
    effects = ReceiverEffects(lambda: next(looks), waits.append, 2.0)

    result, change = effects.around(lambda: "done")

    assert (result, change.number, waits) == ("done", 2, [2.0])


def test_effects_that_are_due_are_waited_for_before_the_first_look() -> None:
    """What was sent without a look may still have effects; after a look nothing is due until something is sent."""
    looks, waits = iter([Seen(1), Seen(2), Seen(2), Seen(3)]), list[float]()
    effects = ReceiverEffects(lambda: next(looks), waits.append, 2.0)
    effects.are_due = True

    changes = [effects.around(lambda: None)[1].number for _ in range(2)]

    assert (changes, waits) == ([1, 1], [2.0] * 3)


def test_trouble_is_kept() -> None:
    """A probe that fails once isn't asked again: what follows could not be compared."""
    asked = []

    def fail() -> Seen:
        asked.append(1)
        raise ProbeFailed("it is gone")

    effects = ReceiverEffects(fail, lambda _: None, unit=1)
    for _ in range(2):
        effects.around(lambda: None)

    assert (effects.trouble, effects.can_be_seen, len(asked)) == ("it is gone", False, 1)


def test_probes_by_url(web: Web) -> None:
    """A URL is asked; what isn't a 200, or isn't there, is a reason in words."""
    web.files["/effects"] = "4"
    transport = BoundedTransport(Recording(), 5)

    assert by_url(f"{web.url}/effects", transport)() == Seen(4)
    with pytest.raises(ProbeFailed, match="answers 404"):
        by_url(f"{web.url}/other", transport)()
    with pytest.raises(ProbeFailed, match="can't be reached: ConnectionError"):
        by_url("http://127.0.0.1:9/", transport)()


def test_a_probe_behind_the_gate_is_reached() -> None:
    """It gets the headers of the gate, in place of their placeholders."""
    credentials = Credentials(headers=(("X-Gate", "sesame"),))
    transport = BoundedTransport(Recording(), 5, credentials=credentials)
    front = credentials.headers_in_front(authorized=False)
    with Receiver(Respond(200, b"4")) as receiver:
        seen = by_url(f"{receiver.url}/effects", transport, front=front)()

    assert (seen, receiver.captured[0].headers["X-Gate"]) == (Seen(4), "sesame")
    assert dict(next(iter(transport.recording)).headers)["X-Gate"] == "$OL_HEADER_1"


def test_probes_by_command() -> None:
    """A command is run in a shell; one that fails says with what, and what it said."""
    assert by_command("echo 1 | cat")() == Seen(1)
    with pytest.raises(ProbeFailed, match="ended with 3: no database"):
        by_command("echo no database >&2; exit 3")()


def test_examples_are_short() -> None:
    """A probe is five lines at most in each of the four frameworks."""
    assert list(EXAMPLES) == ["Express", "FastAPI", "Spring", "Laravel"]
    assert max(len(code.split("\n")) for code in EXAMPLES.values()) <= 5
    assert "Laravel:" in as_lines()
