"""Redaction: requests and responses as they may be shown, without passwords, tokens and keys.

Values are secret by their names, in headers, JSON bodies, forms and queries alike: `escaping.is_secret` knows them. In
texts some are secret by their shape, too: `escaping.masked_shapes` knows those. Paths are shown as they are.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from mockserver.escaping import MASK, decoded, is_secret, masked_header, masked_query, masked_shapes
from mockserver.http.messages import Header, Request
from mockserver.nesting import is_deeper
from mockserver.openapi.contract import Contract
from mockserver.world.request_facts import FORM

DEEPEST = 100  # levels of a body that is shown as JSON; orjson writes 254
# What a text that is no JSON may not have in it, without its separators and encodings.
_NAMED = (
    r"apikey|authorization|cookie|headervalue|jwt|pass(?![a-z])|passwd|password|privatekey|queueencryptionkey|queuekey"
    r"|secret|sessionid|token|xswitchuser"
)
_NAMES, _OF_A_PAIR = frozenset({"name", "key", "field"}), frozenset({"value"})  # {"name": "password", "value": …}
_ESCAPED = r"\\u([0-9a-f]{4})"
_SEPARATORS = str.maketrans("", "", "_-")


class Redaction(NamedTuple):
    """The names of a contract's keys, in lower case: headers and query parameters that are secret, too."""

    headers: frozenset[str] = frozenset()
    query: frozenset[str] = frozenset()

    @classmethod
    def of(cls, contract: Contract) -> "Redaction":
        """The redaction for a contract, by its security schemes."""
        schemes = contract.document.get("components", {}).get("securitySchemes", {}).values()
        keys = [(scheme["in"], scheme["name"].lower()) for scheme in map(contract.resolved, schemes) if "in" in scheme]
        named = {place: frozenset(name for where, name in keys if where == place) for place in ("header", "query")}
        return cls(named["header"], named["query"])

    def request(self, request: Request) -> Request:
        """A copy of a request without its secrets."""
        copy = Request(request.method, request.raw_path, {}, None)
        copy.query_string = self.query_text(request.query_string.decode("latin-1")).encode("latin-1")
        shown = self.shown_headers(request.headers.items())
        copy.headers = {name.encode("latin-1"): text.encode("latin-1") for name, text in shown.items()}
        copy.path_parameters = request.path_parameters
        copy.body = self._body(request)
        return copy

    def query_text(self, text: str) -> str:
        """A query, or a form, with its secret values masked; all else stays as it was sent."""
        return masked_query(text, self.query)

    def shown_headers(self, headers: Iterable[Header]) -> dict[str, str]:
        """The headers by name, secret ones masked."""
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
        return {name: self._header(name.lower(), value) for name, value in pairs}

    def shown_body(self, request: Request) -> Any:
        """The body of a request as JSON; a text where it is none; None if there is none."""
        return shown_body(self._body(request))

    def _header(self, name: str, value: str) -> str:
        return MASK if name in self.headers else masked_header(name, value, self.query)

    def _body(self, request: Request) -> bytes:
        raw = request.body or b""
        if request.headers.get(b"content-type", b"").lower().startswith(FORM):
            return self.query_text(raw.decode("latin-1")).encode("latin-1")
        content = _json(raw)
        return _masked_text(raw).encode() if content is _NO_JSON else orjson.dumps(_redacted(content))


def shown_body(body: bytes) -> Any:
    """A body as JSON without secrets; None for an empty one. Text that is no JSON, or nested too deep, is shown only if
    it has no name of a secret property."""
    content = _json(body)
    if content is _NO_JSON:
        return _masked_text(body) or None
    return _redacted(content)


_NO_JSON = object()


def _json(body: bytes) -> Any:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _NO_JSON
    return _NO_JSON if is_deeper(content, DEEPEST) else content


def _masked_text(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    plain = re.sub(_ESCAPED, lambda code: chr(int(code[1], 16)), decoded(text).lower()).lower()
    return MASK if re.search(_NAMED, plain.translate(_SEPARATORS)) else masked_shapes(text)


def _redacted(content: Any) -> Any:
    if isinstance(content, Mapping):
        named = _OF_A_PAIR if _names_a_secret(content) else ()
        return {
            key: MASK if (is_secret(key) or key in named) and value is not None else _redacted(value)
            for key, value in content.items()
        }
    if isinstance(content, list):
        return [_redacted(item) for item in content]
    return _redacted_text(content) if isinstance(content, str) else content


def _names_a_secret(content: Mapping[str, Any]) -> bool:
    """Whether an object is a pair of a name, which is that of a secret, and its value."""
    names = [content[key] for key in _NAMES & content.keys()]
    return any(isinstance(name, str) and is_secret(name) for name in names)


def _redacted_text(text: str) -> str:
    """A text in JSON: one that is JSON itself, or the beginning of it, is masked as a body is."""
    if not text.lstrip().startswith(("{", "[", '"')):
        return masked_shapes(text)
    raw = text.encode("utf-8", "replace")
    content = _json(raw)
    if content is _NO_JSON:
        return _masked_text(raw)
    shown = _redacted(content)
    return text if shown == content else orjson.dumps(shown).decode()
