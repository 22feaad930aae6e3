"""The hooks of plain Schemathesis: addresses lead nowhere, ids are of the run, and what it made is deleted."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

from mockserver.checks.live.mark_sweep import run_of
from mockserver.testing import MockServer

FIRST, SECOND, MADE_UP = (f"5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c1{number}" for number in range(3))
KEY = {"X-AUTH-TOKEN": "mock-api-key"}
Headers = Mapping[str, str]


@pytest.fixture(scope="module")
def hooks() -> Iterator[Any]:
    """The module, which registers its hooks for all of the process when it is imported."""
    module = import_module("tools.schemathesis_hooks")
    GLOBAL_HOOK_DISPATCHER.unregister_all()
    return module


@pytest.mark.parametrize(
    ("address", "moved"),
    [
        ("http://a", "https://{}"),
        ("HTTPS://user:secret@crm.example.com:8443/hook?a=b", "https://{}/hook?a=b"),
        ("http://[::1]/" + "x" * 242, "https://{}/" + "x" * 213),
        ("https://a b/", "https://{} b/"),
        ("ftp://files.example.com", "ftp://{}"),
        ("no address", "no address"),
    ],
)
def test_addresses_are_of_the_run(hooks: Any, address: str, moved: str) -> None:
    """Every address in a body, wherever it is, leads to the host of the run, and is of a length that is valid."""
    body = {"webhookSubscription": {"url": address, "headers": [{"headerValue": address}], "hmacEnabled": True}}
    expected = moved.format(hooks.HOST)

    assert hooks.reserved(body) == {
        "webhookSubscription": {"url": expected, "headers": [{"headerValue": expected}], "hmacEnabled": True}
    }
    assert hooks.reserved(expected) == expected


def test_marks_are_those_that_sweep_knows(hooks: Any) -> None:
    """`mockserver sweep --mark` takes what a run made for that run's."""
    assert run_of({"url": hooks.reserved("http://crm.example.com:80/hook")}) == hooks.RUN


def test_valid_ids_become_those_of_the_run(hooks: Any) -> None:
    """A made-up id becomes the newest of the run; one of the run stays, also once deleted, and one that isn't valid."""
    run = hooks.Subscriptions()
    for record in (FIRST, SECOND):
        run.after(_case("_webhookSubscriptionPost"), _created(record))

    assert _sent(run, MADE_UP) == SECOND
    assert _sent(run, FIRST) == FIRST
    assert _sent(run, "0") == "0"
    run.after(_case("webhookSubscriptionDelete", SECOND), SimpleNamespace(status_code=204))
    assert _sent(run, MADE_UP) == FIRST
    assert _sent(run, SECOND) == SECOND


@pytest.fixture(scope="module")
def subscriptions() -> Iterator[str]:
    """The URL of the subscriptions of a mock."""
    with MockServer() as mock:
        yield f"{mock.url}/api/DEFAULT/webhook/subscription"


def test_what_is_left_is_deleted(hooks: Any, subscriptions: str, capsys: pytest.CaptureFixture[str]) -> None:
    """At the end each subscription that is left is deleted, with the credential that made it, and the run says so."""
    run = hooks.Subscriptions()
    body = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": "https://example.com"}}
    created = httpx2.post(subscriptions, json=body, headers=KEY).json()["webhookSubscriptionId"]
    run.after(_case("_webhookSubscriptionPost"), _created(created, f"{subscriptions}?a=b"))
    run.delete()

    assert httpx2.get(subscriptions, headers=KEY).json()["items"] == []
    assert capsys.readouterr().out == f"Run {hooks.RUN}: 1 subscriptions were left and are deleted now.\n"


@pytest.mark.parametrize("record", [FIRST, "../member", None])
def test_what_cant_be_deleted_is_told(
    hooks: Any, subscriptions: str, capsys: pytest.CaptureFixture[str], record: str | None
) -> None:
    """What the instance doesn't delete, or names by no id, is counted, and the line says what sweeps it."""
    run = hooks.Subscriptions()
    run.after(_case("_webhookSubscriptionPost"), _created(record, subscriptions, {"X-AUTH-TOKEN": "wrong"}))
    run.delete()

    assert f"1 may still be there: mockserver sweep --mark {hooks.RUN}" in capsys.readouterr().out


def _case(operation: str, record: str | None = None) -> Any:
    raw = SimpleNamespace(raw={"operationId": operation})
    named = {"storeCode": "NORTH"} | ({"webhookSubscription": record} if record else {})
    return SimpleNamespace(operation=SimpleNamespace(definition=raw), path_parameters=named, body=None)


def _sent(run: Any, record: str) -> str:
    """The id that a request names which was to name this one."""
    case = _case("webhookSubscriptionGet", record)
    run.before(case)
    return str(case.path_parameters["webhookSubscription"])


def _created(record: str | None, url: str = "http://127.0.0.1:1/subscription", headers: Headers = KEY) -> Any:
    answer = {"webhookSubscriptionId": record}
    request = SimpleNamespace(url=url, headers={**headers, "Content-Type": "application/json", "Content-Length": "2"})
    return SimpleNamespace(status_code=200, json=lambda: answer, request=request, verify=True)
