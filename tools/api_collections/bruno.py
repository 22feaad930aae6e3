"""Bruno's format of collections: a folder of text files, in which blocks hold pairs or text."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace

from tools.api_collections.model import SUCCESS, Collection, Request, Variable

MOCK, INSTANCE = "mock", "instance"  # the environments
_QUOTED = frozenset(':"{} ')  # what a key can't hold as it is


def files(collection: Collection, base: str) -> dict[str, str]:
    """The files of the collection, by path; `base` is the variable with the host."""
    about = {"version": "1", "name": collection.title, "type": "collection", "ignore": []}
    found = {
        "bruno.json": json.dumps(about, indent=2, ensure_ascii=False) + "\n",
        "collection.bru": _text("docs", collection.description),
        f"environments/{MOCK}.bru": _environment(collection.variables),
        f"environments/{INSTANCE}.bru": _environment(_elsewhere(collection, base)),
    }
    for number, (folder, requests) in enumerate(collection.folders.items(), 1):
        path = f"{number:02}-{_slug(folder)}"
        meta = _pairs("meta", [("name", folder), ("seq", str(number))])
        found[f"{path}/folder.bru"] = meta
        for place, request in enumerate(requests, 1):
            found[f"{path}/{place:02}-{_slug(request.name)}.bru"] = _request(request, place, base)
    return found


def _elsewhere(collection: Collection, base: str) -> list[Variable]:
    """The variables for another server. Of the secret ones only the names are there: Bruno keeps the values itself."""
    found = (replace(one, value=collection.elsewhere) if one.name == base else one for one in collection.variables)
    return [replace(one, value="") if one.secret else one for one in found]


def _environment(variables: Iterable[Variable]) -> str:
    """The variables that have a value, and the names of secret ones that have none."""
    variables = list(variables)
    shown = _pairs("vars", [(one.name, one.value) for one in variables if one.value])
    names = ",\n".join(f"  {one.name}" for one in variables if one.secret and not one.value)
    return shown + (f"vars:secret [\n{names}\n]\n" if names else "")


def _request(request: Request, place: int, base: str) -> str:
    sent = "&".join(f"{parameter.name}={parameter.value}" for parameter in request.query if parameter.enabled)
    url = f"{{{{{base}}}}}{request.path}" + (f"?{sent}" if sent else "")
    body, auth = "none" if request.body is None else "json", "none" if request.token is None else "bearer"
    blocks = [
        _pairs("meta", [("name", request.name), ("type", "http"), ("seq", str(place))]),
        _pairs(request.method.lower(), [("url", url), ("body", body), ("auth", auth)]),
    ]
    if request.query:
        pairs = [(("" if one.enabled else "~") + _key(one.name), one.value) for one in request.query]
        blocks.append(_pairs("params:query", pairs))
    blocks.append(_pairs("headers", [("Accept", "application/json")]))
    if request.token is not None:
        blocks.append(_pairs("auth:bearer", [("token", f"{{{{{request.token}}}}}")]))
    if request.body is not None:
        blocks.append(_text("body:json", request.body))
    if request.escapes:
        blocks.append(_text("script:pre-request", _before(request)))
    if request.captures:
        blocks.append(_text("script:post-response", _after(request)))
    blocks.append(_text("tests", _test()))
    blocks.append(_text("docs", _docs(request)))
    return "\n".join(blocks)


def _before(request: Request) -> str:
    return "\n".join(
        f'bru.setVar("{one.escaped}", JSON.stringify(bru.interpolate("{{{{{one.variable}}}}}")).slice(1, -1));'
        for one in request.escapes
    )


def _after(request: Request) -> str:
    stored = [f'  bru.setVar("{one.variable}", {one.expression("res.body")});' for one in request.captures]
    return "\n".join(["if (res.status < 300) {", *stored, "}"])


def _test() -> str:
    return f'test("{SUCCESS}", () => {{\n  expect(res.status).to.be.within(200, 299);\n}});'


def _docs(request: Request) -> str:
    """The description, with a list of the query's parameters, to which Bruno gives no room for words."""
    rows = [f"- `{parameter.name}`: {' '.join(parameter.description.split())}" for parameter in request.query]
    return "\n\n".join(filter(None, [request.description, "\n".join(rows)]))


def _pairs(block: str, pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join([f"{block} {{", *(f"  {name}: {value}".rstrip() for name, value in pairs), "}", ""])


def _text(block: str, text: str) -> str:
    return "\n".join([f"{block} {{", *(f"  {line}".rstrip() for line in text.splitlines()), "}", ""])


def _key(name: str) -> str:
    if _QUOTED.isdisjoint(name):
        return name
    escaped = name.replace('"', '\\"')
    return f'"{escaped}"'


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
