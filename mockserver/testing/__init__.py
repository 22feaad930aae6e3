"""For tests in Python: a mock, and a receiver of its deliveries. Both are real HTTP servers on ports of their own.

with MockServer() as mock, Receiver() as receiver:
    ...  # subscribe receiver.url at mock.url, and register a member
    delivery = receiver.wait_for("CustomerRegistered", data__customerData__email="jo@example.com")

pytest has both as fixtures: docs/python-tests.md.
"""

from mockserver.errors import Refused, RemoteError
from mockserver.remote.answers import (
    ClockJson,
    ConfigJson,
    DeliveryJson,
    ExchangeJson,
    FaultJson,
    RequestMatchJson,
    VerificationResultJson,
)
from mockserver.testing.mock import MockServer, Subscription
from mockserver.testing.reactions import CloseEarly, Drip, Garbage, Hang, Reaction, Respond, redirect
from mockserver.testing.receiver import Captured, Receiver

__all__ = [
    "Captured",
    "ClockJson",
    "CloseEarly",
    "ConfigJson",
    "DeliveryJson",
    "Drip",
    "ExchangeJson",
    "FaultJson",
    "Garbage",
    "Hang",
    "MockServer",
    "Reaction",
    "Receiver",
    "Refused",
    "RemoteError",
    "RequestMatchJson",
    "Respond",
    "Subscription",
    "VerificationResultJson",
    "redirect",
]
