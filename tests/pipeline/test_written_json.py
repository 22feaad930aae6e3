"""mockserver.pipeline.written_json: bodies with numbers of any size."""

import json
from pathlib import Path

import pytest

from mockserver.pipeline.written_json import text_of_json
from tests.support.contracts_of import json_body
from tests.support.foreign import serving


def test_any_number_is_written() -> None:
    """A number that the usual writer refuses is written in full."""
    assert text_of_json({"a": 10**30, 1: "ä"}) == b'{"a":%d,"1":"\\u00e4"}' % 10**30
    assert text_of_json({"a": [1, "ä"]}) == '{"a":[1,"ä"]}'.encode()


@pytest.mark.parametrize("is_remembered", [True, False])
def test_answers_hold_any_number(tmp_path: Path, is_remembered: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """A contract whose ids are beyond 64 bits is answered by valid examples."""
    body = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "minimum": 10**30}}}
    posted = {"requestBody": json_body({"type": "object"}), "responses": {"201": json_body(body)}}
    shown = {"responses": {"200": json_body(body)}}
    path_id = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    items = {"/a/{id}": {"parameters": [path_id], "get": shown}} if is_remembered else {}

    with serving(tmp_path, {"/a": {"get": shown, "post": posted}, **items}) as client:
        for answer in (client.get("/a"), client.post("/a", json={})):
            assert answer.is_success
            assert json.loads(answer.content)["id"] >= 10**30
