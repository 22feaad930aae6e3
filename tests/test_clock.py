"""mockserver.clock: moments and their texts, the mock's time, and ids from a seed."""

import asyncio
import re
import time
from functools import partial
from random import Random  # noqa: TID251 (what ids were made with, and could be predicted by)

import pytest

from mockserver.clock import LATEST, Clock, Ids, moment, moment_ago, timestamp

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

    assert _some_of(one) == _some_of(other)


def test_ids_differ_between_seeds_and_draws() -> None:
    """No id comes twice, neither from one seed nor from two."""
    one, other = Ids(1), Ids(2)

    drawn = [draw() for ids in (one, other) for draw in (ids.uuid, partial(ids.secret, 64)) for _ in range(1000)]

    assert len(set(drawn)) == 4000


def test_ids_of_a_seed_never_change() -> None:
    """A seed gives what it always gave: who keeps an id in a test of theirs finds it after an update, too."""
    assert _some_of(Ids(1)) == [
        "f42d9f80-7c62-4b2d-9e94-4d44ddb5165f",
        "d265aca8",
        "e391ecdb3eb63e37db879779ed3a1b78aa2204487e37392ad939060cb00af316",
        "70fa40ef-71d6-43e2-a47d-5fd91614c866",
        "e2b7ba16-5e94-452e-82ec-15689668c5e4",
    ]


def test_secrets_are_drawn_apart() -> None:
    """How many ids were drawn doesn't matter for the secrets, nor the other way round, and none is part of another."""
    one, other = Ids(1), Ids(1)
    ids = [one.uuid() for _ in range(10)]
    secrets = [other.secret(128) for _ in range(10)]

    assert [one.secret(128) for _ in range(10)] == secrets
    assert [other.uuid() for _ in range(10)] == ids
    assert not any(text[-12:] in "".join(secrets) for text in ids)


def _untempered(word: int) -> int:
    """The word of the state that the Mersenne Twister made an output of."""
    word ^= word >> 18
    word ^= word << 15 & 0xEFC60000
    part = word
    for _ in range(4):
        part = word ^ (part << 7 & 0x9D2C5680)
    word = part
    for _ in range(2):
        part = word ^ part >> 11
    return part


def test_secrets_that_were_seen_tell_none_that_comes() -> None:
    """From as many secrets as a Mersenne Twister has state, its next output is known; that isn't our next secret."""
    ids = Ids(1)
    seen = [int(ids.secret(128), 16) for _ in range(39)]
    words = [_untempered(secret >> 32 * part & 0xFFFFFFFF) for secret in seen for part in range(16)]
    twister = Random()  # noqa: S311 (that it isn't safe is the point)
    twister.setstate((3, (*words, 624), None))

    assert f"{twister.getrandbits(512):0128x}" != ids.secret(128)


def test_seed_from_chance_cannot_be_tried() -> None:
    """A seed that nobody chose has 128 bits, more than anybody can try."""
    seeds = [Ids.from_chance().seed for _ in range(50)]

    assert max(seeds).bit_length() > 120
    assert len(set(seeds)) == 50


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


@pytest.mark.parametrize(("kind", "length"), [("hex", 1), ("hex", 32), ("secret", 1), ("secret", 64), ("secret", 128)])
def test_digits_are_as_many_as_were_asked_for(kind: str, length: int) -> None:
    """Random digits are lower case and as many as wanted, leading zeros included."""
    ids = Ids(5)

    drawn = [getattr(ids, kind)(length) for _ in range(200)]

    assert [text for text in drawn if not re.fullmatch(rf"[0-9a-f]{{{length}}}", text)] == []
    assert any(text.startswith("0") for text in drawn)


def _some_of(ids: Ids) -> list[str]:
    """What an Ids gives next, of each kind."""
    return [ids.uuid(), ids.hex(8), ids.secret(64), ids.uuid(), ids.derived("message", 1)]


@pytest.mark.parametrize("far", [1.0, 1e9, 1e30])
def test_clock_stops_at_the_end_of_time(far: float) -> None:
    """A clock never shows what no date can say, however it gets there: running, moved, or set."""
    clock = Clock()
    clock.set(LATEST - 0.0001, frozen=False)
    assert LATEST - 0.0001 <= clock.now() <= LATEST

    clock.advance(far)
    shown = [clock.now(), clock.now()]
    clock.set(-far, frozen=False)

    assert shown == [LATEST, LATEST]
    assert 0 <= clock.now() < 60


@pytest.mark.anyio
async def test_what_is_due_after_the_end_of_time_comes_with_it() -> None:
    """Who waits for a moment that the clock can't reach waits no longer than until its last."""
    await asyncio.wait_for(Clock(frozen_at=LATEST).wait_until(LATEST + 1), 5)


def test_clock_knows_how_far_it_has_been() -> None:
    """The latest moment that a clock has shown stays, wherever it is moved."""
    clock = Clock(frozen_at=NOW)
    clock.advance(100)
    clock.set(NOW - 50, frozen=True)

    assert clock.latest() == NOW + 100
    clock.reset()
    assert clock.latest() == NOW + 100


def test_more_digits_than_there_are_is_a_defect() -> None:
    """Who asks for more digits than are drawn at once is told, rather than given less."""
    for draw, most in ((Ids(1).hex, 32), (Ids(1).secret, 128)):
        with pytest.raises(ValueError, match=f"{most} digits, not {most + 1}"):
            draw(most + 1)


def test_reset_undoes_moves() -> None:
    """After a reset a clock is as it was made: frozen where it was, or the machine's time."""
    for clock in (frozen := Clock(frozen_at=NOW), Clock()):
        clock.set(0.0, frozen=clock is not frozen)
        clock.reset()

    assert (frozen.now(), frozen.frozen) == (NOW, True)
    assert abs(clock.now() - Clock().now()) < 60
    assert not clock.frozen


@pytest.mark.parametrize("before", range(9))
def test_ids_go_on_after_so_many(before: int) -> None:
    """With the same seed, who goes on after so many gets the ids and secrets that came after them."""
    ids, another = Ids(1), Ids(1)
    for _ in range(before):
        _some_of(ids)
    drawn, expected = ids.drawn, _some_of(ids)

    another.go_on(drawn)

    assert drawn == (3 * before, before)
    assert (another.drawn, _some_of(another), another.drawn) == (drawn, expected, ids.drawn)


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


@pytest.mark.parametrize("frozen", [True, False])
def test_clock_follows_another(*, frozen: bool) -> None:
    """A clock that follows another shows what that shows, be it frozen or not."""
    leader, follower = Clock(), Clock(frozen_at=1.0)
    leader.set(1_768_473_000.0, frozen=frozen)

    follower.follow(leader.setting)

    assert follower.frozen is frozen
    assert abs(follower.now() - leader.now()) < (1e-9 if frozen else 60)


def test_replicas_of_a_seed_draw_other_ids() -> None:
    """Each number of a replica has ids and secrets of its own; a mock alone, which is number 0, those of the seed."""
    drawn = [(ids.uuid(), ids.secret(32), ids.derived("a")) for ids in (Ids(1), Ids(1, 0), Ids(1, 1), Ids(1, 2))]

    assert drawn[0] == drawn[1]
    assert len({text for three in drawn[1:] for text in three}) == 9


@pytest.mark.parametrize(
    ("text", "expected"), [("30 seconds ago", 70.0), ("1 minute ago", 40.0), ("2 hours ago", 0.0), ("soon", None)]
)
def test_a_moment_is_told_from_now_back(text: str, expected: float | None) -> None:
    """`30 days ago` is a moment, but none before the clock's first; other texts are none."""
    assert moment_ago(text, 100.0) == expected
