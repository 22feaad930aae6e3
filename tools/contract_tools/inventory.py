"""What an OpenAPI document describes, and what a generated Python client has of it.

An inventory is a set of lines, one for each thing that a generator could lose:

    POST /api/{}/webhook/subscription                           an operation
    POST /api/{}/webhook/subscription: path storecode           a path parameter (spelling ignored)
    GET /api/{}/webhook/subscription: query url[like]           a query, header or cookie parameter
    POST /api/{}/webhook/subscription: body application/json    a media type of the request body
    POST /api/{}/webhook/subscription: response 2XX             a response
    POST /api/{}/webhook/subscription: response 200 .items      a property of an inline schema
    schema Member                                               an object or an enumeration
    schema Member .address.city                                 a property of it
    schema Member .settings.*                                   it may hold names not written down
    schema Member .birthDate|null                               it may be null

Arrays, maps and allOf/oneOf/anyOf are transparent; a ``$ref`` to a schema ends a path, because
the schema that it names has lines of its own. ``ts_inventory.mjs`` makes the same lines from
generated TypeScript.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver.openapi.structure import METHODS, at, steps_of

_PLACEHOLDER = re.compile(r"\{[^}]*\}")


def _spelling(name: str) -> str:
    """``name`` without what generators change about a name: case and punctuation."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _operation_key(method: str, path: str) -> str:
    return f"{method.upper()} {_PLACEHOLDER.sub('{}', path)}"


# --- the document ---------------------------------------------------------------------------


def of_document(document: dict[str, Any]) -> set[str]:
    """The inventory of the paths and component schemas of ``document``."""
    lines: set[str] = set()
    for path, item in _members(document.get("paths", {})):
        for method in METHODS:
            if method in item:
                lines.update(_operation_lines(document, method, path, item))
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        lines.update(_schema_lines(name, schema))
    return lines


def _members(node: dict[str, Any]) -> list[tuple[str, Any]]:
    """The entries of ``node`` that are no extensions."""
    return [(name, value) for name, value in node.items() if not name.startswith("x-")]


def _resolve(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """``node``, or what its ``$ref`` leads to."""
    while "$ref" in node:
        node = at(document, steps_of(node["$ref"]))
    return node


def _operation_lines(document: dict[str, Any], method: str, path: str, item: dict[str, Any]) -> Iterator[str]:
    operation, key = item[method], _operation_key(method, path)
    yield key
    for node in item.get("parameters", []) + operation.get("parameters", []):
        parameter = _resolve(document, node)
        name = parameter["name"]
        place = parameter["in"]
        yield f"{key}: {place} {_spelling(name) if place == 'path' else name}"
    body = _resolve(document, operation.get("requestBody", {}))
    for media, content in body.get("content", {}).items():
        yield f"{key}: body {media}"
        yield from _property_lines(f"{key}: body {media}", content.get("schema", {}))
    for status, node in _members(operation.get("responses", {})):
        yield f"{key}: response {status}"
        for content in _resolve(document, node).get("content", {}).values():
            yield from _property_lines(f"{key}: response {status}", content.get("schema", {}))


def _schema_lines(name: str, schema: dict[str, Any]) -> Iterator[str]:
    values = [value for value in schema.get("enum", []) if value is not None]
    if "properties" in schema or len(schema.get("allOf", [])) > 1 or values:
        yield f"schema {name}"
    yield from _property_lines(f"schema {name}", schema)


def _property_lines(owner: str, schema: dict[str, Any]) -> Iterator[str]:
    for path in property_paths(schema):
        yield f"{owner} {path}"


def property_paths(schema: Any) -> Iterator[str]:
    """Dotted paths (``.address.city``) of the properties that ``schema`` itself writes down."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return
    for name, child in schema.get("properties", {}).items():
        yield f".{name}"
        if _is_nullable(child):
            yield f".{name}|null"
        yield from (f".{name}{path}" for path in property_paths(child))
    if _is_open(schema):
        yield ".*"
    transparent = [schema.get("items"), schema.get("additionalProperties")]
    for combination in ("allOf", "oneOf", "anyOf"):
        transparent.extend(schema.get(combination, []))
    for child in transparent:
        yield from property_paths(child)


def _is_nullable(schema: dict[str, Any]) -> bool:
    """Whether ``schema`` says, itself or in a variant written down in it, that it may be null."""
    variants = schema.get("oneOf", []) + schema.get("anyOf", [])
    return schema.get("nullable", False) or any(map(_is_nullable, variants))


def _is_open(schema: dict[str, Any]) -> bool:
    """Whether ``schema`` is a map or a free-form object."""
    described = {"properties", "allOf", "oneOf", "anyOf", "enum"} & schema.keys()
    free_form = schema.get("type") == "object" and not described
    return schema.get("additionalProperties", free_form) is not False


# --- the Python client ----------------------------------------------------------------------


@dataclass(frozen=True)
class Model:
    """A generated class; properties have their names on the wire.

    ``properties`` and ``additional`` give the classes that a value may be of.
    """

    properties: dict[str, set[str]]
    nullable: set[str]
    additional: set[str]
    is_open: bool


def of_python_client(package: Path, wanted: set[str]) -> set[str]:
    """Those lines of ``wanted`` that the package made by openapi-python-client has.

    Only the source is read. A parameter counts if its name on the wire occurs where the
    request is put together, a property if the class of its owner reads and writes it.
    """
    models = _models(package / "models")
    found: set[str] = set()
    owners: dict[str, set[str]] = {}
    for source in sorted((package / "api").rglob("*.py")):
        _read_endpoint(ast.parse(source.read_text(encoding="utf-8")), models, found, owners)
    for line in wanted - found:
        owner, _, path = line.partition(" .")
        classes = owners.get(owner, set()) or _classes_of_schema(owner, models)
        if classes and (not path or _has_path(models, classes, path)):
            found.add(line)
    return found & wanted


def _has_path(models: dict[str, Model], classes: set[str], path: str) -> bool:
    """Whether one of ``classes`` has the property path (names may contain dots themselves)."""
    reachable = _with_maps(models, classes)
    if path == "*":
        return any(models[name].is_open for name in reachable)
    if any(path == f"{name}|null" for c in reachable for name in models[c].nullable):
        return True
    for name, inner in ((n, i) for c in reachable for n, i in models[c].properties.items()):
        if path == name:
            return True
        if path.startswith(f"{name}.") and _has_path(models, inner, path[len(name) + 1 :]):
            return True
    return False


def _with_maps(models: dict[str, Model], classes: set[str]) -> set[str]:
    """``classes`` and, since maps are transparent, the classes of their additional properties."""
    reached: set[str] = set()
    pending = [name for name in classes if name in models]
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending.extend(models[name].additional & models.keys())
    return reached


def _classes_of_schema(owner: str, models: dict[str, Model]) -> set[str]:
    """The classes made for ``schema NAME``: itself, or one for its items or each variant."""
    name = re.escape(_spelling(owner.removeprefix("schema ")))
    pattern = re.compile(rf"{name}((item|type\d+|additionalproperty)*)")
    return {made for made in models if pattern.fullmatch(made.lower())}


def _models(folder: Path) -> dict[str, Model]:
    classes = [
        node
        for source in folder.glob("*.py")
        for node in ast.parse(source.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    ]
    names = {node.name for node in classes}
    return {node.name: _model(node, names) for node in classes}


def _model(node: ast.ClassDef, names: set[str]) -> Model:
    annotations = {
        part.target.id: part.annotation
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }
    read = set(_popped(node))
    wire = {
        key: annotations[attribute] for key, attribute in _written(node) if key in read and attribute in annotations
    }
    additional = annotations.get("additional_properties")
    return Model(
        properties={key: _names_in(annotation) & names for key, annotation in wire.items()},
        nullable={key for key, annotation in wire.items() if _has_none(annotation)},
        additional=_names_in(additional) & names if additional else set(),
        is_open=additional is not None,
    )


def _has_none(annotation: ast.expr) -> bool:
    """Whether an annotation allows None; ``Any`` does."""
    parts = list(ast.walk(annotation))
    none = any(isinstance(part, ast.Constant) and part.value is None for part in parts)
    return none or "Any" in _names_in(annotation)


def _names_in(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _calls(node: ast.AST, method: str) -> Iterator[ast.Call]:
    """The calls ``….method(…)`` below ``node``."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == method:
            yield call


def _popped(node: ast.AST) -> Iterator[str]:
    """The names that ``from_dict`` reads: ``d.pop("name", …)``."""
    for call in _calls(node, "pop"):
        yield from (text for argument in call.args[:1] for text in _text(argument))


def _written(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Pairs (name, attribute) that ``to_dict`` writes: in a literal or one by one."""
    for part in ast.walk(node):
        pairs: list[tuple[ast.expr | None, ast.expr]] = []
        if isinstance(part, ast.Dict):
            pairs = list(zip(part.keys, part.values, strict=True))
        elif isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Subscript):
            pairs = [(part.targets[0].slice, part.value)]
        for key, value in pairs:
            if isinstance(value, ast.Name):
                yield from ((text, value.id) for text in _text(key))


def _text(node: ast.AST | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _read_endpoint(module: ast.Module, models: dict[str, Model], found: set[str], owners: dict[str, set[str]]) -> None:
    """Adds what one endpoint module has to ``found``, and the classes of its bodies to ``owners``."""
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    if "_get_kwargs" not in functions:
        return
    build = functions["_get_kwargs"]
    entries = dict(_entries(build))
    key = _operation_key(*(next(_text(entries[name])) for name in ("method", "url")))
    found.add(key)
    found.update(f"{key}: path {_spelling(name)}" for name in _url_arguments(build))
    for variable, place in (("params", "query"), ("headers", "header"), ("cookies", "cookie")):
        found.update(f"{key}: {place} {name}" for name in _assigned(build, variable))
    bodies = _names_in(build.args) & models.keys()
    for media in _media_types(build):
        found.add(f"{key}: body {media}")
        owners[f"{key}: body {media}"] = bodies
    for status, classes in _statuses(functions["_parse_response"]):
        found.add(f"{key}: response {status}")
        owners[f"{key}: response {status}"] = classes & models.keys()


def _entries(function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """The entries of the literal with the request's method and URL; ``.format(…)`` is taken off."""
    for literal in (part for part in ast.walk(function) if isinstance(part, ast.Dict)):
        for key, value in zip(literal.keys, literal.values, strict=True):
            called = value.func if isinstance(value, ast.Call) else None
            bare = called.value if isinstance(called, ast.Attribute) else value
            yield from ((name, bare) for name in _text(key))


def _url_arguments(function: ast.FunctionDef) -> Iterator[str]:
    for call in _calls(function, "format"):
        yield from (keyword.arg for keyword in call.keywords if keyword.arg)


def _subscript_values(function: ast.FunctionDef, variable: str) -> Iterator[tuple[str, ast.expr]]:
    """Pairs (text, value) of the assignments ``variable["text"] = value``."""
    for part in ast.walk(function):
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Subscript):
            target = part.targets[0]
            if isinstance(target.value, ast.Name) and target.value.id == variable:
                yield from ((text, part.value) for text in _text(target.slice))


def _assigned(function: ast.FunctionDef, variable: str) -> Iterator[str]:
    return (text for text, _ in _subscript_values(function, variable))


def _media_types(function: ast.FunctionDef) -> Iterator[str]:
    if "files" in set(_assigned(function, "_kwargs")):
        yield "multipart/form-data"
    for text, value in _subscript_values(function, "headers"):
        if text == "Content-Type":
            yield from _text(value)


def _statuses(function: ast.FunctionDef) -> Iterator[tuple[str, set[str]]]:
    """Pairs (status, names used for it) of the answers that the function tells apart."""
    for branch in (part for part in function.body if isinstance(part, ast.If)):
        numbers = [n.value for n in ast.walk(branch.test) if isinstance(n, ast.Constant)]
        used = set().union(*(_names_in(part) for part in branch.body))
        match numbers:
            case [int(first), _]:
                yield f"{first // 100}XX", used
            case [number]:
                yield str(number), used
    rest = [part for part in function.body if not isinstance(part, ast.If)]
    used = set().union(set(), *(_names_in(part) for part in rest))
    if "response_default" in used:
        yield "default", used
