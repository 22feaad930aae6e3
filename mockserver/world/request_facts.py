"""Request facts: a request as matchers and templates see it."""

from collections.abc import Mapping
from functools import cached_property
from urllib.parse import parse_qs

import orjson

from mockserver.errors import PayloadTooLarge
from mockserver.http.messages import Request

FORM = b"application/x-www-form-urlencoded"
NO_BODY = object()  # in place of the body of a request that has none


class RequestFacts:
    """A request as a matcher sees it. What has to be parsed is parsed once, and only if it is asked for.

    `status` is that of the response, None if there is none yet.
    """

    def __init__(self, request: Request, operation_id: str | None = None, status: int | None = None) -> None:
        self._request = request
        self.operation_id, self.status = operation_id, status
        self.method, self.path = request.method, request.path

    @property
    def parameters(self) -> Mapping[str, str]:
        """The path parameters, by the names that the contract gives them."""
        return self._request.path_parameters

    @property
    def store_code(self) -> str | None:
        """The store of the path, whether it exists or not; None if the path has none, or no operation."""
        return self._request.path_parameters.get("storeCode")

    @property
    def raw_query(self) -> str:
        """The query as it was sent; empty if there is none."""
        return self._request.query_string.decode("latin-1")

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The decoded query parameters: all texts of each, in their order."""
        return parse_qs(self.raw_query, keep_blank_values=True)

    @property
    def headers(self) -> dict[str, str]:
        """The headers by their lower-case names."""
        return {name.decode("latin-1"): text.decode("latin-1") for name, text in self._request.headers.items()}

    def header(self, name: str) -> str | None:
        """The text of a header, by its name in any case; that of a repeated one is a list with commas."""
        text = self._request.headers.get(name.lower().encode("latin-1", "replace"))
        return None if text is None else text.decode("latin-1")

    @cached_property
    def body(self) -> object:
        """The body as JSON; a form as an object; anything else as text; NO_BODY if there is none.

        It must have been read before, by `read` or by whoever answered the request.
        """
        raw = self._request.body
        if not raw:
            return NO_BODY
        if self._request.headers.get(b"content-type", b"").lower().startswith(FORM):
            fields = parse_qs(raw.decode("latin-1"), keep_blank_values=True)
            return {name: texts[0] if len(texts) == 1 else texts for name, texts in fields.items()}
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError:
            return raw.decode("utf-8", "replace")

    async def read(self) -> None:
        """Read the body. One that is too large counts as none. Raises Disconnected."""
        try:
            await self._request.read()
        except PayloadTooLarge:
            self.body = NO_BODY  # its operation refuses it
