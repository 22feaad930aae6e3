"""The control plane under Schemathesis: what may be refused there, and probes for what generated data doesn't reach."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx2
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from mockserver.settings import Settings
from mockserver.testing import MockServer
from mockserver.world.feed import MOST_LISTENERS
from tests.fuzz.harness import Json, Load, Subject
from tests.fuzz.probes import Operation, judged, operations

REFUSED_WITH_REASON = {
    **dict.fromkeys(
        ("resetMock", "listFaults", "deleteFaults", "deleteRequests", "listReceivers", "deleteReceiver"),
        "a store that doesn't exist",
    ),
    "addState": "records whose parts don't fit together, or that are there already",
    "applyPreset": "a store that doesn't exist",
    "restoreState": "the parts of a generated snapshot don't fit together",
    "setClock": "a moment before 1970",
    "advanceClock": "a moment after 9998",
    "triggerEvent": "an event, store or receiver that doesn't exist, or data that the event doesn't have",
    "addReceiver": "an event or store that doesn't exist, or a URL that is none",
    "listRequests": "an operation that doesn't exist",
    "verifyRequests": "an operation that doesn't exist, or a text that is no regular expression or no JSON path",
    "addFault": "an operation, event or store that doesn't exist, or a fault whose parts don't fit together",
}
# Waiting is for scenarios: here it would take a minute each time.
CONTROL = Subject(REFUSED_WITH_REASON, {"query.wait": 0}, overlapping=["verifyRequests"])
API_KEY = {"X-AUTH-TOKEN": "mock-api-key"}
NOBODY = "http://127.0.0.1:9/"  # the port of the discard service, where nobody listens
FAULT = {"operationId": "webhookEventGetList", "status": 503}
EVENT = {"eventName": "CustomerRegistered", "storeCode": "DEFAULT"}
PATH_PARAMETERS = ("faultId", "deliveryId", "eventName", "presetName", "requestId", "receiverId")
TOO_LONG = 64 * 1024 * 1024 + 1  # bytes


def loader(url: str) -> Load:
    """What loads the control plane's document from a mock, in which there is something to see each time: a
    subscription to every event, and a delivery."""

    def load(configuration: Json) -> BaseSchema:
        with httpx2.Client(base_url=url) as http:
            http.post("/_mock/reset").raise_for_status()
            for event_name in http.get("/api/DEFAULT/webhook/event", headers=API_KEY).json()["items"]:
                wanted = {"webhookSubscription": {"eventName": event_name, "url": NOBODY, "hmacEnabled": True}}
                http.post("/api/DEFAULT/webhook/subscription", json=wanted, headers=API_KEY).raise_for_status()
            http.post("/_mock/events", json=EVENT).raise_for_status()
        config = SchemathesisConfig.from_dict(configuration)
        schema = schemathesis.openapi.from_url(f"{url}/_mock/openapi.json", config=config)
        _forget_operations(schema)
        return schema

    return load


def _forget_operations(schema: BaseSchema) -> None:
    """Let walks begin with a fault. The operationId in its `match` is of the API's contract: Schemathesis takes
    that for a record which nothing here creates, and so each request that may name one for hopeless."""
    graph = schema.analysis.dependency_graph  # type: ignore[attr-defined]
    for node in graph.operations.values():
        node.inputs[:] = [slot for slot in node.inputs if slot.resource.name != "Operation"]


def _anybody(http: httpx2.Client, method: str, path: str) -> httpx2.Response:
    return http.request(method, path)


def _unknown_parameter(http: httpx2.Client, method: str, path: str) -> httpx2.Response:
    return http.request(method, path, params={"colour": "red"})


def _page(http: httpx2.Client, method: str, path: str) -> httpx2.Response:
    return http.request(method, path, headers={"Origin": "http://elsewhere.example"})


def _nothing_there(http: httpx2.Client, method: str, path: str) -> httpx2.Response:
    return http.request(method, path, json={"enabled": True} if method == "PATCH" else None)


def _wrong_method(http: httpx2.Client, _method: str, path: str) -> httpx2.Response:
    return http.request("TRACE", path)


def _oversized(http: httpx2.Client, method: str, path: str) -> httpx2.Response:
    return http.request(method, path, content=b" " * TOO_LONG, headers={"Content-Type": "application/json"})


def _not_json(http: httpx2.Client, method: str, path: str) -> httpx2.Response:
    return http.request(method, path, content=b"a=b", headers={"Content-Type": "application/x-www-form-urlencoded"})


def _other_engine(http: httpx2.Client, method: str, path: str) -> httpx2.Response:
    wanted = {"match": {}} if path.endswith("/verify") else FAULT
    return http.request(method, path, json=wanted if method == "POST" else None)


def _one_too_many(http: httpx2.Client, method: str, path: str) -> httpx2.Response:
    with ExitStack() as others:
        for _ in range(MOST_LISTENERS):
            others.enter_context(http.stream(method, path))
        return http.request(method, path)


Probe = Callable[[httpx2.Client, str, str], httpx2.Response]
PROBES: dict[str, Probe] = {
    "400": _unknown_parameter,
    "403": _page,
    "404": _nothing_there,
    "405": _wrong_method,
    "413": _oversized,
    "415": _not_json,
    "503": _one_too_many,
}


def probed(schema: BaseSchema) -> Iterator[tuple[str, str, str]]:
    """Probe every operation for every such status that it declares, on mocks of our own.

    Yields (operationId, status, what is wrong), the last empty if the answer is as declared.
    """
    with MockServer(Settings(port=0)) as mock, httpx2.Client(base_url=mock.url) as http:
        yield from _probed(schema, http, PROBES)
    with MockServer(Settings(port=0, control_token="fuzz")) as mock, httpx2.Client(base_url=mock.url) as http:
        yield from _probed(schema, http, {"401": _anybody})
    with MockServer(Settings(port=0, engine="connexion")) as mock, httpx2.Client(base_url=mock.url) as http:
        yield from _probed(schema, http, {"409": _other_engine})


def _probed(schema: BaseSchema, http: httpx2.Client, probes: dict[str, Probe]) -> Iterator[tuple[str, str, str]]:
    for operation in operations(schema):
        for status in operation.definition.raw["responses"].keys() & probes.keys():
            answer = probes[status](http, operation.method.upper(), _path(operation))
            yield operation.definition.raw["operationId"], status, judged(operation, answer, status)


def _path(operation: Operation) -> str:
    return operation.full_path.format_map(dict.fromkeys(PATH_PARAMETERS, "unknown"))
