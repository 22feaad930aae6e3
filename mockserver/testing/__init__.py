"""For tests in Python: a mock, and a receiver of its deliveries. Both are real HTTP servers on ports of their own.

with MockServer() as mock, Receiver() as receiver:
    ...  # subscribe receiver.url at mock.url, and register a member
    delivery = receiver.wait_for("CustomerRegistered", data__customerData__email="jo@example.com")

pytest has both as fixtures: docs/python-tests.md.
"""

from mockserver.errors import Refused, RemoteError
from mockserver.naming import Role
from mockserver.remote.answers import (
    CausedDeliveriesJson,
    ClockJson,
    ConfigJson,
    DeclaredEventJson,
    DeliveryAttemptJson,
    DeliveryJson,
    DeliveryState,
    Effect,
    EventCallbackJson,
    EventListJson,
    ExchangeJson,
    FaultAnswerJson,
    FaultJson,
    FaultMatchJson,
    MatchPathJson,
    PresetJson,
    ReceiverJson,
    ReceiverListJson,
    RequestMatchJson,
)
from mockserver.remote.arguments import DeliveryFilters, FaultArguments, Method, RequestFilters, StateArguments
from mockserver.testing.mock import MockServer, Subscribed
from mockserver.testing.reactions import CloseEarly, Drip, Garbage, Hang, Reaction, Respond, redirect
from mockserver.testing.receiver import Captured, Receiver

__all__ = [
    "Captured",
    "CausedDeliveriesJson",
    "ClockJson",
    "CloseEarly",
    "ConfigJson",
    "DeclaredEventJson",
    "DeliveryAttemptJson",
    "DeliveryFilters",
    "DeliveryJson",
    "DeliveryState",
    "Drip",
    "Effect",
    "EventCallbackJson",
    "EventListJson",
    "ExchangeJson",
    "FaultAnswerJson",
    "FaultArguments",
    "FaultJson",
    "FaultMatchJson",
    "Garbage",
    "Hang",
    "MatchPathJson",
    "Method",
    "MockServer",
    "PresetJson",
    "Reaction",
    "Receiver",
    "ReceiverJson",
    "ReceiverListJson",
    "Refused",
    "RemoteError",
    "RequestFilters",
    "RequestMatchJson",
    "Respond",
    "Role",
    "StateArguments",
    "Subscribed",
    "redirect",
]
