"""A judged document: a contract as it is handed to whoever judges by it with tools of others.

Such tools know operations by their ids alone, so each has one that is its own. They also read YAML, and the like, where
a contract says `type: string`: that means the text itself, whatever it says, and is left out.
"""

from collections.abc import Mapping
from typing import Any

from mockserver.openapi.contract import Contract
from mockserver.openapi.structure import bare_type

Json = dict[str, Any]


def judged_document(contract: Contract, ids: Mapping[tuple[str, str], str]) -> Json:
    """The document of a contract, with these ids of its operations, by path and method."""
    paths = {path: dict(item) for path, item in contract.document["paths"].items()}
    for (path, method), operation_id in ids.items():
        paths[path][method] = {**_plain(contract, paths[path][method]), "operationId": operation_id}
    return {**contract.document, "paths": paths}


def _plain(contract: Contract, declared: Mapping[str, Any]) -> Json:
    """An operation whose responses have no schemas of texts."""
    responses = declared.get("responses", {})
    plain = {status: _response(contract, response) for status, response in responses.items()}
    return {**declared, "responses": plain} if responses else dict(declared)


def _response(contract: Contract, response: Any) -> Any:
    content = contract.resolved(response).get("content", {}) if isinstance(response, dict) else {}
    texts = {media_type for media_type, entry in content.items() if _is_text(contract, media_type, entry)}
    if not texts:
        return response
    without = {name: {key: value for key, value in content[name].items() if key != "schema"} for name in texts}
    return {**contract.resolved(response), "content": {**content, **without}}


def _is_text(contract: Contract, media_type: str, entry: Mapping[str, Any]) -> bool:
    schema = entry.get("schema")
    is_json = bare_type(media_type).endswith("json") or "*" in media_type
    return isinstance(schema, dict) and not is_json and contract.resolved(schema).get("type") == "string"
