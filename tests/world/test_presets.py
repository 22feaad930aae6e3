"""mockserver.world.presets: named states."""

from pathlib import Path

import pytest

from mockserver.errors import BadCredentials, ExpiredToken, SettingsError
from mockserver.storage.resource_records import RecordQuery
from mockserver.storage.state import INTERVALS
from mockserver.world import World
from mockserver.world.presets import BUILT_IN, MEMBERS, OF_RECORDS, presets, presets_of
from tests.support.remembering import pets_document, remembering_world, with_toys
from tests.support.repository import ROOT

pytestmark = pytest.mark.anyio


@pytest.fixture
async def seeded(world: World) -> World:
    """A world with its admin and a member in each store."""
    await world.seed()
    return world


def _write(path: Path, text: str) -> None:
    path.write_text(text)


async def test_empty_store_has_nobody(seeded: World) -> None:
    """Nobody is left in the store; the admin and the other store stay."""
    await presets(None)["empty"].apply(seeded, "DEFAULT")

    now = seeded.clock.now()
    counts = [await seeded.state.count_members(code, now, with_transaction=None) for code in ("DEFAULT", "OTHER")]
    assert [count.total for count in counts] == [0, 1]
    assert (await seeded.auth.log_in("admin", None, "admin", "password", "client")).token


async def test_busy_store_grew_over_a_year(seeded: World) -> None:
    """Its members joined all over the year, some buy, and its events are on their way to somebody who isn't there."""
    await presets(None)["busy-store"].apply(seeded, "OTHER")

    now = seeded.clock.now()
    everybody = await seeded.state.count_members("OTHER", now, with_transaction=None)
    assert everybody.total == MEMBERS + 1
    assert [everybody.registered_in[days] for days in INTERVALS] == sorted(everybody.registered_in.values())
    assert everybody.registered_in[30] < MEMBERS / 10
    assert 0 < (await seeded.state.count_members("OTHER", now, with_transaction=True)).total < MEMBERS
    assert (await seeded.deliveries.listing({"storeCode": "OTHER"})).filtered > MEMBERS
    await seeded.deliveries.stop()


async def test_expired_sessions_are_over(seeded: World) -> None:
    """Tokens that were issued before are refused, and so are the refresh tokens."""
    tokens = await seeded.auth.log_in("admin", None, "admin", "password", "client")

    await presets(None)["expired-sessions"].apply(seeded, "DEFAULT")

    with pytest.raises(ExpiredToken):
        seeded.auth.verify_bearer(tokens.token)
    with pytest.raises(BadCredentials):
        await seeded.auth.refresh("admin", None, tokens.refresh_token, "client")


async def test_folder_adds_presets(seeded: World, tmp_path: Path) -> None:
    """Each state file of the folder is a preset; it is applied to a mock that starts over."""
    _write(tmp_path / "two-members.yaml", "members: [{}, {}]\n")
    _write(tmp_path / "notes.txt", "not one")
    await presets(None)["busy-store"].apply(seeded, "DEFAULT")

    found = presets(str(tmp_path))
    await found["two-members"].apply(seeded, "DEFAULT")

    assert set(found) == {"two-members", *(preset.name for preset in BUILT_IN)}
    assert (await seeded.state.count_members("DEFAULT", seeded.clock.now(), with_transaction=None)).total == 3


@pytest.mark.parametrize("text", ["members: 3\n", "members: [{email: a@x.com}, {email: A@x.com}]\n"])
async def test_broken_preset_changes_nothing(seeded: World, tmp_path: Path, text: str) -> None:
    """A file of another form, or with what the API would refuse, leaves the mock as it was."""
    _write(tmp_path / "broken.yaml", text)
    await presets(None)["empty"].apply(seeded, "DEFAULT")

    with pytest.raises(SettingsError, match=r"broken\.yaml"):
        await presets(str(tmp_path))["broken"].apply(seeded, "DEFAULT")

    assert (await seeded.state.count_members("DEFAULT", seeded.clock.now(), with_transaction=None)).total == 0


def test_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A folder that can't be read is named."""
    with pytest.raises(SettingsError, match="none can't be read"):
        presets(str(tmp_path / "none"))


def test_guide_names_all_presets() -> None:
    """docs/state-files.md has a row for each."""
    guide = (ROOT / "docs" / "state-files.md").read_text("utf-8")

    assert [preset.name for preset in (*BUILT_IN, *OF_RECORDS) if f"| `{preset.name}` |" not in guide] == []


async def test_presets_fit_the_contract(seeded: World, tmp_path: Path) -> None:
    """A mock of another contract has presets of records that are remembered, and none if it remembers none; a file is
    anybody's, but it has to fit."""
    _write(tmp_path / "described.yaml", "members: [{email: jo@example.com}]")
    other = remembering_world(pets_document(), presets=str(tmp_path))
    stateless = remembering_world(pets_document(), memory=False)

    assert [*presets_of(seeded)] == ["empty", "busy-store", "expired-sessions"]
    assert [*presets_of(other)] == ["empty", "many", "described"]
    assert not presets_of(stateless)
    with pytest.raises(SettingsError, match="members"):
        await presets_of(other)["described"].apply(other, "DEFAULT")
    with pytest.raises(SettingsError, match="the contract of Open Loyalty has"):
        await presets(None)["busy-store"].apply(other, "DEFAULT")


async def test_many_and_empty_collections() -> None:
    """`many` adds records that the contract allows, to all collections or to those of one resource; then `empty` leaves
    none, not even the contract's examples."""
    world = remembering_world(with_toys())
    assert world.memory is not None
    pets, toys = (world.memory.remembered[name] for name in ("pets", "toys"))
    known = presets_of(world)

    await known["many"].apply(world, "DEFAULT", count=5)
    await known["many"].apply(world, "DEFAULT", resource="toys", count=2)
    sizes = [(await pets.find((), RecordQuery())).total, (await toys.find(("1",), RecordQuery())).total]
    await known["empty"].apply(world, "DEFAULT")

    assert sizes == [3 + 5, 3 + 1 + 1]
    assert (await pets.find((), RecordQuery())).total == 0
