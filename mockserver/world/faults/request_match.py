"""Which requests a rule is for: method, path, query, headers and body, by exact values or conditions.

Conditions are compiled to JSON Schema, so that neither a pattern nor a request can make them slow: the time is linear
in what is looked at. control.yaml describes them (`FaultMatch`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple
from urllib.parse import parse_qsl

import jsonschema_rs
import orjson

from mockserver.errors import PayloadTooLarge
from mockserver.http.messages import Request
from mockserver.storage.model import Json

MOST_STEPS = 20  # of a JSON path
NO_BODY = object()  # in place of the body of a request that has none
OPTIONS = jsonschema_rs.RegexOptions(size_limit=1024 * 1024)  # linear time: no look-around, no back-references
_STEP = re.compile(
    r"\.(?P<name>[A-Za-z_][\w-]*)|\[(?P<index>[0-9]{1,2})\]|\[(?P<any>\*)\]|\[(?:'(?P<quoted>[^']*)'|\"(?P<twice>[^\"]*)\")\]"
)
_PATH_PART = re.compile(r"(?P<any>\*)|(?P<segment>\{[^{}/]*\})")

Step = str | int | None  # the name of a member, the index of an item, or None for any item


class RequestView:
    """What rules see of a request. Each part is read once, and only if one asks for it."""

    def __init__(self, request: Request, operation_id: str | None) -> None:
        self._request, self.operation_id = request, operation_id
        self.method, self.path = request.method, request.path

    @property
    def store_code(self) -> str | None:
        """The store that the path names, if there is an operation to say so."""
        return self._request.path_parameters.get("storeCode")

    @property
    def parameters(self) -> Mapping[str, str]:
        """The path parameters, by the names that the contract gives them."""
        return self._request.path_parameters

    @cached_property
    def query(self) -> Mapping[str, Sequence[str]]:
        """The values of each query parameter, decoded, in their order."""
        values: dict[str, list[str]] = {}
        for name, value in parse_qsl(self._request.query_string.decode("latin-1"), keep_blank_values=True):
            values.setdefault(name, []).append(value)
        return values

    def header(self, name: str) -> str | None:
        """The value of a header, in any case; that of a repeated one is a list with commas."""
        value = self._request.headers.get(name.lower().encode("latin-1", "replace"))
        return None if value is None else value.decode("latin-1")

    @cached_property
    def body(self) -> object:
        """The body as JSON, as a text if it is none, or NO_BODY. It must have been read before, by `read`."""
        body = self._request.body
        if not body:
            return NO_BODY
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            return body.decode("utf-8", "replace")

    async def read(self) -> None:
        """Read the body. One that is too large counts as none. Raises Disconnected."""
        try:
            await self._request.read()
        except PayloadTooLarge:
            self.body = NO_BODY  # its operation refuses it


class FaultConditions:
    """The conditions of a rule for requests, compiled. Raises ValueError if one can't be (`checks` tells which)."""

    def __init__(self, wanted: Json) -> None:
        self._operation_id, self._store_code = wanted.get("operationId"), wanted.get("storeCode")
        self._method = wanted.get("method")
        self._path = path_test(wanted["path"]) if "path" in wanted else None
        self._query = [(name, _Condition.of(value)) for name, value in wanted.get("query", {}).items()]
        self._headers = [(name, _Condition.of(value)) for name, value in wanted.get("headers", {}).items()]
        self._body = body_test(wanted["body"]) if wanted.get("body") else None

    @property
    def reads_body(self) -> bool:
        """Whether it looks at the body."""
        return self._body is not None

    def holds(self, view: RequestView) -> bool:
        """Whether a request fits. One that no operation answers (404, 405) fits only where a path is wanted."""
        if view.operation_id is None and self._path is None:
            return False
        return (
            self._operation_id in (None, view.operation_id)
            and self._store_code in (None, view.store_code)
            and self._method in (None, view.method)
            and (self._path is None or self._path.is_valid(view.path))
            and all(condition.holds(view.query.get(name, ())) for name, condition in self._query)
            and all(condition.holds(_listed(view.header(name))) for name, condition in self._headers)
            and (self._body is None or self._body.is_valid([] if view.body is NO_BODY else [view.body]))
        )


def path_test(wanted: str) -> jsonschema_rs.Validator:
    """The test of a path as it was sent: `{name}` stands for a segment or a part of one, `*` for anything."""
    pattern, end = "", 0
    for part in _PATH_PART.finditer(wanted):
        pattern += re.escape(wanted[end : part.start()]) + (r"[\s\S]*" if part["any"] else "[^/]+")
        end = part.end()
    return compiled(_text_like(f"^(?:{pattern}{re.escape(wanted[end:])})$"))


def body_test(wanted: Json) -> jsonschema_rs.Validator:
    """The test of a body, which is handed in as a list of one, or of none where there is no body."""
    return compiled({"allOf": [_of_body(steps_of(path), value) for path, value in wanted.items()]})


def steps_of(path: str) -> list[Step]:
    """The steps of a JSON path: `$.items[0].sku`, `$['odd name']`, `$.items[*].sku`; `$` may be left out.

    Raises ValueError for any other.
    """
    rest = path if path.startswith("[") else path.removeprefix("$") if path.startswith("$") else f".{path}"
    steps: list[Step] = []
    end = 0
    while end < len(rest):
        found = _STEP.match(rest, end)
        if not found or len(steps) == MOST_STEPS:
            raise ValueError(path)
        steps.append(_step(found))
        end = found.end()
    return steps


def compiled(schema: object) -> jsonschema_rs.Validator:
    """The compiled JSON Schema. Raises ValueError for a pattern that needs more than linear time, or much memory."""
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=OPTIONS)  # type: ignore[arg-type]


def value_schema(wanted: object) -> tuple[object, bool | None]:
    """A condition as JSON Schema of a value, and whether the value has to be absent (None: that isn't asked)."""
    if not isinstance(wanted, Mapping):
        return {"const": wanted}, None
    parts: list[object] = [{"const": wanted["equals"]}] if "equals" in wanted else []
    parts += [_containing(wanted["contains"])] if "contains" in wanted else []
    parts += [_text_like(wanted["matches"])] if "matches" in wanted else []
    return {"allOf": parts} if parts else True, wanted.get("absent")


def _step(found: re.Match[str]) -> Step:
    if found["any"]:
        return None
    if found["index"]:
        return int(found["index"])
    return next(name for name in found.group("name", "quoted", "twice") if name is not None)


def _of_body(steps: Sequence[Step], wanted: object) -> object:
    """The JSON Schema of a condition for what stands at a path in a body, the body in a list."""
    schema, absent = value_schema(wanted)
    return {"not": _at([0, *steps], schema)} if absent else _at([0, *steps], schema)


def _at(steps: Sequence[Step], schema: object) -> object:
    """The JSON Schema of a value in which a path leads to a value of this schema."""
    for step in reversed(steps):
        if isinstance(step, str):
            schema = {"type": "object", "required": [step], "properties": {step: schema}}
        elif step is None:
            schema = {"type": "array", "contains": schema}
        else:
            schema = {"type": "array", "minItems": step + 1, "prefixItems": [*[True] * step, schema]}
    return schema


def _containing(part: object) -> object:
    """The JSON Schema of texts in which a text stands, and of lists in which a value does."""
    in_lists = {"type": "array", "contains": {"const": part}}
    return {"anyOf": [in_lists, _text_like(re.escape(part))]} if isinstance(part, str) else in_lists


def _text_like(pattern: str) -> object:
    return {"type": "string", "pattern": pattern}


class _Condition(NamedTuple):
    """A condition for the values of one name."""

    test: jsonschema_rs.Validator
    absent: bool | None

    @classmethod
    def of(cls, wanted: object) -> "_Condition":
        """A condition for texts, compiled: other values are compared as they are written."""
        schema, absent = value_schema(_as_texts(wanted))
        return cls(compiled(schema), absent)

    def holds(self, values: Iterable[str]) -> bool:
        """Whether one of the values fits, or none of them if that is wanted."""
        return any(map(self.test.is_valid, values)) is not bool(self.absent)


def _as_texts(wanted: object) -> object:
    if isinstance(wanted, Mapping):
        return {key: value if key == "absent" else _as_texts(value) for key, value in wanted.items()}
    return wanted if isinstance(wanted, str) else orjson.dumps(wanted).decode()


def _listed(value: str | None) -> Iterator[str]:
    if value is not None:
        yield value
