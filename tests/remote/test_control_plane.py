"""mockserver.remote.control_plane: in step with the contract of the control plane, and clear where it fails.

`answers` and `arguments` are tested here, too.
"""

import inspect
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, get_type_hints, is_typeddict

import httpx2
import pytest

from mockserver.naming import camel_case
from mockserver.openapi.contract import Contract
from mockserver.remote import answers
from mockserver.remote.control_plane import ControlPlane
from mockserver.testing import MockServer, Receiver, Refused
from tests.remote.contract_types import Types, annotation
from tests.support.control_methods import Recorder, public_methods
from tests.support.subscriptions import EVENT, NOWHERE, subscribe

DOCUMENT = Contract.of_control().document
TYPES = Types(DOCUMENT)
METHODS = {
    "resetMock": ["reset"],
    "getState": ["state.snapshot"],
    "restoreState": ["state.restore"],
    "addState": ["state.add"],
    "listPresets": ["presets.list"],
    "applyPreset": ["presets.apply"],
    "getConfig": ["config"],
    "getClock": ["clock.get"],
    "setClock": ["clock.set", "clock.freeze", "clock.release"],
    "advanceClock": ["clock.advance"],
    "listEvents": ["events"],
    "triggerEvent": ["trigger"],
    "getEventSchema": ["event_schema"],
    "listReceivers": ["receivers.list"],
    "addReceiver": ["receivers.add"],
    "deleteReceiver": ["receivers.remove"],
    "listDeliveries": ["deliveries.list", "deliveries.wait"],
    "getDelivery": ["deliveries.get"],
    "redeliver": ["deliveries.redeliver"],
    "listFaults": ["faults.list"],
    "addFault": ["faults.add"],
    "deleteFaults": ["faults.clear"],
    "getFault": ["faults.get"],
    "changeFault": ["faults.change"],
    "deleteFault": ["faults.remove"],
    "listRequests": ["requests.list", "requests.wait"],
    "deleteRequests": ["requests.clear"],
    "verifyRequests": ["requests.verify"],
    "getRequest": ["requests.get"],
}
WITHOUT_METHOD = {"getStream": "its events are followed by an HTTP client, for as long as one likes"}
WITHOUT_ARGUMENT = {
    ("listDeliveries", "changedSince"): "`wait` is for those who want to know what happens",
    ("listRequests", "changedSince"): "likewise",
    ("listDeliveries", "_page"): "a list has all pages",
    ("restoreState", "*"): "a snapshot is put back as it was taken",
}
OTHER_NAMES = {"timeout": "wait"}  # a method that is called `wait` tells so how long
RETURNED = {"requests.verify": "list[ExchangeJson]"}  # the requests that a verdict names
OPAQUE = {"dict[str, Any]"}  # snapshots, and JSON Schemas: nobody reads them key by key
SAMPLES: Mapping[str, Any] = {"str": "A", "int": 1, "float": 1.0, "bool": True}


def _operations() -> Iterator[tuple[str, str, str, Any, Any]]:
    """The operations: id, method, path, path item, operation."""
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "operationId" in operation:
                yield operation["operationId"], method.upper(), path, item, operation


OPERATIONS = {operation_id: rest for operation_id, *rest in _operations()}


def _method(recorder: Recorder, name: str) -> Callable[..., Any]:
    return public_methods(ControlPlane(recorder))[name]


def _arguments(method: Callable[..., Any]) -> dict[str, Any]:
    """The arguments of a method with their types, those of `**` one by one."""
    hints = get_type_hints(method)
    found: dict[str, Any] = {}
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            found |= get_type_hints(typing.get_args(hints[name])[0])
        else:
            found[name] = hints[name]
    return found


def _declared(operation_id: str) -> dict[str, Any]:
    """The parameters of an operation, and the properties of its body, with their schemas."""
    _, _, item, operation = OPERATIONS[operation_id]
    given = map(TYPES.resolved, [*item.get("parameters", []), *operation.get("parameters", [])])
    found = {parameter["name"]: parameter["schema"] for parameter in given}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    for schema in map(TYPES.resolved, TYPES.resolved(body).get("oneOf", [body])):
        found |= schema.get("properties", {})
    return found


def _sample(hint: Any) -> Any:
    kind = annotation(hint).removeprefix("None | ").partition(" | ")[0]
    if kind.startswith("Literal"):
        return "GET" if "GET" in kind else re.findall(r"'(\w+)'", kind)[0]
    return SAMPLES.get(kind, [] if kind.startswith("list") else {})


def _asked(name: str) -> tuple[str, str, dict[str, Any]]:
    """What a method asks first if it is given all its arguments."""
    recorder = Recorder()
    method = _method(recorder, name)
    method(**{argument: _sample(hint) for argument, hint in _arguments(method).items()})
    return recorder.calls[0]


# ---------------------------------------------------------------- in step with the contract
def test_every_operation_has_its_method() -> None:
    """An operation of the contract has a method, or a reason to have none."""
    assert METHODS.keys() | WITHOUT_METHOD.keys() == OPERATIONS.keys()
    assert not METHODS.keys() & WITHOUT_METHOD.keys()


def test_every_method_has_its_operation() -> None:
    """A public method stands for an operation."""
    assert set(public_methods(ControlPlane(Recorder()))) == {name for names in METHODS.values() for name in names}


@pytest.mark.parametrize(("operation_id", "name"), [(key, name) for key, names in METHODS.items() for name in names])
def test_methods_ask_for_their_operation(operation_id: str, name: str) -> None:
    """A method calls its operation by the right path and verb."""
    verb, path = OPERATIONS[operation_id][:2]

    asked = _asked(name)

    assert asked[0] == verb
    assert f"/_mock{asked[1]}" == re.sub(r"\{\w+\}", "A", path)


@pytest.mark.parametrize("operation_id", METHODS)
def test_every_parameter_has_its_argument(operation_id: str) -> None:
    """Every parameter of the contract, and every property of a body, can be given; nothing else is sent."""
    path = OPERATIONS[operation_id][1]
    sent = {name for method in METHODS[operation_id] for name in _asked(method)[2]}
    excused = {name for operation, name in WITHOUT_ARGUMENT if operation == operation_id}
    declared = set(_declared(operation_id))

    if "*" not in excused:
        assert declared - sent - excused == set(re.findall(r"\{(\w+)\}", path))
        assert sent <= declared - excused


@pytest.mark.parametrize(("operation_id", "name"), [(key, name) for key, names in METHODS.items() for name in names])
def test_arguments_have_the_types_of_the_contract(operation_id: str, name: str) -> None:
    """An argument takes what the contract says of its parameter."""
    declared = _declared(operation_id)
    for argument, hint in _arguments(_method(Recorder(), name)).items():
        wire = camel_case(OTHER_NAMES.get(argument, argument))
        if (operation_id, "*") not in WITHOUT_ARGUMENT:
            assert annotation(hint).removeprefix("None | ") == TYPES.of(declared[wire]), argument


@pytest.mark.parametrize("name", [name for name in vars(answers) if name.endswith("Json") and name != "Json"])
def test_answers_have_the_types_of_the_contract(name: str) -> None:
    """A type of answers has the properties of its schema, with their types, and knows which may be missing."""
    kind = getattr(answers, name)
    schema = DOCUMENT["components"]["schemas"][name.removesuffix("Json")]

    assert is_typeddict(kind)
    hints = get_type_hints(kind)
    assert {key: annotation(hint) for key, hint in hints.items()} == {
        key: TYPES.of(value) for key, value in schema["properties"].items()
    }
    assert kind.__required_keys__ == set(schema.get("required", []))


@pytest.mark.parametrize(("operation_id", "name"), [(key, name) for key, names in METHODS.items() for name in names])
def test_methods_return_what_the_contract_answers(operation_id: str, name: str) -> None:
    """A method returns the type of the answer, or the items of a list."""
    responses = OPERATIONS[operation_id][3]["responses"]
    success = TYPES.resolved(next(content for status, content in responses.items() if status[0] == "2"))
    returned = annotation(get_type_hints(_method(Recorder(), name))["return"])
    schema = success.get("content", {}).get("application/json", {}).get("schema")
    items = TYPES.resolved(schema or {}).get("properties", {}).get("items")

    expected = {TYPES.of(schema)} if schema else {"None"}
    expected |= {RETURNED[name]} if name in RETURNED else set()
    assert returned in expected | ({TYPES.of(items)} if items else set()) | OPAQUE & {returned}


@pytest.mark.parametrize(
    ("expected", "calls"), [({"at_most": 5}, [60, 1]), ({"at_least": 1}, [60]), ({"at_least": 0, "at_most": 0}, [60])]
)
def test_verdict_is_waited_for_until_it_is_settled(expected: dict[str, Any], calls: list[float]) -> None:
    """More than a call may wait is waited for by several, but no longer than until the verdict can't change."""
    recorder = Recorder()

    with suppress(AssertionError):
        ControlPlane(recorder).requests.verify({}, wait=61, **expected)

    assert [sent["wait"] for _, path, sent in recorder.calls if path == "/requests/verify"] == calls


# ---------------------------------------------------------------- on a mock
def test_refusal_is_raised_in_the_mocks_words(mock: MockServer) -> None:
    """What the control plane refuses is raised with status, problems, and the hint."""
    with pytest.raises(Refused, match=r"answers 400: seconds: This value should be .+") as refused:
        mock.clock.advance(-1)
    with pytest.raises(Refused, match=r"answers 404: .+ GET /_mock/deliveries lists those that are\."):
        mock.deliveries.get("9/9")

    assert refused.value.status == 400
    assert [error["path"] for error in refused.value.errors] == ["seconds"]


def test_clock_takes_moments(mock: MockServer) -> None:
    """The clock is set by a text or a datetime, one without a zone being UTC; it stands, moves and goes on."""
    assert mock.clock.freeze("2026-01-15T10:30:00Z") == {"now": "2026-01-15T10:30:00+00:00", "frozen": True}
    assert mock.clock.advance(60)["now"] == "2026-01-15T10:31:00+00:00"
    moments = [datetime(2026, 1, 15), datetime(2026, 1, 15, tzinfo=UTC)]  # noqa: DTZ001 (one without a zone)
    assert {mock.clock.set(moment)["now"] for moment in moments} == {"2026-01-15T00:00:00+00:00"}
    assert mock.clock.release()["frozen"] is False


def test_deliveries_are_waited_for(mock: MockServer) -> None:
    """Deliveries are returned as soon as there are enough of them in the wanted state."""
    with Receiver() as receiver:
        subscribe(mock, receiver.url)
        mock.trigger(EVENT, count=2)

        found = mock.deliveries.wait(2, timeout=30, event_name=EVENT, status="delivered")

    responses = [one["attempts"][0]["response"] for one in found]
    assert [answer and answer["status"] for answer in responses] == [204, 204]
    assert mock.deliveries.list(status="failed") == []


def test_missing_delivery_is_told_with_what_is_there(mock: MockServer) -> None:
    """Where a delivery doesn't come in time, the error names those that there are."""
    with pytest.raises(AssertionError, match=r"^No delivery within 0\.01 s\. There are none at all\.$"):
        mock.deliveries.wait(timeout=0.01)
    subscribe(mock, NOWHERE)
    mock.trigger(EVENT)

    with pytest.raises(AssertionError) as failed:
        mock.deliveries.wait(2, timeout=0.01, event_name=EVENT)

    head, line = str(failed.value).splitlines()
    assert head == f"Not 2 deliveries with event_name == '{EVENT}' within 0.01 s. There are 1, the last of them:"
    assert line.startswith(f"  {EVENT} to {NOWHERE} → ")


def test_requests_are_waited_for_and_listed(mock: MockServer) -> None:
    """Requests are found by their filters; one that doesn't come is told with those that there are."""
    httpx2.get(f"{mock.url}/api/DEFAULT/member?_page=2")

    (found,) = mock.requests.wait(path="/api/DEFAULT/member", query=["_page=2"], since=datetime(2020, 1, 1, tzinfo=UTC))
    assert found == mock.requests.get(found["requestId"])
    with pytest.raises(AssertionError) as failed:
        mock.requests.wait(timeout=0.01, method="POST")

    assert str(failed.value).startswith(
        "No request with method == 'POST' within 0.01 s. There are 1, the last of them:\n"
    )
    mock.requests.clear()
    assert mock.requests.list() == []


def test_verification_shows_what_came_closest(mock: MockServer) -> None:
    """The calls that fit are returned; else the error says what was expected, and how the closest call differs."""
    httpx2.get(f"{mock.url}/api/DEFAULT/member")

    (found,) = mock.requests.verify({"path": "/api/DEFAULT/member"}, at_most=1)
    assert mock.requests.verify(sequence=[{"method": "GET"}]) == [found] == mock.requests.list()
    assert mock.requests.verify({"method": "POST"}, at_most=0) == []
    with pytest.raises(
        AssertionError, match=r"\{'method': 'POST'.+No calls fit, .+\. The closest:\n  GET .+method is 'GET', expected"
    ):
        mock.requests.verify({"method": "POST", "path": "/api/DEFAULT/member"})


def test_state_is_kept_and_put_back(mock: MockServer) -> None:
    """A snapshot brings back what was; records are added by descriptions; a preset empties a store."""
    kept = mock.state.snapshot()
    mock.state.add(members=[{"email": "added@example.com"}])
    assert "added@example.com" in {member["email"] for member in mock.state.snapshot()["members"]}

    mock.state.restore(kept)
    assert mock.state.snapshot()["members"] == kept["members"]
    assert "empty" in {preset["name"] for preset in mock.presets.list()}
    mock.presets.apply("empty", store_code="DEFAULT")
    assert {member["storeCode"] for member in mock.state.snapshot()["members"]} == {"OTHER"}
