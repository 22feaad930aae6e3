"""Effects of requests that should have been refused: a breach is what shows or changes a record, not a status."""

from collections.abc import Mapping
from typing import Any

import requests

from mockserver.checks.live.scenarios.context import ScenarioContext, inner
from mockserver.checks.live.scenarios.record_scenarios import GONE
from mockserver.checks.transport.successes import succeeded
from mockserver.openapi.resources import Call, Resource

EMPTY: tuple[Any, ...] = ({}, [], None, "")


class Effects:
    """The effects of requests to operations on one resource. `arguments` lead to the record where it is at home."""

    def __init__(self, context: ScenarioContext, resource: Resource | None) -> None:
        self._context, self._resource = context, resource

    def telling_body(self, call: Call) -> tuple[Any, str]:
        """A good body for an operation, and a text in it that stands nowhere else; empty if it has no place for one."""
        body = next(iter(self._context.examples(call)), None)
        marks, text = self._context.ownership.marks, self._context.ownership.unknown_id()
        shown = self._context.surface.properties(self._read.operation, "2") if self._read else {}
        names = sorted(marks.searchable(call) & inner(body, shown).keys() & shown.keys())
        for name in names:
            inner(body, shown)[name] = f"https://{marks.host}/{text}"
        return body, text if names else ""

    def seen(self, call: Call, response: requests.Response, arguments: Mapping[str, str], text: str) -> bool:
        """Whether a response, or the record afterwards, shows that a request was carried out. `text` is what its body
        told."""
        if not succeeded(response):
            return False
        if call.method == "DELETE":
            return self._reads(arguments) in GONE
        if call.method == "PUT":
            return bool(text) and text in self._text(arguments)
        return self.tells(response, arguments.get(call.record or ""))

    def tells(self, response: requests.Response, record: str | None = None) -> bool:
        """Whether a success tells something: of a record its id, its marks or its secret, else anything at all."""
        if not succeeded(response):
            return False
        try:
            content = response.json()
        except ValueError:
            content = response.text
        if record is None:
            return content not in EMPTY
        secrets = self._context.surface.secrets
        has_secret = isinstance(content, dict) and any(content.get(name) for name in secrets)
        return has_secret or record in response.text or self._context.ownership.marks.is_on(content)

    @property
    def _read(self) -> Call | None:
        return self._resource.read if self._resource else None

    def _text(self, arguments: Mapping[str, str]) -> str:
        return self._context.ask(self._read, arguments).text if self._read else ""

    def _reads(self, arguments: Mapping[str, str]) -> int:
        return self._context.ask(self._read, arguments).status_code if self._read else 0
