"""mockserver.openapi.examples.drafts: what is drafted keeps to every keyword of its schema, and ends."""

import json
import re
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples, NoExample
from tests.openapi.examples.schemas import (
    BOOLEAN,
    INTEGER,
    ROOT,
    STRING,
    Json,
    array,
    closed,
    contract_of,
    made,
    nested,
    newer,
    record,
    ref,
)

KEPT: dict[str, tuple[Json, Callable[[Any], object]]] = {
    "an integer between bounds": ({"type": "integer", "minimum": 3, "maximum": 4}, lambda v: v in (3, 4)),
    "an excluded minimum": (
        {"type": "integer", "minimum": 3, "exclusiveMinimum": True, "maximum": 4},
        lambda v: v == 4,
    ),
    "an excluded maximum": (
        {"type": "integer", "minimum": 3, "exclusiveMaximum": True, "maximum": 4},
        lambda v: v == 3,
    ),
    "only a maximum": ({"type": "integer", "maximum": -5}, lambda v: v <= -5),
    "a narrow number": (
        {"type": "number", "minimum": 0.1234, "maximum": 0.1235, "exclusiveMinimum": True, "exclusiveMaximum": True},
        lambda v: 0.1234 < v < 0.1235,
    ),
    "a single number": ({"type": "number", "minimum": 2.5, "maximum": 2.5}, lambda v: v == 2.5),
    "cents": (
        {"type": "number", "multipleOf": 0.01, "minimum": 19.98, "exclusiveMinimum": True, "maximum": 19.99},
        lambda v: v == 19.99,
    ),
    "a large multiple": ({"type": "integer", "multipleOf": 7000}, lambda v: v % 7000 == 0),
    "two multiples": ({"allOf": [{"type": "integer", "multipleOf": 4}, {"multipleOf": 6}]}, lambda v: v % 12 == 0),
    "the size of int32": (
        {"type": "integer", "format": "int32", "minimum": 2147483647},
        lambda v: v == 2147483647,
    ),
    "a number without a type": ({"minimum": 5, "maximum": 5}, lambda v: v == 5),
    "a length": ({"type": "string", "minLength": 50, "maxLength": 51}, lambda v: 50 <= len(v) <= 51),
    "an empty text": ({"type": "string", "maxLength": 0}, lambda v: v == ""),
    "a long address": ({"type": "string", "format": "email", "minLength": 40}, lambda v: len(v) >= 40 and "@" in v),
    "a short address": ({"type": "string", "format": "uri", "maxLength": 11}, lambda v: len(v) <= 11 and "://" in v),
    "a pattern": ({"type": "string", "pattern": r"^[A-Z]{3}-\d+$"}, lambda v: re.fullmatch(r"[A-Z]{3}-\d+", v)),
    "two patterns": ({"allOf": [{"pattern": "^a"}, {"pattern": "z$"}]}, lambda v: (v[0], v[-1]) == ("a", "z")),
    "a pattern of a length": ({"pattern": "^[a-z]*[0-9]*$", "minLength": 40, "maxLength": 40}, lambda v: len(v) == 40),
    "a pattern for a name": (record(country={"pattern": "^[A-Z]{2}$"}), lambda v: v["country"] in ("DE", "PT", "PL")),
    "an enum of several types": ({"enum": [1, "a", [2]]}, lambda v: v in (1, "a", [2])),
    "an enum with null": ({"type": "string", "nullable": True, "enum": ["a", None]}, lambda v: v == "a"),
    "null alone": ({"type": "string", "nullable": True, "enum": [None]}, lambda v: v is None),
    "different items": (array({"enum": list("abcde")}, uniqueItems=True, minItems=5), lambda v: len(set(v)) == 5),
    "different numbers": (
        array({**INTEGER, "minimum": 1, "maximum": 9}, uniqueItems=True, minItems=9),
        lambda v: len(set(v)) == 9,
    ),
    "different objects": (
        array(record("a", "b", a={"enum": [1, 2]}, b=BOOLEAN), uniqueItems=True, minItems=4),
        lambda v: len({json.dumps(item) for item in v}) == 4,
    ),
    "many items": (array(STRING, minItems=200), lambda v: len(v) == 200),
    "few items": (array(STRING, maxItems=1), lambda v: len(v) <= 1),
    "undeclared properties": (
        {"type": "object", "minProperties": 3, "additionalProperties": INTEGER},
        lambda v: len(v) >= 3 and all(isinstance(item, int) for item in v.values()),
    ),
    "few properties": ({**record("c", a=STRING, b=STRING, c=STRING), "maxProperties": 2}, lambda v: len(v) == 2),
    "a required property that isn't declared": ({"type": "object", "required": ["a"]}, lambda v: "a" in v),
    "what both parts of allOf ask for": (
        {"allOf": [record("a", a=STRING), record("a", a={"maxLength": 3})]},
        lambda v: len(v["a"]) <= 3,
    ),
    "a closed part of allOf": (
        {"allOf": [closed(a=STRING, b={}), record(b=INTEGER, z=STRING)]},
        lambda v: set(v) == {"a", "b"} and isinstance(v["b"], int),
    ),
    "a value that isn't another": ({"enum": ["a", "b"], "not": {"enum": ["a"]}}, lambda v: v == "b"),
    "an object without a property": (
        {**record(a=STRING, b=STRING), "not": {"required": ["a"]}},
        lambda v: set(v) == {"b"},
    ),
    "anything but an object": ({"not": {"type": "object"}}, lambda v: not isinstance(v, dict)),
    "any of several": ({"anyOf": [{"type": "string", "maxLength": 0}, INTEGER]}, lambda v: v == ""),
    "a number, but no integer": (
        {"oneOf": [{"type": "integer"}, {"type": "number"}]},
        lambda v: not float(v).is_integer(),
    ),
    "a multiple of one": (
        {"type": "integer", "oneOf": [{"multipleOf": 3}, {"multipleOf": 5}]},
        lambda v: (v % 3 == 0) != (v % 5 == 0),
    ),
    "either of two properties": (
        {**record(a=STRING, b=STRING, c=STRING), "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        lambda v: ("a" in v) != ("b" in v) and "c" in v,
    ),
    "an object that another branch would take, too": (
        {"oneOf": [record(a=STRING), record(a=STRING, b=INTEGER)]},
        lambda v: not isinstance(v.get("b"), int),
    ),
    "a branch that takes anything": (
        {"oneOf": [record("a", a=STRING), record("b", b=STRING), {"type": "object"}]},
        lambda v: "a" not in v and "b" not in v,
    ),
    "a discriminator of Swagger 2": (
        {**record("kind", kind=STRING), "discriminator": "kind"},
        lambda v: isinstance(v["kind"], str),
    ),
    "anything": ({}, lambda v: v == {}),
}


@pytest.mark.parametrize(("schema", "keeps"), KEPT.values(), ids=KEPT)
@pytest.mark.parametrize("seed", range(5))
def test_a_schema_is_kept(schema: Json, keeps: Callable[[Any], object], seed: int) -> None:
    """Whatever the seed, the value keeps to the schema, by the contract's judgement and by that of the test."""
    value = made(schema, seed)

    assert contract_of(schema).validator(ROOT).violations(value) == []
    assert keeps(value)


IMPOSSIBLE = {
    "bounds that cross": {"type": "integer", "minimum": 3, "maximum": 2},
    "two types at once": {"allOf": [STRING, INTEGER]},
    "two enums at once": {"allOf": [{"enum": [1]}, {"enum": [2]}]},
    "more items than there are": array(BOOLEAN, uniqueItems=True, minItems=3),
    "a required property that may not be": closed("a"),
    "a pattern that is too long": {"type": "string", "pattern": "^abc$", "maxLength": 2},
    "an enum of another type": {"type": "string", "enum": [1]},
    "branches that are the same": {"oneOf": [STRING, STRING]},
    "itself, without end": record("next", next=ref("Root")),
    "an item of itself, without end": array(ref("Root"), minItems=1),
    "too deep a nest": nested(60),
    "too much": record(*"abcdefgh", **dict.fromkeys("abcdefgh", array(array(INTEGER, minItems=50), minItems=50))),
}


@pytest.mark.parametrize("schema", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_there_is_not_always_an_example(schema: Json) -> None:
    """A schema that nothing fulfils, or only what is beyond measure, has no example; that is said, in one line."""
    with pytest.raises(NoExample, match=r"^[^\n]*#/components/schemas/Root: [^\n]+$"):
        made(schema)


def test_a_place_that_is_none_has_no_example() -> None:
    """Asking for what the contract doesn't have is an error of the contract's."""
    with pytest.raises(Exception, match="Missing"):
        Examples(contract_of(STRING), 1).response("/components/schemas/Missing")


def test_recursion_ends_early() -> None:
    """Optional recursion is left out, an array of itself is empty, and null takes the place of what may be null."""
    tree = record("value", value=STRING, children=array(ref("Root")), parent=ref("Root"))

    assert set(made(tree)) == {"value", "children"}
    assert made(tree)["children"] == []
    assert made({**record("next", next=ref("Root")), "nullable": True}) == {"next": None}


def test_recursion_ends_by_another_branch() -> None:
    """Where a branch leads back to where it began, one that doesn't is taken."""
    sum_ = closed("left", "right", left=ref("Root"), right=ref("Root"))

    assert isinstance(made({"oneOf": [ref("Sum"), INTEGER]}, Sum=sum_), int)


def test_a_schema_may_be_a_part_of_itself() -> None:
    """References that lead to themselves without going inside of the value are followed once."""
    part = {"allOf": [ref("Root"), record(b=STRING)]}

    assert set(made({"allOf": [ref("Part"), record(a=STRING)]}, Part=part)) == {"a", "b"}
    assert made(ref("Root")) == {}


def test_values_are_of_a_modest_size() -> None:
    """A value doesn't grow with the schema: the larger that is, the more of what is optional is left out."""
    levels: dict[str, Any] = {
        f"L{depth}": record(**{f"p{i}": array(ref(f"L{depth + 1}")) for i in range(20)}) for depth in range(6)
    }

    assert len(json.dumps(made(ref("L0"), L6=STRING, **levels))) < 20_000


PET = {**record("kind", kind=STRING), "discriminator": {"propertyName": "kind"}}


CAT = {"allOf": [ref("Pet"), record("lives", lives=INTEGER)]}


DOG = {"allOf": [ref("Pet"), record("tricks", tricks=INTEGER)]}


def test_the_discriminator_names_the_branch() -> None:
    """Of several schemas the one is named that was taken: by its own name, or by that of the mapping."""
    cat, dog = (
        record("kind", "lives", kind=STRING, lives=INTEGER),
        record("kind", "tricks", kind=STRING, tricks=INTEGER),
    )
    by_name = {"propertyName": "kind"}
    by_mapping = {**by_name, "mapping": {"feline": "#/components/schemas/Cat", "canine": "Dog"}}
    branches = {"oneOf": [ref("Cat"), ref("Dog")]}

    assert made({**branches, "discriminator": by_name}, Cat=cat, Dog=dog)["kind"] == "Cat"
    assert made({**branches, "discriminator": by_mapping}, Cat=cat, Dog=dog)["kind"] == "feline"
    assert made({"anyOf": [ref("Dog")], "discriminator": by_mapping}, Cat=cat, Dog=dog)["kind"] == "canine"


def test_the_discriminator_names_the_heir() -> None:
    """A schema that inherits the discriminator is named by it, and in place of a parent one of its subtypes is made."""
    value = made(ref("Pet"), Pet=PET, Cat=CAT, Dog=DOG)

    assert made(ref("Dog"), Pet=PET, Cat=CAT, Dog=DOG)["kind"] == "Dog"
    assert value["kind"] == "Cat"
    assert "lives" in value


def test_the_discriminator_gives_way_to_an_enum() -> None:
    """Where the property lists its values, one of them is taken."""
    cat = record("kind", kind={**STRING, "enum": ["cat"]})

    assert made({"oneOf": [ref("Cat")], "discriminator": {"propertyName": "kind"}}, Cat=cat) == {"kind": "cat"}


def test_the_discriminator_may_point_back() -> None:
    """A parent that lists its children, which refer to the parent, has an example all the same."""
    pet = {**PET, "anyOf": [ref("Cat"), ref("Dog")]}

    value = made(ref("Pet"), Pet=pet, Cat=CAT, Dog=DOG)

    assert value["kind"] == "Cat"
    assert isinstance(value["lives"], int)


def test_a_value_that_fits_one_branch_only_comes_first() -> None:
    """With a discriminator several branches may fit; the value to be sent fits one alone where that can be."""
    told = {"oneOf": [ref("A"), ref("B")], "discriminator": {"propertyName": "kind"}}
    contract = contract_of(told, A=record("kind", kind=STRING), B=record("kind", "name", kind=STRING, name=INTEGER))

    value = Examples(contract, 1).response(ROOT)

    assert contract.validator(ROOT, strict=True).is_valid(value)


@pytest.mark.parametrize(
    "root",
    [
        {"type": "string", "minLength": 2_000_000_000},
        {"type": "string", "minLength": 100_000_000, "pattern": "^a"},
        {"type": "string", "minLength": 300_000_000, "format": "uri"},
        {"type": "string", "pattern": r"^(a{9000})\1{9000}$"},
        {"type": "string", "pattern": r"^(a{900})(\1{900})\2{900}$"},
        {"type": "string", "pattern": "^" + "(){900}" * 900 + "$"},
        {"type": "string", "pattern": "a" * 300_000},
        array({"type": "string", "example": "a" * 100_000}, minItems=9000),
        array(record("a" * 100_000, **{"a" * 100_000: BOOLEAN}), minItems=9000),
        record(*(f"p{n}" for n in range(20_000)), **{f"p{n}": {"pattern": f"^(?!x)[a-z]{n}$"} for n in range(5000)}),
    ],
    ids=lambda root: str(root)[:60],
)
def test_few_words_don_t_ask_for_gigabytes(root: Json) -> None:
    """What would cost too much to make has no example. Whoever writes for one charges the budget before, so memory
    stays small."""
    tracemalloc.start()
    with pytest.raises(NoExample):
        made(root)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 40 * 2**20


def test_what_is_too_long_is_left_out_where_it_may_be() -> None:
    """One absurd property that is optional doesn't take the example of the whole away."""
    assert made(record(a=BOOLEAN, b={"type": "string", "minLength": 2_000_000_000})).keys() == {"a"}


NEWER: dict[str, tuple[Json, Callable[[Any], bool]]] = {
    "one value": ({"const": {"a": [1]}}, lambda value: value == {"a": [1]}),
    "null": ({"const": None}, lambda value: value is None),
    "several types": ({"type": ["integer", "null"], "exclusiveMinimum": 5}, lambda value: value > 5),
    "between": (
        {"type": "integer", "exclusiveMinimum": 5, "exclusiveMaximum": 7},
        lambda value: value == 6,
    ),
    "an example": ({"type": "string", "examples": ["Ada", "Alan"]}, lambda value: value == "Ada"),
    "a pair": (
        {"type": "array", "prefixItems": [STRING, INTEGER], "items": {"not": {}}, "minItems": 2},
        lambda value: [type(each) for each in value] == [str, int],
    ),
    "a list with something in it": (
        {"type": "array", "items": {"type": ["string", "integer"]}, "contains": {"const": 7}, "minContains": 2},
        lambda value: value.count(7) >= 2,
    ),
    "names by a pattern": (
        {
            "type": "object",
            "patternProperties": {"^x-[a-z]{3}$": INTEGER},
            "additionalProperties": False,
            "minProperties": 1,
        },
        lambda value: all(re.fullmatch("x-[a-z]{3}", name) for name in value),
    ),
    "a few names": (
        {"type": "object", "propertyNames": {"enum": ["de", "en"]}, "additionalProperties": STRING, "minProperties": 2},
        lambda value: value.keys() == {"de", "en"},
    ),
    "a condition": (
        {
            "type": "object",
            "properties": {"kind": {"enum": ["a", "b"]}, "size": INTEGER},
            "required": ["kind"],
            "if": {"properties": {"kind": {"const": "a"}}},
            "then": {"required": ["size"]},
            "else": {"properties": {"size": {"not": {}}}},
        },
        lambda value: ("size" in value) is (value["kind"] == "a"),
    ),
    "what goes together": (
        {"type": "object", "properties": {"card": STRING}, "dependentRequired": {"card": ["name"]}},
        lambda value: value.keys() == {"card", "name"},
    ),
    "closed by all parts": (
        {"allOf": [record("a", a=STRING)], "properties": {"b": STRING}, "unevaluatedProperties": False},
        lambda value: value.keys() == {"a", "b"},
    ),
    "undeclared ones": (
        {"allOf": [record("a", a=STRING)], "unevaluatedProperties": INTEGER, "minProperties": 2},
        lambda value: len(value) == 2 and isinstance(value["a"], str),
    ),
    "undeclared ones beside a choice": (
        {"anyOf": [record("a", a=STRING)], "unevaluatedProperties": INTEGER, "minProperties": 2},
        lambda value: len(value) == 2 and isinstance(value["a"], str),
    ),
    "other items": (
        {"allOf": [{"prefixItems": [STRING]}], "type": "array", "unevaluatedItems": INTEGER, "minItems": 3},
        lambda value: [type(each) for each in value] == [str, int, int],
    ),
    "other items than those it contains": (
        {"type": "array", "contains": STRING, "unevaluatedItems": INTEGER, "minItems": 3},
        lambda value: {type(each) for each in value} == {str, int},
    ),
    "several names by an open pattern": (
        {"type": "object", "patternProperties": {"^x": STRING}, "additionalProperties": False, "minProperties": 3},
        lambda value: len(value) == 3,
    ),
    "bytes": ({"type": "string", "contentEncoding": "base64"}, lambda value: len(value) % 4 == 0),
}


@pytest.mark.parametrize(("root", "fits"), NEWER.values(), ids=NEWER)
def test_words_since_openapi_31_are_honoured(root: Json, fits: Callable[[Any], bool]) -> None:
    """Examples are as the keywords of JSON Schema 2020-12 want them, by another's validator, too."""
    assert fits(newer(root))


def test_a_generic_schema_is_bound() -> None:
    """A page of anything that a schema binds to its kind of item has such items."""
    page = {"$id": "page", "$defs": {"item": {"$dynamicAnchor": "item"}}, **array({"$dynamicRef": "#item"}, minItems=1)}
    root = {"$id": "names", "$defs": {"item": {"$dynamicAnchor": "item", "const": "Ada"}}, "allOf": [ref("Page")]}
    document = {"openapi": "3.1.0", "paths": {}, "components": {"schemas": {"Root": root, "Page": page}}}

    value: Any = Examples(Contract(b"", document), 1).response(ROOT)

    assert set(value) == {"Ada"}


def test_what_stands_beside_a_dynamic_reference_counts() -> None:
    """A schema with a dynamic reference is that, and all else that it says."""
    named = {"$dynamicAnchor": "named", **record("name", name=STRING)}
    schemas = {"Root": {"$dynamicRef": "#named", **record("size", size=INTEGER)}, "Named": named}

    document = {"openapi": "3.1.0", "paths": {}, "components": {"schemas": schemas}}
    value: Any = Examples(Contract(b"", document), 1).response(ROOT)

    assert value.keys() == {"name", "size"}


@pytest.mark.parametrize("seed", range(5))
def test_a_list_shows_several_that_differ(seed: int) -> None:
    """A list of objects has two items at least, as far as it may, and declared names are numbered."""
    items = record("name", name={"type": "string", "example": "Drill"})

    names = [one["name"] for one in made(record("data", data=array(items)), seed)["data"]]
    assert names == ["Drill", "Drill 2", "Drill 3"][: max(2, len(names))]
    assert len(made(array(items, maxItems=1), seed)) == 1
