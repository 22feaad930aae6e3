"""A right receiver of the orders of tests/support/event_contracts.py, signed by Standard Webhooks, and wrong ones.

It verifies with code of its own, which shares nothing with the mock.
"""

import base64
import hashlib
import hmac
import re
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import Any

from tests.receivers.right import Incoming, Refused, RightReceiver
from tests.support.event_contracts import SECRET


@dataclass
class StandardReceiver(RightReceiver):
    """A receiver that notes each order that was shipped, once for each message."""

    secret: str = SECRET

    def receive(self, request: Incoming) -> None:
        """Verify, parse, deduplicate, act."""
        self.route(request)
        self.admit(request)
        self.verify(request)
        event = self.parse(request.body)
        if self.concerns(event):
            self.take(event | {"messageId": request.headers.get("webhook-id", "")}, request)

    def verify(self, request: Incoming) -> None:
        """Is it authentic, and from now?"""
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        message_id, timestamp, signatures = (request.headers.get(name, "") for name in names)
        if not (message_id and self.is_fresh(timestamp)):
            raise Refused(401)
        content = f"{message_id}.{timestamp}.".encode() + request.body
        expected = hmac.new(base64.b64decode(self.secret[6:]), content, hashlib.sha256).digest()
        if not any(hmac.compare_digest(expected, given) for given in _given(signatures)):
            raise Refused(401)

    def validate(self, event: Any) -> None:
        """Is it as the contract has it, as far as it is used?"""
        if not isinstance(event, dict) or not isinstance(event.get("type"), str):
            raise Refused(400)
        if not isinstance(event.get("timestamp"), str):
            raise Refused(400)
        data = event.get("data")
        if not isinstance(data, dict) or (self.concerns(event) and not isinstance(data.get("orderId"), str)):
            raise Refused(400)

    def concerns(self, event: dict[str, Any]) -> bool:
        """Whether it is of any use here."""
        return bool(event["type"] == "order.shipped")

    def remember(self, event: dict[str, Any]) -> None:
        """Nothing but the act."""


def _given(signatures: str) -> list[bytes]:
    """The signatures of version 1 in a header."""
    found = []
    for one in signatures.split(" "):
        version, _, text = one.partition(",")
        if version == "v1" and re.fullmatch("[A-Za-z0-9+/]+={0,2}", text):
            try:
                found.append(base64.b64decode(text, validate=True))
            except Base64Error:
                continue
    return found


class TakesAnyTime(StandardReceiver):
    """Takes what was signed at any time."""

    def is_fresh(self, timestamp: str) -> bool:
        """Always, if it is a number."""
        return re.fullmatch("[0-9]{1,12}", timestamp) is not None


class VerifiesNothing(StandardReceiver):
    """Takes what anybody has signed, or nobody."""

    def verify(self, _request: Incoming) -> None:
        """Not at all."""


class ActsTwice(StandardReceiver):
    """Knows no repeats."""

    def take(self, event: dict[str, Any], _request: Incoming) -> None:
        """Each time."""
        self.act(event)


class ReadsOneSignature(StandardReceiver):
    """Takes the whole header for a signature."""

    def verify(self, request: Incoming) -> None:
        """Is it authentic, and the only signature?"""
        super().verify(request)
        if " " in request.headers["webhook-signature"]:
            raise Refused(401)


class DecodesAnything(StandardReceiver):
    """Breaks down over what is no Base64."""

    def verify(self, request: Incoming) -> None:
        """Is it authentic?"""
        version, text = request.headers.get("webhook-signature", "v1,").split(",")
        base64.b64decode(text, validate=version == "v1")
        super().verify(request)
