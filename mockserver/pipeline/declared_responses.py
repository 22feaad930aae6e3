"""Declared responses: made from the contract, for operations without behaviour, `Prefer` and faults.

The body is the declared example if that is valid, else a generated value. The header X-Mock-Source says so.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import orjson

from mockserver.errors import ApiError
from mockserver.http.media_types import is_harmless
from mockserver.http.messages import NO_SNIFF, WITHOUT_BODY, Header, Response
from mockserver.openapi.contract import Contract, DeclaredResponse, Operation, ResponseHeader
from mockserver.openapi.declared_answers import declared_status
from mockserver.openapi.examples import Examples, NoExample
from mockserver.openapi.record_names import ID_PROPERTIES
from mockserver.pipeline import made_problems, sequences, told_errors
from mockserver.pipeline.written_json import text_of_json
from mockserver.remarks import LONGEST_TEXT

_CONCRETE = {  # the media type of the response where the contract declares a range
    "*/*": "application/json",
    "application/*": "application/json",
    "text/*": "text/plain",
    "image/*": "image/png",
    "audio/*": "audio/mpeg",
    "video/*": "video/mp4",
}
SOURCE: Header = (b"x-mock-source", b"example")
ISOLATED: Header = (b"content-security-policy", b"sandbox")  # no script runs, and none could ask the mock for anything
HTTP_ERROR = 400  # the lowest status of one
_FIELD_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_CONTROL = rb"[\x00-\x1f\x7f]+"


class DeclaredResponses:
    """The responses that one operation declares. Each is made when it is first asked for."""

    def __init__(self, contract: Contract, declared: Operation, examples: Examples) -> None:
        self._contract = contract
        self._declared = declared
        self._examples = examples
        self._made: dict[tuple[str, str | None], Response] = {}

    def statuses(self) -> list[str]:
        """The declared statuses, ranges and `default` as they are written."""
        return list(self._declared.responses)

    def examples(self) -> list[str]:
        """The names of all declared examples."""
        return sorted({name for names in named_examples(self._contract, self._declared).values() for name in names})

    def success(self) -> Response:
        """The response with the lowest 2xx status; else that of `default`, or whatever is declared."""
        declared = self._declared.responses
        successes = sorted(status for status in declared if status.startswith("2"))
        chosen = successes[0] if successes else next(iter([s for s in declared if s == "default"] or declared), "204")
        return self.with_status(_as_number(chosen, 200), None) or Response(204, [SOURCE])

    def error(self, error: ApiError) -> Response | None:
        """The declared response for an error; None if none is declared.

        Its status is one by which contracts say such an error, that of the error if only a range is declared. Without
        an example its body says what is wrong, if a usual form of that fits the schema.
        """
        status = next(filter(self._declares, error.statuses), error.status)
        response = self._telling(status, error) or self.with_status(status, None)
        if response is not None:
            response.headers.extend(error.headers())
            response.remark(hint=error.hint[:LONGEST_TEXT])
        return response

    def _declares(self, status: int) -> bool:
        return str(status) in self._declared.responses

    def _telling(self, status: int, error: ApiError) -> Response | None:
        """The response whose body tells the error; None where an example is declared, or no usual form fits."""
        written = self._written(status)
        response = None if written is None else self._declared.responses[written]
        if response is None or not response.media_types:
            return None
        media_type, pointer = _preferred(response)
        declared = response.contents[media_type]
        if pointer is None or not media_type.endswith("json") or "example" in declared or declared.get("examples"):
            return None
        fits = self._contract.validator(pointer, strict=True).is_valid
        fitting = list(filter(fits, told_errors.bodies(error, status)))
        told = told_errors.best(fitting, told_errors.names_in(self._contract, self._contract.at(pointer)))
        made = None if told is None else self.with_status(status, None)
        return made and replace(made, body=orjson.dumps(told), content=told)

    def with_status(self, status: int, example: str | None) -> Response | None:
        """The response with this status and the example of this name; None if it isn't declared."""
        written = self._written(status)
        if written is None:
            return None
        key = (f"{status}", example)
        if key not in self._made:
            made = self._make(status, written, example)
            if made is None:
                return None
            self._made[key] = made
        kept = self._made[key]
        return replace(kept, headers=[*kept.headers])

    def status_of(self, example: str) -> int | None:
        """The first status that has an example of this name."""
        for written, response in self._declared.responses.items():
            if example in _named(self._contract, response):
                return _as_number(written, 200)
        return None

    def _written(self, status: int) -> str | None:
        return declared_status(self._declared.responses, status)

    def _make(self, status: int, written: str, example: str | None) -> Response | None:
        response = self._declared.responses[written]
        if not response.media_types or status in WITHOUT_BODY:
            headers = [SOURCE, NO_SNIFF, *self._headers(response, None)]
            return Response(status, headers) if example is None else None
        media_type, pointer = _preferred(response)
        content = self._content(response, media_type, pointer, example, status)
        if content is None and example is not None:
            return None
        media_type = _CONCRETE.get(media_type, media_type)
        body, parsed = _encoded(content, media_type)
        isolated = [] if is_harmless(media_type) else [ISOLATED]
        headers = [SOURCE, NO_SNIFF, *self._headers(response, parsed)]
        return Response(status, [(b"content-type", _line(media_type)), *isolated, *headers], body, parsed)

    def _content(
        self, response: DeclaredResponse, media_type: str, pointer: str | None, example: str | None, status: int
    ) -> Any:
        """The named example, any declared example that is valid, or a generated value."""
        declared = response.contents[media_type]
        named = {
            name: self._contract.resolved(entry).get("value") for name, entry in declared.get("examples", {}).items()
        }
        if example is not None:
            return named.get(example)
        candidates = [declared["example"]] if "example" in declared else []
        candidates += [value for value in named.values() if value is not None]
        if pointer is None:
            return next(iter(candidates), "")
        if candidates and not media_type.endswith("json"):
            return candidates[0]
        for strict in (True, False):
            valid = filter(self._contract.validator(pointer, strict=strict).is_valid, candidates)
            with suppress(NoExample):
                return next(valid, None) or self._generated_body(pointer, status, strict=strict)
        return next(iter(candidates), None)

    def _generated_body(self, pointer: str, status: int, *, strict: bool) -> Any:
        body = self._examples.response(pointer, strict=strict)
        return made_problems.corrected(self._contract, pointer, body, status) if status >= HTTP_ERROR else body

    def _headers(self, response: DeclaredResponse, content: Any) -> Iterator[Header]:
        for name, header in response.headers.items():
            value = header.example if header.example is not None else self._made_header(name, header, content)
            if value is not None and re.fullmatch(_FIELD_NAME, name):
                yield name.lower().encode(), _line(_text(value))

    def _made_header(self, name: str, header: ResponseHeader, content: Any) -> Any:
        """A value for a header without example: one that leads somewhere is an address of the mock, or left out."""
        plain = name.lower()
        if plain == "link" and not header.required:
            return None
        place = self._location(content) if plain == "location" else None
        is_right = place is not None and self._contract.validator(header.pointer).is_valid(place)
        return place if is_right else self._generated(header.pointer)

    def _location(self, content: Any) -> str | None:
        """Where the record in an example of a body would be; None if it has no id."""
        if isinstance(content, dict) and len(content) == 1:
            content = next(iter(content.values()))  # an envelope
        own_id = (
            next((content[one] for one in ID_PROPERTIES if one in content), None) if isinstance(content, dict) else None
        )
        if not isinstance(own_id, str | int):
            return None
        path = re.sub(r"\{[^{}]*\}", "1", self._declared.path).rstrip("/")
        return f"{self._contract.base_path.rstrip('/')}{path}/{quote(str(own_id), safe='')}"

    def _generated(self, pointer: str | None) -> Any:
        if pointer is None:
            return None
        try:
            return self._examples.response(pointer)
        except NoExample:
            return None


def named_examples(contract: Contract, declared: Operation) -> dict[str, list[str]]:
    """The names of the examples that `Prefer` can choose, by the declared status."""
    return {status: [*_named(contract, response)] for status, response in declared.responses.items()}


def _preferred(response: DeclaredResponse) -> tuple[str, str | None]:
    """The media type of the response, and the pointer to its schema: JSON if it is declared."""
    json = [media_type for media_type in response.media_types if media_type.endswith("json")]
    media_type = (json or list(response.media_types))[0]
    return media_type, response.media_types[media_type]


def _named(contract: Contract, response: DeclaredResponse) -> Mapping[str, Any]:
    return {
        name: entry
        for content in response.contents.values()
        for name, entry in content.get("examples", {}).items()
        if "value" in contract.resolved(entry)
    }


def _encoded(content: Any, media_type: str) -> tuple[bytes, Any]:
    if isinstance(content, list) and sequences.is_sequence(media_type):
        return sequences.written(media_type, content), None
    if media_type.endswith("json"):
        return text_of_json(content), content
    return _text(content).encode("utf-8", "replace"), None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _line(text: str) -> bytes:
    """A text as the value of a header: one line."""
    return re.sub(_CONTROL, b" ", text.encode("latin-1", "replace"))


def _as_number(written: str, otherwise: int) -> int:
    return int(written) if written.isdigit() else int(written[0]) * 100 if written[0].isdigit() else otherwise
