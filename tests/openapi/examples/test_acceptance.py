"""mockserver.openapi.examples.acceptance: an example is valid, the same, and the declared one if it fits."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples, NoExample
from mockserver.openapi.structure import METHODS
from tests.openapi.examples.schemas import BOOLEAN, INTEGER, ROOT, STRING, array, contract_of, made, record, ref


def responses(contract: Contract) -> Iterator[str]:
    """The pointers of the schemas of all responses."""
    for path, item in contract.document["paths"].items():
        for method in item.keys() & set(METHODS):
            for response in contract.operation(path, method).responses.values():
                yield from filter(None, response.media_types.values())


@pytest.mark.parametrize("seed", range(5))
def test_a_valid_example_of_the_contract_wins(seed: int) -> None:
    """An `example` that the schema accepts is answered as it stands, at any depth."""
    assert made({**record(a=INTEGER), "example": {"a": 7, "z": [1]}}, seed) == {"a": 7, "z": [1]}
    assert made(record(a={**STRING, "example": "shown"}), seed) == {"a": "shown"}
    assert made({"allOf": [ref("Shown")]}, seed, Shown={**STRING, "example": "shown"}) == "shown"


def test_an_invalid_example_of_the_contract_is_passed_over() -> None:
    """Of an example that the schema doesn't accept only the valid parts' own examples are left."""
    schema = {**record("a", a=INTEGER, b={**STRING, "example": "shown"}), "example": {"a": "wrong", "b": "x"}}

    value = made(schema)

    assert isinstance(value["a"], int)
    assert value["b"] == "shown"


def test_a_default_is_better_than_chance() -> None:
    """A `default` is used where there is no example, unless it says nothing."""
    assert made({**STRING, "default": "usual"}) == "usual"
    assert made({**STRING, "default": "usual", "example": "shown"}) == "shown"
    assert made({**BOOLEAN, "default": False}) is False
    assert made({**STRING, "default": ""}) != ""
    assert isinstance(made({**INTEGER, "default": "wrong"}), int)


def test_what_is_write_only_is_not_sent() -> None:
    """Properties that only a client sends are left out, of examples too, unless the schema can't do without."""
    secret = {**STRING, "writeOnly": True}
    schema = record("pin", id=INTEGER, password=secret, token=ref("Secret"), pin=secret)

    assert set(made(schema, Secret=secret)) == {"id", "pin"}
    shown = {"id": 1, "password": "x", "token": "x", "pin": "1234"}
    assert made({**schema, "example": shown}, Secret=secret) == {"id": 1, "pin": "1234"}


SHOP = record("id", id={**STRING, "format": "uuid"}, name=STRING, tags=array({"enum": list("abcdef")}), price=INTEGER)


def test_a_value_depends_on_seed_and_place_alone() -> None:
    """Calls before change nothing, nor does changing what they answered; another seed does."""
    contract = contract_of(SHOP, Other=SHOP)
    examples = Examples(contract, 1)

    first: Any = examples.response(ROOT)
    other = Examples(contract, 1)
    assert other.response("/components/schemas/Other") != first
    assert other.response(f"#{ROOT}") == first
    assert Examples(contract, 2).response(ROOT) != first

    first["tags"].append("changed")
    assert examples.response(ROOT) == other.response(ROOT) != first


def test_a_value_is_the_same_in_every_process() -> None:
    """Processes with other hash seeds make the same values, byte for byte."""
    code = (
        "import json; from mockserver.openapi.contract import Contract;"
        "from mockserver.openapi.examples import Examples;"
        "contract = Contract.load(); examples = Examples(contract, 1);"
        "print(json.dumps([examples.response(f'/components/schemas/{name}')"
        " for name in contract.document['components']['schemas']]))"
    )

    answers = [
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]

    assert len(answers[0]) > 1000
    assert answers[0] == answers[1]


@pytest.mark.parametrize("seed", range(3))
def test_every_response_of_the_contract_has_an_example(contract: Contract, seed: int) -> None:
    """Each response of the shipped contract can be made up, and keeps to its schema."""
    examples = Examples(contract, seed)
    pointers = list(responses(contract))

    wrong = [pointer for pointer in pointers if contract.validator(pointer).violations(examples.response(pointer))]

    assert len(pointers) > 50
    assert wrong == []


@pytest.mark.parametrize("seed", range(3))
def test_every_event_of_the_contract_has_an_example(contract: Contract, seed: int) -> None:
    """Each event of the shipped contract can be made up, and keeps to its schema."""
    examples = Examples(contract, seed)
    end = "post/requestBody/content/application~1json/schema"
    pointers = [f"/x-webhooks/{name}/{end}" for name in contract.event_names]

    wrong = [pointer for pointer in pointers if contract.validator(pointer).violations(examples.response(pointer))]

    assert pointers
    assert wrong == []


def test_branches_that_look_alike_have_an_example_by_the_other_reading() -> None:
    """Two equal open branches exclude each other; with a discriminator there is an example all the same."""
    told = {"oneOf": [ref("A"), ref("B")], "discriminator": {"propertyName": "kind"}}
    examples = Examples(contract_of(told, A=record("kind", kind=STRING), B=record("kind", kind=STRING)), 1)

    with pytest.raises(NoExample):
        examples.response(ROOT)
    assert examples.response(ROOT, strict=False) == {"kind": "A"}


TOOL = record(
    "id",
    id=INTEGER,
    name={**STRING, "example": "Drill", "maxLength": 8},
    kind={"enum": ["a", "b", "c"], "default": "a"},
    city=STRING,
)


def test_variations_are_records_of_a_kind() -> None:
    """Successive variations differ in name, choice and town; the first one has what is declared, and each is always the
    same."""
    examples = Examples(contract_of(TOOL), 1)
    found: list[Any] = [examples.response(ROOT, variation=f"initial {number}") for number in (1, 2, 3)]

    assert [one["name"] for one in found] == ["Drill", "Drill 2", "Drill 3"]
    assert found[0]["kind"] == "a"
    assert found[1]["kind"] != found[2]["kind"]
    assert len({one["city"] for one in found}) == 3
    assert Examples(contract_of(TOOL), 1).response(ROOT, variation="initial 3") == found[2]


def test_a_variation_breaks_no_schema() -> None:
    """Where a number after the name would be too long, the name stays."""
    long: Any = Examples(contract_of(TOOL), 1).response(ROOT, variation="123456")

    assert long["name"] == "Drill"


def test_a_model_is_varied() -> None:
    """A value like another one differs in what its schema leaves open, at any depth; the first one is the model, and a
    model that can't differ stays."""
    choice = {"oneOf": [record("kind", kind={"enum": ["x"]}, code=INTEGER), record("kind", kind={"enum": ["y"]})]}
    contract = contract_of(record(name=STRING, parts=array(ref("Part")), choice=choice), Part=record(id=INTEGER))
    examples = Examples(contract, 1)
    model = {"name": "Drill", "parts": [{"id": 1}, {"id": 5}], "choice": {"kind": "y"}}

    assert examples.varied(ROOT, model, "3") == {
        "name": "Drill 3",
        "parts": [{"id": 3}, {"id": 7}],
        "choice": {"kind": "y"},
    }
    assert examples.varied(ROOT, model, "1") == model
    assert Examples(contract_of({"enum": ["only"]}), 1).varied(ROOT, "only", "7") == "only"
