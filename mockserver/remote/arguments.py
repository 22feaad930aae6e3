"""The arguments of the control plane's larger operations: parameters and bodies of `control/control.yaml` by their
names in Python."""

from datetime import datetime
from typing import Any, Literal, TypedDict

from mockserver.remote.answers import DeliveryState, Effect, FaultAnswerJson, FaultMatchJson, Json

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class DeliveryFilters(TypedDict, total=False):
    """The filters of a list of deliveries: those that pass all of them are in it."""

    delivery_id: str
    message_id: str
    event_name: str
    store_code: str
    subscription_id: str
    url: str
    status: DeliveryState


class RequestFilters(TypedDict, total=False):
    """The filters of a list of requests: those that pass all of them are in it, of these the `last` so many.

    `query` are parameters as `name=value` or `name`; `body` is a text in the body; `fault` the name, the id or the
    effect of one.
    """

    method: Method
    path: str
    status: int
    operation_id: str
    store_code: str
    query: list[str]
    body: str
    fault: str
    answered: bool
    contract_violation: bool
    since: str | datetime
    last: int


class FaultArguments(TypedDict, total=False):
    """What a fault is for, and what goes wrong: docs/control-plane.md#faults."""

    name: str
    enabled: bool
    times: int
    match: FaultMatchJson
    answer: FaultAnswerJson
    operation_id: str
    event_name: str
    status: int
    body: Any
    delay: float
    effect: Effect
    probability: float


class StateArguments(TypedDict, total=False):
    """Records to add, as state files describe them: docs/state-files.md."""

    stores: list[str]
    admins: list[Json]
    members: list[Json]
    transactions: list[Json]
    subscriptions: list[Json]
    records: dict[str, list[Json]]
    clock: Json
