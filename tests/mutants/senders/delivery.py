"""A delivery on its way from a correct sender, and what a fault may do to it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Protocol, Self

from mockserver.signing import (
    ALGORITHM_HEADER,
    REQUEST_ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    VERSION_HEADER,
    canonical,
    sign,
)

SIGNATURE_HEADERS = (SIGNATURE_HEADER, ALGORITHM_HEADER, TIMESTAMP_HEADER, REQUEST_ID_HEADER, VERSION_HEADER)
MESSAGE_ID, REQUEST_ID = "messageId", "requestId"
NEW = "00000000-0000-4000-8000-0000000000{:02x}"  # ids that a fault makes up
OK = 204


@dataclass
class Known:
    """What the sender knows of a subscription. `keys` are its secrets so far."""

    url: str
    event: str
    store: str
    record: str
    keys: list[str] = field(default_factory=list)
    is_deleted: bool = False


@dataclass(frozen=True)
class Delivery:
    """One attempt of a delivery, as it goes out. `seconds` is its moment in Unix seconds."""

    to: Known
    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header; empty if there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def with_header(self, name: str, value: str | None) -> Self:
        """The same with one header replaced where it stands; None takes it away."""
        if value is None:
            return replace(self, headers=tuple(pair for pair in self.headers if pair[0].lower() != name.lower()))
        if not self.header(name):
            return replace(self, headers=(*self.headers, (name, value)))
        changed = ((key, value if key.lower() == name.lower() else old) for key, old in self.headers)
        return replace(self, headers=tuple(changed))

    @property
    def payload(self) -> dict[str, Any]:
        """The payload."""
        content: dict[str, Any] = json.loads(self.body)
        return content

    def saying(self, **changes: Any) -> Self:
        """The same with another payload, rightly signed; None takes a key away."""
        kept = {name: value for name, value in (self.payload | changes).items() if value is not None}
        body = json.dumps(kept, separators=(",", ":"), ensure_ascii=False).encode()
        return replace(self, body=body).with_request_id(str(kept.get(REQUEST_ID, self.payload.get(REQUEST_ID))))

    def with_request_id(self, request_id: str) -> Self:
        """The same with another request id in its header, rightly signed."""
        return self.with_header(REQUEST_ID_HEADER, request_id).signed() if self.is_signed else self

    @property
    def is_signed(self) -> bool:
        """Whether it has a signature."""
        return bool(self.header(SIGNATURE_HEADER))

    def signed(self, key: str | None = None, **changes: Any) -> Self:
        """The same, signed anew, by another key, or over other values than it has; unsigned stays unsigned."""
        if not self.is_signed:
            return self
        stamps = {"timestamp": int(self.header(TIMESTAMP_HEADER)), "request_id": self.header(REQUEST_ID_HEADER)}
        values: dict[str, Any] = {"method": "POST", "url": self.to.url, "body": self.body, **stamps, **changes}
        signature = sign(key or self.to.keys[-1], canonical(**values))
        return self.with_header(SIGNATURE_HEADER, signature)

    def sent_to(self, other: Known, message_id: str) -> Self:
        """A copy for another subscription, as a correct sender would write it."""
        return replace(self, to=other).saying(messageId=message_id)


class Way(Protocol):
    """The way to the receivers, and what a fault remembers."""

    memory: SimpleNamespace
    known: list[Known]

    def send(self, delivery: Delivery) -> int:
        """Send a delivery now; the status of the answer."""

    def later(self, seconds: float, delivery: Delivery) -> None:
        """Send a delivery after so many seconds; whoever asked goes on at once."""

    def follow(self, delivery: Delivery) -> None:
        """Send a delivery to where a redirect of its receiver led."""


Fault = Callable[[Delivery, Way], int]  # sends what it wants, and returns the status that the sender sees


def honest(delivery: Delivery, way: Way) -> int:
    """No fault at all."""
    return way.send(delivery)
