"""mockserver.spec.subsumption: whether everything sent is accepted, with the counterexamples of `witnesses`."""

from typing import Any

import pytest

from mockserver.openapi.normalization import TooComplex
from mockserver.spec.subsumption import Compatibility, MessageSchemas

Json = dict[str, Any]
INTEGER, NUMBER, TEXT = {"type": "integer"}, {"type": "number"}, {"type": "string"}
YES, NO, UNKNOWN = Compatibility.YES, Compatibility.NO, Compatibility.UNKNOWN


def pet(*required: str, **properties: Json) -> Json:
    """The schema of an object."""
    return {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})


CASES: dict[str, tuple[Json, Json, Compatibility]] = {
    "wider type": (INTEGER, NUMBER, YES),
    "narrower type": (NUMBER, INTEGER, NO),
    "unknown property is ignored": (pet(a=TEXT), pet(b=TEXT), YES),
    "required property is missing": (pet(a=TEXT), pet("b", b=TEXT), NO),
    "required property isn't sent in requests": (pet(), pet("b", b={"readOnly": True}), YES),
    "nothing is sent": ({"not": {}}, TEXT, YES),
    "pattern": (TEXT, {"type": "string", "pattern": "^a$"}, NO),
    "undecided pattern": ({"type": "string", "pattern": "^(?!b)"}, {"type": "string", "pattern": "^(?!b|c)"}, UNKNOWN),
}


@pytest.mark.parametrize(("sent", "accepted", "expected"), CASES.values(), ids=CASES)
def test_compatibility(sent: Json, accepted: Json, expected: Compatibility) -> None:
    """A receiver that accepts everything sent is compatible; a counterexample, or a proof, shows that it isn't."""
    messages = MessageSchemas({}, requests=True)

    assert messages.compatibility(messages.normalized(sent), messages.normalized(accepted)) is expected


def test_schema_that_accepts_nothing() -> None:
    """A schema whose bounds cross accepts nothing, and one with values does."""
    messages = MessageSchemas({}, requests=False)

    assert messages.is_unsatisfiable({"type": "string", "minLength": 2, "maxLength": 1})
    assert not messages.is_unsatisfiable(TEXT)


def test_variants_are_bounded() -> None:
    """More combinations of alternatives than can be compared in time are TooComplex."""
    parts = [{"oneOf": [pet(**{f"p{part}": {"enum": [value]}}) for value in range(4)]} for part in range(5)]
    messages = MessageSchemas({}, requests=True)

    with pytest.raises(TooComplex):
        list(messages.variants(messages.normalized({"allOf": parts})))


def test_unevaluated_ones_are_known_in_each_variant() -> None:
    """What undeclared properties have to be counts once the alternatives are decided, and not for declared ones."""
    messages = MessageSchemas({}, requests=True)
    schema = {"anyOf": [pet(a=TEXT), pet(b=TEXT)], "unevaluatedProperties": INTEGER}

    variants = [variant for variant, _ in messages.variants(messages.normalized(schema))]

    assert [variant["additionalProperties"] for variant in variants] == [INTEGER, INTEGER]
    assert [variant["properties"] for variant in variants] == [{"a": TEXT}, {"b": TEXT}]
