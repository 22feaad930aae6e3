"""The answers of the control plane, as types. Each is the schema of its name in `control/control.yaml`.

They are plain dicts, as the JSON has them. `Any` stands only where the contract allows any JSON, such as in a body.
"""

from typing import Any, Literal, NotRequired, TypedDict

Json = dict[str, Any]
DeliveryState = Literal["pending", "attempted", "delivered", "failed", "blocked"]
Effect = Literal[
    "dropConnection",
    "truncateBody",
    "malformedJson",
    "hang",
    "duplicate",
    "reorder",
    "wrongSignature",
    "staleTimestamp",
    "corruptBody",
]


# ---------------------------------------------------------------- the mock as a whole
class ConfigJson(TypedDict):
    """What the mock runs with."""

    version: str
    contract: str
    seed: str
    settings: Json


class PresetJson(TypedDict):
    """A named state."""

    name: str
    description: str
    ofStore: bool


class PresetsJson(TypedDict):
    """All presets."""

    items: list[PresetJson]
    total: int


class ClockJson(TypedDict):
    """The mock's time, as RFC 3339, and whether it stands still."""

    now: str
    frozen: bool


# ---------------------------------------------------------------- events and receivers
class EventCallbackJson(TypedDict):
    """An operation that sends an event when it succeeds."""

    operationId: str
    expression: str


class DeclaredEventJson(TypedDict):
    """An event, and how it is sent."""

    eventName: str
    method: str
    mediaType: str | None
    hasEnvelope: bool
    hasSchema: bool
    callbacks: list[EventCallbackJson]


class EventListJson(TypedDict):
    """The events of the contract."""

    items: list[DeclaredEventJson]
    total: int
    subscribedBy: Literal["api", "receivers"]


class ReceiverJson(TypedDict):
    """Who gets an event; the secret is told to who has added it."""

    receiverId: str
    storeCode: str
    eventName: str
    url: str
    signed: bool
    byCallback: bool
    createdAt: str
    secret: NotRequired[str]


class ReceiverListJson(TypedDict):
    """Receivers of a store."""

    items: list[ReceiverJson]
    total: int
    signing: Literal["vendor", "standard-webhooks", "none"]


# ---------------------------------------------------------------- deliveries
class NamedValueJson(TypedDict):
    """A header."""

    name: str
    value: str


class SentRequestJson(TypedDict):
    """The request of an attempt."""

    method: str
    url: str
    headers: list[NamedValueJson]
    body: str


class ReceivedResponseJson(TypedDict):
    """The response of a receiver."""

    status: int
    headers: list[NamedValueJson]
    body: str


class DeliveryAttemptJson(TypedDict):
    """One attempt of a delivery. `canonical` are the lines that were signed; lists leave it out."""

    number: int
    requestId: str
    at: str
    seconds: float
    request: SentRequestJson
    response: ReceivedResponseJson | None
    error: str | None
    canonical: NotRequired[list[str] | None]


class DeliveryJson(TypedDict):
    """An event on its way to one subscription."""

    deliveryId: str
    messageId: str
    eventName: str
    storeCode: str
    subscriptionId: str
    url: str
    createdAt: str
    status: DeliveryState
    retryAt: NotRequired[str]
    reason: NotRequired[str]
    attempts: list[DeliveryAttemptJson]


class DeliveryListJson(TypedDict):
    """A page of deliveries."""

    items: list[DeliveryJson]
    total: int
    forgotten: int
    revision: int
    emptied: int


class CausedDeliveriesJson(TypedDict):
    """The deliveries of an event that was triggered: a thousand at most, and how many there are."""

    items: list[DeliveryJson]
    total: int


# ---------------------------------------------------------------- requests
class AppliedFaultJson(TypedDict):
    """The fault that a request met."""

    faultId: str
    name: str | None
    effect: str | None


class MessageJson(TypedDict):
    """A request as it arrived, without secrets."""

    headers: dict[str, str]
    body: Any


class AnswerJson(TypedDict):
    """The answer of the mock, without secrets."""

    headers: dict[str, str]
    body: Any


class ExchangeJson(TypedDict):
    """A request to the API, and its answer."""

    requestId: str
    at: str
    method: str
    path: str
    query: str
    queryParameters: dict[str, list[str]]
    operationId: str | None
    storeCode: str | None
    status: int | None
    answered: bool
    durationMs: float | None
    fault: AppliedFaultJson | None
    request: MessageJson
    answer: AnswerJson | None
    contractViolation: str | None


class RequestListJson(TypedDict):
    """The requests that pass the filters of a list."""

    items: list[ExchangeJson]
    total: int
    revision: int
    emptied: int


class MisfitJson(TypedDict):
    """A part of a request that isn't as expected."""

    part: str
    expected: Any
    actual: NotRequired[Any]
    hint: NotRequired[str]


class NearMissJson(TypedDict):
    """A request that nearly fits."""

    requestId: str
    method: str
    path: str
    operationId: str | None
    status: int | None
    misfits: list[MisfitJson]


class MissingStepJson(TypedDict):
    """The first step of a sequence for which no request came."""

    step: int
    earlier: list[str]


class VerificationResultJson(TypedDict):
    """The verdict on requests that were expected."""

    ok: bool
    count: int
    requestIds: list[str]
    nearMisses: list[NearMissJson]
    reason: NotRequired[str]
    missing: NotRequired[MissingStepJson]


# ---------------------------------------------------------------- what requests and faults are matched by
class MatchPathJson(TypedDict, total=False):
    """A condition for a path; all of its parts have to hold."""

    equals: Any
    contains: Any
    matches: str
    absent: bool


class RequestMatchJson(TypedDict, total=False):
    """The conditions for a request: docs/control-plane.md#match."""

    operationId: str
    storeCode: str
    method: str
    path: str | MatchPathJson
    query: Json
    headers: Json
    body: Any
    status: int


class FaultMatchJson(TypedDict, total=False):
    """The conditions for the requests, or the deliveries, that a fault is for."""

    operationId: str
    storeCode: str
    method: str
    path: str | MatchPathJson
    query: Json
    headers: Json
    body: Any
    eventName: str
    subscriptionId: str
    calls: list[int | None]
    probability: float


class FaultAnswerJson(TypedDict, total=False):
    """What a fault does in place of the answer, or of the delivery."""

    status: int
    headers: dict[str, str | list[str]]
    contentType: str
    body: Any
    template: bool
    delay: float
    effect: Effect


class FaultJson(TypedDict):
    """A fault, and how often it struck."""

    faultId: str
    name: NotRequired[str]
    match: NotRequired[FaultMatchJson]
    answer: NotRequired[FaultAnswerJson]
    operationId: NotRequired[str]
    eventName: NotRequired[str]
    status: NotRequired[int]
    body: NotRequired[Any]
    delay: NotRequired[float]
    effect: NotRequired[Effect]
    times: NotRequired[int]
    probability: NotRequired[float]
    enabled: NotRequired[bool]
    matched: NotRequired[int]
    chances: int
    applied: int
    left: NotRequired[int]


class FaultListJson(TypedDict):
    """All faults."""

    items: list[FaultJson]
    total: int
