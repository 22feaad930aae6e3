"""Written JSON: the text of a body that a contract describes, whose numbers may be of any size."""

import json
from typing import Any

import orjson


def text_of_json(content: Any) -> bytes:
    """The text of a JSON value; names that YAML read as numbers are texts."""
    try:
        return orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:  # whole numbers beyond 64 bits, halves of surrogate pairs
        return json.dumps(content, separators=(",", ":")).encode()
