"""Changes of an operation: of its parameters, bodies, responses, security and documentation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.openapi.structure import Steps, mapping
from mockserver.spec.diff.changes import SIDES, Change, ChangeKind, shown, signature
from mockserver.spec.diff.schemas import SchemaComparison, label, wording
from mockserver.spec.diff.unchanged import UnchangedParts
from mockserver.spec.outline import DeclaredOperation, Outline

Where = tuple[str, ...]

_DOCUMENTATION = ("summary", "description", "externalDocs", "tags", "links", "example", "examples")
_NAMED = ("links", "examples")  # mappings whose entries may be references
_STYLE = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_NO_PARAMETERS = ("accept", "content-type", "authorization")  # headers that OpenAPI ignores as parameters
_SCHEME = ("type", "in", "name", "scheme", "openIdConnectUrl", "flows")
_DOUBT = "can't tell whether it breaks"


def documentation(
    both: Outline, old: Steps, new: Steps, where: Where, keys: Iterable[str] = _DOCUMENTATION
) -> Iterator[Change]:
    """The changes of the documentation of two objects: under these keys, and in extensions."""
    olds, news = mapping(both.at(old)), mapping(both.at(new))
    extensions = [key for key in (*olds, *news) if key.startswith("x-") and key not in ("x-webhooks", "x-bundled")]
    for key in dict.fromkeys((*keys, *extensions)):
        if (key in olds or key in news) and signature(_documented(both, old, key)) != signature(
            _documented(both, new, key)
        ):
            steps = (*new, key) if key in news else (*old, key)
            yield Change(ChangeKind.DOCUMENTATION, where, wording(key, key in olds, key in news), steps)


def _documented(both: Outline, steps: Steps, key: str) -> Any:
    if key in _NAMED:
        return {name: both.node(place) for name, place in both.children(steps, key).items()}
    return mapping(both.at(steps)).get(key)


class OperationComparison:
    """Compares operations. For events, which users of the contract receive (`received`), the directions are swapped."""

    def __init__(
        self,
        both: Outline,
        unchanged: UnchangedParts,
        schemas: Mapping[bool, SchemaComparison],
        *,
        received: bool = False,
    ) -> None:
        self._both = both
        self._unchanged = unchanged
        self._received = received
        self._schemas = schemas  # by whether users of the contract send the value

    def compare(
        self, old: DeclaredOperation, new: DeclaredOperation, where: Where, renamed: Mapping[str, str]
    ) -> Iterator[Change]:
        """All changes of an operation. `renamed` maps old names of path parameters to new ones."""
        inherited = ((*old.item, "parameters"), (*new.item, "parameters"))
        if not (self._unchanged.of(old.steps, new.steps) and self._unchanged.of(*inherited)):
            yield from self._attributes(old, new, where)
            yield from self._parameters(old, new, where, renamed)
            yield from self._body(old, new, where)
            yield from self._responses(old, new, where)
        if not self._received:
            yield from self._security(old, new, where)
        if any(self._both.at((*place, "servers")) for each in (old, new) for place in (each.steps, each.item)):
            yield from self.servers(self._holder(old, "servers"), self._holder(new, "servers"), where)

    # ------------------------------------------------ the operation itself
    def _attributes(self, old: DeclaredOperation, new: DeclaredOperation, where: Where) -> Iterator[Change]:
        yield from documentation(self._both, old.steps, new.steps, where)
        yield from self._deprecated(old.steps, new.steps, where, "the operation")
        before, after = (self._both.at((*operation.steps, "operationId")) for operation in (old, new))
        if before != after:
            what = f"the operationId was {before}, and is {after} now: generated clients will call it otherwise"
            yield Change(ChangeKind.NON_BREAKING, where, what, (*new.steps, "operationId"))

    def _deprecated(self, old: Steps, new: Steps, where: Where, name: str) -> Iterator[Change]:
        before, after = (bool(self._both.node(steps).get("deprecated")) for steps in (old, new))
        if before != after:
            what = f"{name} is {'deprecated now' if after else 'no longer deprecated'}"
            yield Change(ChangeKind.NON_BREAKING, where, what, (*(new if after else old), "deprecated"))

    def _holder(self, operation: DeclaredOperation, key: str) -> Steps:
        """The place of the object that defines `key` for an operation: itself, its path item, or the document."""
        for steps in (operation.steps, operation.item):
            if key in self._both.node(steps):
                return steps
        return operation.steps[:1]

    def servers(self, old: Steps, new: Steps, where: Where) -> Iterator[Change]:
        """The changes of the servers of two objects."""
        olds, news = (self._servers(steps) for steps in (old, new))
        for url in [url for url in olds if url not in news]:
            yield Change(ChangeKind.BREAKING, where, f"the server {url} is gone", olds[url])
        for url in [url for url in news if url not in olds]:
            yield Change(ChangeKind.NON_BREAKING, where, f"the server {url} is new", news[url])
        for url in [url for url in news if url in olds]:
            yield from documentation(self._both, olds[url], news[url], where, ("description", "variables"))

    def _servers(self, steps: Steps) -> dict[str, Steps]:
        servers = self._both.node(steps).get("servers") or [{"url": "/"}]
        return {server["url"]: (*steps, "servers", index) for index, server in enumerate(servers)}

    # ------------------------------------------------ parameters and headers
    def _parameters(
        self, old: DeclaredOperation, new: DeclaredOperation, where: Where, renamed: Mapping[str, str]
    ) -> Iterator[Change]:
        olds = {
            _key(place, renamed.get(name, name) if place == "path" else name): steps
            for (place, name), steps in self._both.parameters(old).items()
        }
        news = {_key(*key): steps for key, steps in self._both.parameters(new).items()}
        for ignored in [("header", name) for name in _NO_PARAMETERS]:
            olds.pop(ignored, None)
            news.pop(ignored, None)
        named = [
            {f"the {place} parameter {name}": steps for (place, name), steps in each.items()} for each in (olds, news)
        ]
        yield from self._values(named, where, sends=not self._received)

    def _values(self, values: Sequence[dict[str, Steps]], where: Where, *, sends: bool) -> Iterator[Change]:
        """The changes of parameters or response headers. `sends`: users of the contract send them."""
        olds, news = values
        for name in [name for name in olds if name not in news]:
            is_promised = sends or self._both.node(olds[name]).get("required")
            yield Change(
                ChangeKind.BREAKING if is_promised else ChangeKind.NON_BREAKING, where, f"{name} is gone", olds[name]
            )
        for name in [name for name in news if name not in olds]:
            required = self._both.node(news[name]).get("required", False)
            kind = ChangeKind.BREAKING if sends and required else ChangeKind.NON_BREAKING
            yield Change(kind, where, f"{name} is new{', and required' if required else ''}", news[name])
        for name in [name for name in news if name in olds]:
            yield from self._value(olds[name], news[name], where, name, sends=sends)

    def _value(self, old: Steps, new: Steps, where: Where, name: str, *, sends: bool) -> Iterator[Change]:
        yield from documentation(self._both, old, new, where)
        yield from self._deprecated(old, new, where, name)
        yield from self._required(old, new, where, name, sends=sends)
        before, after = (_style(self._both.node(steps)) for steps in (old, new))
        for key in [key for key in before if before[key] != after[key]]:
            is_wider = key in ("allowReserved", "allowEmptyValue") and sends is bool(after[key])
            what = f"{key} of {name} was {_json(before[key])}, and is {_json(after[key])} now"
            yield Change(ChangeKind.NON_BREAKING if is_wider else ChangeKind.BREAKING, where, what, (*new, key))
        yield from self._content(old, new, where, name, sends=sends)
        yield from self._schema((*old, "schema"), (*new, "schema"), where, name, sends=sends)

    def _required(self, old: Steps, new: Steps, where: Where, name: str, *, sends: bool) -> Iterator[Change]:
        before, after = (bool(self._both.node(steps).get("required")) for steps in (old, new))
        if before != after:
            kind = ChangeKind.BREAKING if after is sends else ChangeKind.NON_BREAKING
            what = f"{name} is {'required now' if after else 'no longer required'}"
            yield Change(kind, where, what, (*(new if after else old), "required"))

    def _schema(self, old: Steps, new: Steps, where: Where, name: str, *, sends: bool) -> Iterator[Change]:
        for found in self._schemas[sends].compare(old, new):
            yield Change(found.kind, where, f"{label(found.about, name)}: {found.what}", found.steps)

    # ------------------------------------------------ bodies
    def _body(self, old: DeclaredOperation, new: DeclaredOperation, where: Where) -> Iterator[Change]:
        olds, news = ((*operation.steps, "requestBody") for operation in (old, new))
        before, after = self._both.at(olds) is not None, self._both.at(news) is not None
        before_end, after_end = self._both.end(olds), self._both.end(news)
        name, sends = "the request body", not self._received
        if before and after:
            yield from documentation(self._both, before_end, after_end, where)
            yield from self._required(before_end, after_end, where, name, sends=sends)
            yield from self._content(before_end, after_end, where, name, sends=sends)
        elif before:
            yield Change(ChangeKind.BREAKING, where, f"{name} is gone", olds)
        elif after:
            required = sends and self._both.node(news).get("required")
            kind = ChangeKind.BREAKING if required else ChangeKind.NON_BREAKING
            yield Change(kind, where, f"{name} is new{', and required' if required else ''}", news)

    def _content(self, old: Steps, new: Steps, where: Where, name: str, *, sends: bool) -> Iterator[Change]:
        olds, news = (
            {media_type.lower(): steps for media_type, steps in self._both.children(holder, "content").items()}
            for holder in (old, new)
        )
        for media_type in [media_type for media_type in olds if media_type not in news]:
            yield Change(ChangeKind.BREAKING, where, f"{name} can't be {media_type} any more", olds[media_type])
        for media_type in [media_type for media_type in news if media_type not in olds]:
            kind = ChangeKind.BREAKING if self._received and not sends and olds else ChangeKind.NON_BREAKING
            yield Change(kind, where, f"{name} can be {media_type} now", news[media_type])
        for media_type in [media_type for media_type in news if media_type in olds]:
            before, after = olds[media_type], news[media_type]
            yield from documentation(self._both, before, after, where)
            if signature(self._both.node(before).get("encoding")) != signature(self._both.node(after).get("encoding")):
                what = f"the encoding of {name} changed ({_DOUBT}: it isn't looked into)"
                yield Change(ChangeKind.BREAKING, where, what, (*after, "encoding"))
            yield from self._schema((*before, "schema"), (*after, "schema"), where, name, sends=sends)

    # ------------------------------------------------ responses
    def _responses(self, old: DeclaredOperation, new: DeclaredOperation, where: Where) -> Iterator[Change]:
        olds, news = (self._both.children(operation.steps, "responses") for operation in (old, new))
        for status in [status for status in olds if status not in news]:
            is_missed = self._received or status[0] in "23d"
            what = f"the response {status} is gone"
            yield Change(ChangeKind.BREAKING if is_missed else ChangeKind.NON_BREAKING, where, what, olds[status])
        for status in [status for status in news if status not in olds]:
            yield Change(ChangeKind.NON_BREAKING, where, f"the response {status} is new", news[status])
        for status in [status for status in news if status in olds]:
            before, after = (self._both.end(each[status]) for each in (olds, news))
            yield from documentation(self._both, before, after, where)
            headers = [self._headers(steps, status) for steps in (before, after)]
            yield from self._values(headers, where, sends=self._received)
            yield from self._content(before, after, where, f"the response {status}", sends=self._received)

    def _headers(self, response: Steps, status: str) -> dict[str, Steps]:
        return {
            f"the header {name.title()} of the response {status}": self._both.end(steps)
            for name, steps in self._both.children(response, "headers").items()
            if name.lower() != "content-type"
        }

    # ------------------------------------------------ security
    def _security(self, old: DeclaredOperation, new: DeclaredOperation, where: Where) -> Iterator[Change]:
        olds, news = (self._alternatives(operation) for operation in (old, new))
        place = (*self._holder(new, "security"), "security")
        for before in [before for before in olds if not any(_is_enough(before, after) for after in news)]:
            what = (
                "nobody gets in without a credential any more"
                if not before
                else f"{_worded(before)} is not enough any more"
            )
            yield Change(ChangeKind.BREAKING, where, what, place)
        for after in [after for after in news if not any(_is_enough(after, before) for before in olds)]:
            what = "no credential is needed any more" if not after else f"{_worded(after)} is enough now"
            yield Change(ChangeKind.NON_BREAKING, where, what, place)
        for name in dict.fromkeys(name for alternative in olds for name in alternative):
            old_scheme, new_scheme = ((side, "components", "securitySchemes", name) for side in SIDES)
            yield from self._scheme(old_scheme, new_scheme, where)

    def _alternatives(self, operation: DeclaredOperation) -> list[Mapping[str, Any]]:
        declared = self._both.node(self._holder(operation, "security")).get("security")
        return declared or [{}]

    def _scheme(self, old: Steps, new: Steps, where: Where) -> Iterator[Change]:
        olds, news = self._both.node(old), self._both.node(new)
        if not olds or not news:
            return
        yield from documentation(
            self._both, self._both.end(old), self._both.end(new), where, ("description", "bearerFormat")
        )
        for key in [key for key in _SCHEME if signature(olds.get(key)) != signature(news.get(key))]:
            change = f"was {shown(olds.get(key))}, and is {shown(news.get(key))} now"
            yield Change(ChangeKind.BREAKING, where, f"the security scheme {new[-1]}: {key} {change}", (*new, key))


def _is_enough(given: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Whether the credentials of one security requirement fulfil another."""
    return all(name in given and set(scopes or ()) <= set(given[name] or ()) for name, scopes in asked.items())


def _worded(alternative: Mapping[str, Any]) -> str:
    """A security requirement in words."""
    return " and ".join(
        f"{name} with {', '.join(scopes)}" if scopes else str(name) for name, scopes in alternative.items()
    )


def _key(place: str, name: str) -> tuple[str, str]:
    return place, name.lower() if place == "header" else name


def _style(declared: Mapping[str, Any]) -> dict[str, Any]:
    """The serialisation of a parameter or header, with defaults filled in."""
    style = declared.get("style", _STYLE.get(declared.get("in", "header"), "simple"))
    return {
        "style": style,
        "explode": declared.get("explode", style == "form"),
        "allowReserved": declared.get("allowReserved", False),
        "allowEmptyValue": declared.get("allowEmptyValue", False),
    }


def _json(value: Any) -> str:
    return value if isinstance(value, str) else signature(value)
