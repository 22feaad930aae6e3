"""mockserver.remote.happenings: requests and deliveries in a line each, without secrets."""

from typing import Any

from mockserver.remote.answers import DeliveryJson, ExchangeJson
from mockserver.remote.happenings import LONGEST, delivery_line, near_miss_lines, request_line

FAULT = {"faultId": "f", "name": "gateway down", "effect": None}
ATTEMPT: Any = {"response": {"status": 500}}


def _exchange(**other: Any) -> ExchangeJson:
    answer: Any = {"headers": {}, "body": None}
    usual = {"method": "GET", "path": "/api/A/member", "query": "", "status": 200, "answered": True, "answer": answer}
    exchange: Any = {"fault": None, "contractViolation": None, **usual, **other}
    return exchange  # type: ignore[no-any-return]


def _delivery(**other: Any) -> DeliveryJson:
    usual = {
        "eventName": "CustomerRegistered",
        "url": "http://localhost:9000/hook",
        "status": "pending",
        "attempts": [],
    }
    delivery: Any = {**usual, **other}
    return delivery  # type: ignore[no-any-return]


def test_request_tells_what_explains_it() -> None:
    """A request has method, path, query and status, then a fault, a hint and a violation where there are any."""
    answer = {"headers": {"X-Mock-Hint": "There is no store B."}, "body": None}

    assert request_line(_exchange()) == "GET /api/A/member → 200"
    assert request_line(_exchange(query="a=1", fault=FAULT, contractViolation="it lacks total", answer=answer)) == (
        "GET /api/A/member?a=1 → 200 · fault gateway down · hint: There is no store B. · "
        "violates the contract: it lacks total"
    )
    assert request_line(_exchange(answered=False, status=None, answer=None)) == "GET /api/A/member → no answer"


def test_delivery_tells_how_it_went() -> None:
    """A delivery has event, URL, status and attempts, and the reason if there is one."""
    assert delivery_line(_delivery()) == "CustomerRegistered to http://localhost:9000/hook → pending (0 attempts)"
    failed = _delivery(status="failed", attempts=[ATTEMPT], reason="500 is no success")
    assert delivery_line(failed).endswith("→ failed (1 attempt, last answer 500) · 500 is no success")


def test_near_miss_tells_what_differs() -> None:
    """A near miss has its request, and each part that isn't as expected."""
    misfits: Any = [
        {"part": "method", "expected": "POST", "actual": "GET"},
        {"part": "body.$.email", "expected": "jo@example.com"},
    ]
    miss: Any = {"method": "GET", "path": "/api/A/member", "status": 200, "misfits": misfits}

    (line,) = near_miss_lines([miss])
    assert line.startswith("GET /api/A/member → 200 · method is 'GET', expected 'POST' · body.$.email is not there")
    assert line.endswith(", expected 'jo@example.com'")


def test_lines_keep_secrets_and_bounds() -> None:
    """Secret parameters and all values in the URL of a receiver are masked; a line is bounded, and stays one line."""
    assert "sesame" not in request_line(_exchange(query="api_key=sesame"))
    assert "sesame" not in delivery_line(_delivery(url="http://jo:sesame@localhost/hook?a=sesame#sesame"))
    assert len(request_line(_exchange(path="/" + "a" * 1000))) == LONGEST + 1
    assert "\n" not in request_line(_exchange(path="/a\nb\x1b"))
