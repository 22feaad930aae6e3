"""mockserver.clock: moments and their texts, the mock's time, and ids from a seed."""

import asyncio
import re
import time

import pytest

from mockserver.clock import Clock, Ids, moment, timestamp

NOW = 1_768_473_000.0  # 2026-01-15T10:30:00+00:00
UUID_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
YEAR_1 = -62_135_596_800.0
END_OF_9999 = 253_402_300_799.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-15T10:30:00Z", NOW),
        ("2026-01-15T10:30:00+00:00", NOW),
        ("2026-01-15T10:30:00-00:00", NOW),
        ("2026-01-15T16:00:00+05:30", NOW),
        ("2026-01-14T23:30:00-11:00", NOW),
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59Z", -1),
    ],
)
def test_moment_counts_from_1970_in_utc(text: str, expected: float) -> None:
    """A date-time with any offset is the same moment as its UTC."""
    assert moment(text) == expected


@pytest.mark.parametrize("text", ["2026-01-15t10:30:00z", "2026-01-15T10:30:00z", "2026-01-15t10:30:00Z"])
def test_moment_reads_lower_case(text: str) -> None:
    """The T and the Z may be in lower case, as RFC 3339 allows."""
    assert moment(text) == NOW


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-15T10:30:00.5Z", NOW + 0.5),
        ("2026-01-15T10:30:00.250+00:00", NOW + 0.25),
        ("2026-01-15T10:30:00.1250000009Z", NOW + 0.125),
    ],
)
def test_moment_keeps_fractions(text: str, expected: float) -> None:
    """Fractions of a second count, those below a microsecond don't."""
    assert moment(text) == expected


@pytest.mark.parametrize(
    ("leap", "before"),
    [
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("2016-12-31t23:59:60.5z", "2016-12-31T23:59:59.5Z"),
        ("2017-01-01T00:59:60+01:00", "2016-12-31T23:59:59Z"),
        ("9999-12-31T23:59:60Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_leap_second_is_the_second_before(leap: str, before: str) -> None:
    """A leap second counts as the second before it."""
    assert moment(leap) == moment(before)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0000-01-01T00:00:00Z", YEAR_1),
        ("0000-02-29T12:00:00+00:00", YEAR_1),
        ("0001-01-01T00:00:00+23:59", YEAR_1),
        ("9999-12-31T23:59:59-23:59", END_OF_9999),
        ("9999-12-31T23:59:59.999999Z", END_OF_9999),
    ],
)
def test_every_moment_can_be_written(text: str, expected: float) -> None:
    """What lies outside of the years 1 to 9999 counts as their first or last second, so that it can be shown."""
    assert moment(text) == expected
    assert moment(timestamp(moment(text))) == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (NOW, "2026-01-15T10:30:00+00:00"),
        (NOW + 0.999, "2026-01-15T10:30:00+00:00"),
        (0, "1970-01-01T00:00:00+00:00"),
        (-1, "1969-12-31T23:59:59+00:00"),
    ],
)
def test_timestamp_is_in_whole_seconds(when: float, expected: str) -> None:
    """A moment is written in whole seconds, rounded down, with the offset +00:00."""
    assert timestamp(when) == expected


@pytest.mark.parametrize("frozen_at", [NOW, 0.0])
def test_frozen_clock_stands_still(frozen_at: float) -> None:
    """A frozen clock shows the moment that it was frozen at, be it 1970."""
    clock = Clock(frozen_at)

    assert [clock.now(), clock.now()] == [frozen_at, frozen_at]


def test_frozen_clock_moves_when_told() -> None:
    """A frozen clock can be moved, forth and back."""
    clock = Clock(frozen_at=NOW)

    clock.advance(90)
    clock.advance(-30.5)

    assert clock.now() == NOW + 59.5


def test_running_clock_is_the_machines() -> None:
    """A clock that nobody touched shows the machine's time."""
    before = time.time()  # noqa: TID251 (what the mock's clock is compared with)

    now = Clock().now()

    assert before <= now < before + 60


def test_running_clock_moves_when_told() -> None:
    """A running clock can be moved, and runs on from there."""
    clock = Clock()
    before = clock.now()

    clock.advance(3000)
    clock.advance(600)

    assert 3600 <= clock.now() - before < 3660


def test_ids_repeat_with_their_seed() -> None:
    """The same seed gives the same ids and secrets in the same order."""
    one, other = Ids(7), Ids(7)

    assert [one.uuid(), one.hex(64), one.uuid()] == [other.uuid(), other.hex(64), other.uuid()]


def test_ids_differ_between_seeds_and_draws() -> None:
    """No id comes twice, neither from one seed nor from two."""
    one, other = Ids(1), Ids(2)

    drawn = [ids.uuid() for ids in (one, other) for _ in range(1000)]

    assert len(set(drawn)) == 2000


def test_ids_from_chance_tell_their_seed() -> None:
    """A run whose seed nobody chose can be repeated with the seed that it shows."""
    ids = Ids.from_chance()

    assert ids.uuid() == Ids(ids.seed).uuid()
    assert ids.seed != Ids.from_chance().seed


def test_uuids_are_of_version_4() -> None:
    """Version and variant of every UUID are those of RFC 9562's version 4."""
    ids = Ids(3)

    drawn = [ids.uuid() for _ in range(1000)]

    assert [text for text in drawn if not UUID_4.fullmatch(text)] == []


def test_every_other_bit_of_a_uuid_varies() -> None:
    """All of the 122 bits that the version leaves free are random."""
    ids = Ids(4)
    drawn = [int(ids.uuid().replace("-", ""), 16) for _ in range(200)]

    ever, always = 0, -1
    for bits in drawn:
        ever, always = ever | bits, always & bits

    assert (ever & ~always).bit_count() == 122


@pytest.mark.parametrize("length", [1, 8, 64, 128])
def test_hex_has_the_length_that_was_asked_for(length: int) -> None:
    """Random digits are lower case and as many as wanted, leading zeros included."""
    ids = Ids(5)

    drawn = [ids.hex(length) for _ in range(200)]

    assert [text for text in drawn if not re.fullmatch(rf"[0-9a-f]{{{length}}}", text)] == []
    assert any(text.startswith("0") for text in drawn)


def test_reset_undoes_moves() -> None:
    """After a reset a clock is as it was made: frozen where it was, or the machine's time."""
    for clock in (frozen := Clock(frozen_at=NOW), Clock()):
        clock.set(0.0, frozen=clock is not frozen)
        clock.reset()

    assert (frozen.now(), frozen.frozen) == (NOW, True)
    assert abs(clock.now() - Clock().now()) < 60
    assert not clock.frozen


def test_ids_go_on_from_a_state() -> None:
    """Who goes on from a state gets the ids that came after it, even under another seed."""
    ids, another = Ids(1), Ids(2)
    ids.uuid()
    state = ids.state()
    expected = [ids.uuid(), ids.hex(64)]

    another.restore(state)

    assert [another.uuid(), another.hex(64)] == expected


@pytest.mark.parametrize("state", ["", "nonsense", "bm9uc2Vuc2U=", "/" * 3334 + "==", "ł"])
def test_what_is_no_state_is_refused(state: str) -> None:
    """A text that is no state is refused, and the ids go on as before."""
    ids = Ids(1)
    before = ids.state()

    with pytest.raises(ValueError, match="state"):
        ids.restore(state)

    assert ids.state() == before


def test_restarted_ids_repeat_themselves() -> None:
    """After a restart the first ids come again."""
    ids = Ids(1)
    first = [ids.uuid(), ids.uuid()]

    ids.restart()

    assert [ids.uuid(), ids.uuid()] == first


def test_chance_is_a_matter_of_seed_and_name() -> None:
    """The same seed and names give the same number, others another one; all are from 0 up to 1."""
    numbers = [Ids(seed).chance("fault", name) for seed in (1, 2) for name in range(100)]

    assert numbers == [Ids(seed).chance("fault", name) for seed in (1, 2) for name in range(100)]
    assert len(set(numbers)) == 200
    assert 0 <= min(numbers) < 0.1
    assert 0.9 < max(numbers) < 1


# ---------------------------------------------------------------- waiting
@pytest.mark.anyio
async def test_waiting_ends_when_the_clock_is_moved() -> None:
    """Who waits on a frozen clock goes on when it is moved far enough, by whichever thread."""
    clock = Clock(frozen_at=NOW)
    waiting = asyncio.create_task(clock.wait_until(NOW + 10))
    await asyncio.to_thread(clock.advance, 9.9)
    await asyncio.sleep(0)
    assert not waiting.done()

    await asyncio.to_thread(clock.advance, 0.1)

    await asyncio.wait_for(waiting, 5)


@pytest.mark.anyio
async def test_waiting_follows_a_clock_that_is_let_go() -> None:
    """Who waits on a frozen clock goes on by itself when the clock runs again."""
    clock = Clock(frozen_at=NOW)
    waiting = asyncio.create_task(clock.wait_until(NOW + 0.02))
    await asyncio.sleep(0)

    clock.set(NOW, frozen=False)

    await asyncio.wait_for(waiting, 5)
    assert NOW + 0.02 <= clock.now() < NOW + 10


@pytest.mark.anyio
async def test_waiting_for_the_past_takes_no_time() -> None:
    """What is past needs no waiting, not even on a frozen clock."""
    await asyncio.wait_for(Clock(frozen_at=NOW).wait_until(NOW), 5)


def test_clock_can_be_set() -> None:
    """A clock that is set shows that moment, and stands still or runs from there."""
    clock = Clock()
    clock.set(NOW, frozen=True)
    assert (clock.now(), clock.frozen) == (NOW, True)

    clock.set(NOW - 50, frozen=False)

    assert not clock.frozen
    assert NOW - 50 <= clock.now() < NOW - 40


def test_moving_the_clock_outlives_who_waited() -> None:
    """A wait whose event loop has ended is no trouble for who moves the clock."""
    clock = Clock(frozen_at=NOW)

    async def leave() -> None:
        asyncio.get_running_loop().create_task(clock.wait_until(NOW + 1))
        await asyncio.sleep(0)

    asyncio.run(leave())
    clock.advance(1)

    assert clock.now() == NOW + 1


def test_derived_ids_depend_on_their_names_only() -> None:
    """A derived id is a UUID that depends on seed and names, and on nothing that happened in between."""
    ids = Ids(1)
    first = ids.derived("message", 1, "a")
    ids.uuid()

    assert UUID_4.fullmatch(first)
    assert first == ids.derived("message", 1, "a") == Ids(1).derived("message", 1, "a")
    assert (
        len({first, ids.derived("message", 2, "a"), ids.derived("request", 1, "a"), Ids(2).derived("message", 1, "a")})
        == 4
    )
