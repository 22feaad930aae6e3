"""The guard of foreign records, as the transport needs it: what may be sent, what is ours, and how that is proven."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import requests

from mockserver.checks.transport.record_ids import RecordKey
from mockserver.openapi.resources import Call

Ask = Callable[[Call, Mapping[str, str], Mapping[str, str]], requests.Response]  # path parameters, and a query
Pause = Callable[[float], object]


class OwnershipGuard(Protocol):
    """The guard of foreign records: it knows which records are ours."""

    def refusal(
        self, call: Call | None, arguments: Mapping[str, str], method: str, body: Any, beside: Call | None = None
    ) -> str:
        """The reason why a request may not be sent; empty if it may. `beside` is an operation of the same path where
        the method is none that the contract has."""

    def unproven(self, call: Call | None, arguments: Mapping[str, str], body: Any) -> list[RecordKey]:
        """The records that a request names, and that only the instance calls ours."""

    def prove(self, key: RecordKey, ask: Ask, pause: Pause) -> str:
        """See whose a record is, by asking; the reason why it may be somebody else's, empty if it is ours."""

    def shown(self, call: Call, arguments: Mapping[str, str], response: requests.Response) -> None:
        """Take note of a response that may prove a record."""

    def created(self, call: Call, arguments: Mapping[str, str], record: str, at: str = "", body: Any = None) -> bool:
        """Take note of a new record, what was sent for it, and when; False if it was there before."""

    def deleted(self, call: Call, record: str) -> None:
        """Take note that the record that an operation names is gone."""

    def is_marked(self, body: Any) -> bool:
        """Whether what a body creates could be recognised as ours."""
