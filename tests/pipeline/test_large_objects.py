"""mockserver.pipeline.large_objects: incremental validation finds what validation of the whole object finds."""

from typing import Any

import orjson
import pytest

from mockserver.openapi.contract import Contract
from mockserver.pipeline.large_objects import LargeObjectCodec
from mockserver.violations import Violation

pytestmark = pytest.mark.anyio

THING = {
    "type": "object",
    "additionalProperties": False,
    "required": ["rows"],
    "properties": {
        "rows": {"type": "array", "minItems": 2, "items": {"type": "integer"}},
        "few": {"type": "array", "minItems": 3, "maxItems": 4, "items": {"type": "integer"}},
        "any": {"type": "array", "items": {"type": "integer"}},
    },
}
WHOLE_THING = {"allOf": [{"$ref": "#/components/schemas/Thing"}, {"required": ["any"]}]}
SCHEMAS = {"Thing": THING, "WholeThing": WHOLE_THING}
CONTRACT = Contract(b"", {"openapi": "3.0.3", "paths": {}, "components": {"schemas": SCHEMAS}})
POINTERS = [f"/components/schemas/{name}" for name in SCHEMAS]
CONTENTS: dict[str, dict[str, Any]] = {
    "enough": {"rows": [1, 2]},
    "more": {"rows": [1, 2, 3, 4, 5, 6], "few": [1, 2, 3], "any": []},
    "as many as may be": {"rows": [1, 2], "few": [1, 2, 3, 4]},
    "none": {"rows": []},
    "too few": {"rows": [1]},
    "too few elsewhere": {"rows": [1, 2], "few": [1, 2]},
    "too many": {"rows": [1, 2], "few": [1, 2, 3, 4, 5]},
    "a bad one": {"rows": [1, 2, 3, "x"]},
    "a list is missing": {"any": [1]},
}


@pytest.mark.parametrize("pointer", POINTERS)
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
async def test_reading_judges_as_the_whole_is_judged(content: dict[str, Any], pointer: str) -> None:
    """The first violation of the whole, if any, is what reading finds."""
    problems: list[Violation] = []

    read = await LargeObjectCodec(CONTRACT, pointer).read(orjson.dumps(content), 10, problems)

    assert problems == CONTRACT.validator(pointer).first_violation(content)
    assert problems or read == content


@pytest.mark.parametrize("pointer", POINTERS)
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
async def test_sample_of_what_is_written_is_valid_where_the_whole_is(content: dict[str, Any], pointer: str) -> None:
    """What is written is the whole, and a judge of its sample comes to the same result as one of the whole."""
    validator = CONTRACT.validator(pointer)

    written = await LargeObjectCodec(CONTRACT, pointer).write({name: iter(items) for name, items in content.items()})

    assert orjson.loads(written.text) == content
    assert validator.is_valid(written.sample) is validator.is_valid(content)
