"""Valid requests, one for each operation of a document, made by Schemathesis: without chance, so the same each time."""

import warnings
from base64 import b64encode
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import HypothesisException
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.errors import SchemathesisError

from mockserver.openapi.loading import Source

PLACE = "http://mock.invalid"
FORM = "application/x-www-form-urlencoded"
ONE = settings(
    max_examples=1,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request to send with `requests`: the address without a server, everything else as its keywords."""

    path: str
    method: str
    url: str
    keywords: Mapping[str, Any]


def prepared(document: Path) -> Iterator[Prepared]:
    """A request for each operation for which one can be made."""
    schema = _loaded(document)
    schema.config.update(base_url=PLACE)
    _fill(schema.raw_schema)
    schemes = schema.raw_schema.get("components", {}).get("securitySchemes", {})
    everywhere = schema.raw_schema.get("security", [])
    for found in schema.get_all_operations():
        operation = found.ok()
        keywords = _generated(operation)
        if keywords is not None:
            alternatives = operation.definition.raw.get("security", everywhere)
            _authorise(keywords, [schemes[name] for name in next(iter(alternatives), {}) if name in schemes])
            keywords = {key: value for key, value in keywords.items() if key not in ("method", "url")}
            yield Prepared(operation.path, operation.method.lower(), keywords.pop("address"), keywords)


def _loaded(document: Path) -> Any:
    """The document, as Schemathesis reads it: it can't read a byte order mark."""
    text = document.read_bytes()
    if text.startswith(BOM_UTF8):
        return schemathesis.openapi.from_dict(Source(str(document), text).content, config=SchemathesisConfig())
    return schemathesis.openapi.from_path(str(document), config=SchemathesisConfig())


def _generated(operation: Any) -> dict[str, Any] | None:
    """The simplest valid request, as `requests` takes it; None if Schemathesis can't make one."""
    made: list[dict[str, Any]] = []

    @ONE
    @given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def make(case: Any) -> None:
        made.append(case.as_transport_kwargs(base_url=PLACE))

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            make()
    except (HypothesisException, SchemathesisError):
        return None
    if isinstance(made[0].get("data"), dict):
        made[0]["data"] = {
            field: value for name, inner in made[0]["data"].items() for field, value in _fields(name, inner)
        }
    return made[0] | {"address": made[0]["url"].removeprefix(PLACE).replace("#", "%23")}


def _fields(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A property of a form as fields. Objects in a list need an index, or `requests` loses them: `lines[0][price]`."""
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        for step, inner in value.items():
            yield from _fields(f"{name}[{step}]", inner)
    else:
        yield name, value


def _authorise(keywords: dict[str, Any], schemes: list[Mapping[str, Any]]) -> None:
    """Add a credential of the right form for each scheme."""
    for scheme in schemes:
        if scheme["type"] == "apiKey":
            place = {"header": "headers", "query": "params", "cookie": "cookies"}[scheme["in"]]
            keywords[place] = {**(keywords.get(place) or {}), scheme["name"]: "a-key"}
        elif scheme.get("scheme", "").lower() == "basic":
            keywords["headers"]["Authorization"] = f"Basic {b64encode(b'ada:lovelace').decode()}"
        else:
            keywords["headers"]["Authorization"] = "Bearer a-token"


def _fill(node: Any) -> None:
    """Ask for something in what would be nothing: no field can tell an empty array or object, and some servers take
    an empty text for none."""
    if isinstance(node, list):
        for each in node:
            _fill(each)
    elif isinstance(node, dict):
        if "in" in node:
            _fill_schema(node.get("schema"))
        _fill_schema((node.get(FORM) or {}).get("schema") if isinstance(node.get(FORM), dict) else None)
        for each in node.values():
            _fill(each)


def _fill_schema(schema: Any) -> None:
    if not isinstance(schema, dict):
        return
    match schema.get("type"):
        case "string" if not schema.keys() & {"enum", "format", "minLength", "maxLength", "pattern"}:
            schema["minLength"] = 1
        case "array" if not schema.keys() & {"minItems", "maxItems"}:
            schema["minItems"] = 1
        case "object" if schema.get("properties"):
            schema.setdefault("minProperties", 1)
    inner = [schema.get("items"), *(schema.get("properties") or {}).values(), *schema.get("anyOf", ())]
    for each in inner:
        _fill_schema(each)


@schemathesis.serializer("application/cbor", "application/x-tar")
def _bytes(_context: Any, value: Any) -> bytes:
    """Bodies that Schemathesis doesn't know how to write: any bytes will do."""
    return value if isinstance(value, bytes) else str(value).encode()


def base_path(servers: list[Mapping[str, Any]]) -> str:
    """The path of the first server, its variables replaced by their defaults."""
    if not servers:
        return ""
    url = servers[0]["url"]
    for name, variable in servers[0].get("variables", {}).items():
        url = url.replace(f"{{{name}}}", str(variable["default"]))
    path: str = urlsplit(url).path
    return path.rstrip("/")
