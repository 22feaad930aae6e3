"""mockserver.world.state_file: what a mock starts with."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.clock import Clock
from mockserver.errors import SettingsError
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.storage.model import Json
from mockserver.storage.resource_records import RecordQuery
from mockserver.world import World
from mockserver.world.state_file import LARGEST, StateFile
from tests.support.remembering import pets_document, remembering_world

pytestmark = pytest.mark.anyio

NOW = 1_768_473_000.0
DESCRIPTION = """\
# two people
members:
  - email: jane@example.com
    registeredAt: 30 days ago
  - storeCode: OTHER
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a state file."""
    path = tmp_path / "state.yaml"
    path.write_text(DESCRIPTION)
    return path


def _write(path: Path, text: str) -> None:
    path.write_text(text)


async def _started(settings: Settings, contract: Contract, path: Path) -> World:
    world = World.build(replace(settings, state=str(path)), contract, Clock(NOW))
    await world.seed()
    return world


def _whole(snapshot: Json) -> dict[str, Any]:
    """A snapshot with lists in place of its iterators."""
    return {name: list(value) if hasattr(value, "__next__") else value for name, value in snapshot.items()}


async def _members(world: World) -> int:
    return (await world.state.count_members("DEFAULT", world.clock.now(), with_transaction=None)).total


async def test_mock_starts_with_what_is_described(settings: Settings, contract: Contract, path: Path) -> None:
    """The described members are there beside those of the settings, also after a reset, of the mock or of a store."""
    world = await _started(settings, contract, path)
    assert await _members(world) == 2

    for start_over in (world.reset(), world.reset_store("DEFAULT")):
        await world.state.clear_store("DEFAULT")
        await start_over
        assert await _members(world) == 2


async def test_snapshot_is_a_state_file(settings: Settings, contract: Contract, path: Path) -> None:
    """What a mock knew is there again; its clock only if it stood still."""
    before = await _started(settings, contract, path)
    snapshot = _whole(await before.snapshot())
    snapshot["clock"] = {"now": 1_000_000, "frozen": False}
    _write(path, json.dumps(snapshot))

    world = await _started(settings, contract, path)

    assert await _members(world) == 2
    await world.reset_store("DEFAULT")
    assert await _members(world) == 2
    assert world.clock.now() == NOW
    _write(path, json.dumps(snapshot | {"clock": {"now": 1_000_000, "frozen": True}}))
    assert (await _started(settings, contract, path)).clock.now() == 1_000_000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("members: [", ":2: this is not YAML"),
        ("members:\n  - emial: 3\n    email: 3\n", ":3: members[0].email: This value should be of type string."),
        ("member: []", "member: This field was not expected."),
        ("- a\n", "This value should be of type object."),
        ("version: 1\nstores: [A]\n", "This value should not be blank."),
    ],
)
async def test_unusable_file_is_told_with_its_line(
    settings: Settings, contract: Contract, path: Path, text: str, told: str
) -> None:
    """A file that isn't YAML, has another form, or holds what the API would refuse, is no state: file, line, reason."""
    _write(path, text)

    with pytest.raises(SettingsError) as caught:
        await _started(settings, contract, path)

    assert str(path) in str(caught.value)
    assert told in str(caught.value)


async def test_empty_file_describes_nothing(settings: Settings, contract: Contract, path: Path) -> None:
    """A file of comments only is a description, of nothing."""
    _write(path, "# nothing yet\n")

    assert await _members(await _started(settings, contract, path)) == 1


def test_missing_file_is_told(tmp_path: Path) -> None:
    """A file that can't be read is named, with the reason."""
    with pytest.raises(SettingsError, match=r"none\.yaml can't be read: No such file"):
        StateFile(tmp_path / "none.yaml")


async def test_records_of_open_loyalty_are_no_resources(path: Path) -> None:
    """What describes Open Loyalty's records can't be put into another contract."""
    with pytest.raises(SettingsError, match=r"members: .* this mock remembers pets"):
        await remembering_world(pets_document(), state=str(path)).seed()


@pytest.mark.parametrize("text", ["pets:\n  - name: Rex\n", "records:\n  pets:\n    - name: Rex\n"])
async def test_records_of_resources_are_what_their_collections_begin_with(path: Path, text: str) -> None:
    """Lists by the names of resources, alone or below `records`, are there in place of the contract's examples, and
    again after a reset of the whole or of the resource."""
    _write(path, text)
    world = remembering_world(pets_document(), state=str(path))
    await world.seed()
    assert world.memory is not None
    pets = world.memory.remembered["pets"]

    for start_over in (world.reset(), world.reset_resource("pets")):
        await pets.create((), {"name": "Tom"}, None)
        await start_over
        assert [row.data["name"] for row in (await pets.find((), RecordQuery())).rows] == ["Rex"]


async def test_unfit_records_are_told_with_their_lines(path: Path) -> None:
    """The record and the field that the contract doesn't have, or has otherwise, are named, with the line."""
    _write(path, "clock: {frozen: true}\npets:\n  - name: 3\n  - nme: Rex\n")

    with pytest.raises(SettingsError, match=r":3: pets\[0\]\.name: .*string.*:4: pets\[1\]\.nme: .*Did you mean name"):
        await remembering_world(pets_document(), state=str(path)).seed()


async def test_a_resource_goes_back_to_the_snapshot_that_the_mock_began_with(path: Path) -> None:
    """After a reset of one resource its records are those of the snapshot, and those of others stay."""
    first = remembering_world(pets_document())
    await first.seed()
    assert first.memory is not None
    await first.memory.remembered["pets"].create((), {"name": "Rex"}, None)
    taken = await first.snapshot()
    _write(path, json.dumps(_whole(taken)))

    world = remembering_world(pets_document(), state=str(path))
    await world.seed()
    assert world.memory is not None
    pets = world.memory.remembered["pets"]
    await pets.delete(("4",))
    await world.reset_resource("pets")

    assert (await pets.read(("4",))).data["name"] == "Rex"


def test_only_files_are_read(tmp_path: Path) -> None:
    """A pipe, which one would have to wait for, a folder, and a huge file are refused at once."""
    os.mkfifo(tmp_path / "pipe.yaml")
    with (tmp_path / "huge.yaml").open("wb") as huge:
        huge.truncate(LARGEST + 1)

    for name, reason in (("pipe.yaml", "is no file"), ("", "is no file"), ("huge.yaml", "more than 64 MiB")):
        with pytest.raises(SettingsError, match=reason):
            StateFile(tmp_path / name)
