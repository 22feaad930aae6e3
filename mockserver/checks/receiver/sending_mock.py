"""What a run needs of a mock that sends to the receiver by itself; whoever has one hands it in."""

from typing import Protocol


class Receipt(Protocol):
    """What a receiver answered to a delivery: the status, or 0 with the error in `text`."""

    @property
    def delivery_id(self) -> str:
        """The id of the delivery at the mock."""

    @property
    def status(self) -> int:
        """The status."""

    @property
    def text(self) -> str:
        """The text of the answer, or the error."""


class SendingMock(Protocol):
    """A mock that sends to the receiver, signed with the secret of the run."""

    @property
    def url(self) -> str:
        """Its address."""

    def deliver(self, event: str, effect: str | None = None) -> Receipt:
        """Have it send an event, spoilt by one of its faults if that is asked for. Raises MockserverError."""
