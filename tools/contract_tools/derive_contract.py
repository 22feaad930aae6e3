"""Makes a derived copy of the contract in which webhook events are ordinary paths.

The contract describes its events in the extension ``x-webhooks`` (OpenAPI 3.0 has no
``webhooks``). Validators, linters and generators do not look inside an extension. In the
derived copy each entry ``NAME`` is the path ``/x-webhooks/NAME``, and every reference to it is
rewritten, so that the same tools see the events too.

    python -m tools.contract_tools.derive_contract openapi.yaml DERIVED.json
"""

import copy
import json
import re
import sys
from pathlib import Path
from typing import Any

from mockserver.openapi.loading import Source
from mockserver.openapi.structure import EVENTS, pointer_to

PREFIX = f"/{EVENTS}/"
_REFERENCE = re.compile(rf"^#/{EVENTS}/")
_ESCAPED = "#" + pointer_to("paths", PREFIX)


def read(path: Path) -> dict[str, Any]:
    """The document at ``path`` (YAML or JSON).

    Raises ContractError if it can't be read, ValueError if it is not an object.
    """
    document = Source(str(path), path.read_bytes()).content
    if not isinstance(document, dict):
        raise ValueError(f"{path} is not an OpenAPI document")  # noqa: TRY004 - the file is wrong, not the caller
    return document


def with_events_as_paths(document: dict[str, Any]) -> dict[str, Any]:
    """A copy of ``document`` whose ``x-webhooks`` entries are paths ``/x-webhooks/NAME``.

    References ``#/x-webhooks/NAME`` become ``#/paths/~1x-webhooks~1NAME``. Without the
    extension the copy equals the document. Raises ValueError if such a path exists already.
    """
    derived = copy.deepcopy(document)
    events: dict[str, Any] = derived.pop(EVENTS, {})
    paths: dict[str, Any] = derived.setdefault("paths", {})
    for name, item in events.items():
        path = PREFIX + name
        if path in paths:
            raise ValueError(f"the contract has a path {path} already")
        paths[path] = item
    _rewrite_references(derived)
    return derived


def _rewrite_references(node: Any) -> None:
    """Points every ``$ref`` below ``node`` that leads into the extension at the paths, in place."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            node["$ref"] = _REFERENCE.sub(_ESCAPED, reference)
        children: list[Any] = list(node.values())
    else:
        children = node if isinstance(node, list) else []
    for child in children:
        _rewrite_references(child)


def main(arguments: list[str]) -> int:
    """Command line: reads the first file, writes the derived copy as JSON into the second."""
    try:
        contract, target = map(Path, arguments)
    except ValueError:
        sys.stderr.write("usage: python -m tools.contract_tools.derive_contract CONTRACT DERIVED.json\n")
        return 2
    derived = with_events_as_paths(read(contract))
    text = json.dumps(derived, indent=2, ensure_ascii=False) + "\n"
    target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
