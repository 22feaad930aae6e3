"""The guard of foreign records, as the transport needs it: what may be sent, what is ours, and how that is proven."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import requests

from mockserver.openapi.resources import Call

Ask = Callable[[Call, Mapping[str, str], Mapping[str, str]], requests.Response]  # path parameters, and a query
Pause = Callable[[float], object]


class OwnershipGuard(Protocol):
    """The guard of foreign records: it knows which records are ours."""

    def refusal(self, call: Call | None, arguments: Mapping[str, str], method: str, body: Any) -> str:
        """The reason why a request may not be sent; empty if it may."""

    def unproven(self, arguments: Mapping[str, str], body: Any) -> list[str]:
        """The records that a request names, and that only the instance calls ours."""

    def prove(self, record: str, ask: Ask, pause: Pause) -> str:
        """See whose a record is, by asking; the reason why it may be somebody else's, empty if it is ours."""

    def shown(self, call: Call, arguments: Mapping[str, str], response: requests.Response) -> None:
        """Take note of a response that may prove a record."""

    def created(self, call: Call, arguments: Mapping[str, str], record: str, at: str = "", body: Any = None) -> bool:
        """Take note of a new record, what was sent for it, and when; False if it was there before."""

    def deleted(self, record: str) -> None:
        """Take note that a record is gone."""

    def is_marked(self, body: Any) -> bool:
        """Whether what a body creates could be recognised as ours."""
