"""mockserver.openapi.resources.kept: what was recognised is the same at the next start."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.openapi.cache import Cache, Kept
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import recognise, resources_of
from tests.support.contracts_of import Json
from tests.support.recognising import deep_document, loans_document
from tests.support.remembering import contract_of, pets_document, told_loans, with_cards

DOCUMENTS = {
    "pets": pets_document(),
    "loans": loans_document(),
    "told": told_loans("toyId"),
    "cards": with_cards("id"),
    "deep": deep_document(),
}


def _started(document: Json, folder: Path) -> Contract:
    contract = contract_of(document)
    contract.kept = Kept(Cache(str(folder)), b"the text", "1")
    return contract


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_next_start_recognises_the_same(name: str, tmp_path: Path) -> None:
    """What is read of what was kept is equal to what was recognised."""
    first, second = (_started(DOCUMENTS[name], tmp_path) for _ in range(2))

    recognised = resources_of(first)
    assert len(second.kept.get("resources")) == len(recognised) > 0
    assert resources_of(second) == recognised == recognise(contract_of(DOCUMENTS[name]))


def _without_role(stored: list[Any]) -> Any:
    return [{**stored[0], "operations": [{**stored[0]["operations"][0], "role": "paint"}]}]


@pytest.mark.parametrize(
    "broken", [lambda _: 3, lambda _: [None], lambda kept: [{"name": kept[0]["name"]}], _without_role]
)
def test_what_cannot_be_read_is_recognised_again(broken: Any, tmp_path: Path) -> None:
    """A file that says something else, as one of another version might, does no harm, and is written anew."""
    first = resources_of(_started(pets_document(), tmp_path))
    contract = _started(pets_document(), tmp_path)
    kept = contract.kept.get("resources")
    contract.kept.put("resources", broken(kept))

    assert resources_of(contract) == first
    assert contract.kept.get("resources") == kept
