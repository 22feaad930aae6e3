"""mockserver.openapi.runtime_expressions: the values of an exchange."""

from typing import Any

import pytest

from mockserver.openapi.runtime_expressions import ExchangeValues, Unavailable, url_of, value_of

EXCHANGE = ExchangeValues(
    "POST",
    "http://localhost/streams/7?url=u",
    201,
    path={"id": "7"},
    query={"url": "u", "a.b": "dotted"},
    headers={"x-end": "e"},
    body={"url": "http://a", "list": [{"x/y": 1}], "gone": None},
    response_headers={"location": "/l"},
    response_body={"streamId": "s-42"},
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$method", "POST"),
        ("$url", "http://localhost/streams/7?url=u"),
        ("$statusCode", 201),
        ("$request.path.id", "7"),
        ("$request.query.url", "u"),
        ("$request.query.a.b", "dotted"),
        ("$request.header.X-End", "e"),
        ("$request.body#/url", "http://a"),
        ("$request.body#/list/0/x~1y", 1),
        ("$response.header.Location", "/l"),
        ("$response.body#/streamId", "s-42"),
        ("$response.body", {"streamId": "s-42"}),
        ("{$request.body#/url}/data?id={$response.body#/streamId}", "http://a/data?id=s-42"),
        ("http://fixed/", "http://fixed/"),
        ({"a": ["$statusCode", 5]}, {"a": [201, 5]}),
    ],
)
def test_values_are_found(expression: Any, value: Any) -> None:
    """Every kind of expression, by itself and within a text, has its value."""
    assert value_of(expression, EXCHANGE) == value


@pytest.mark.parametrize(
    "expression",
    [
        "$request.query.other",
        "$request.header.other",
        "$request.body#/gone",
        "$request.body#/list/9",
        "$request.body#/url/deeper",
        "{$response.body#/none}/x",
        "$message.payload",
        "$nothing",
    ],
)
def test_what_is_not_there_is_told(expression: str) -> None:
    """A value that the exchange doesn't have is an error that names the expression."""
    with pytest.raises(Unavailable) as lacking:
        value_of(expression, EXCHANGE)

    assert lacking.value.args[0] in expression


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("{$url_}/invoices/{$request.body.invoice.id}", "u/invoices/5"),
        ("{$response.body.streamId}", "s-42"),
        ("{$shop}{$name}", "7n"),
    ],
)
def test_what_fastapi_documents_is_understood_where_it_may_be(expression: str, value: str) -> None:
    """Names of parameters and properties, and dots in place of a pointer, are no expressions of OpenAPI; a callback
    may be written so all the same."""
    exchange = EXCHANGE._replace(
        query={"url_": "u"}, path={"shop": "7"}, body={"name": "n", "shop": 8, "invoice": {"id": 5}}
    )

    assert value_of(expression, exchange, loose=True) == value
    with pytest.raises(Unavailable):
        value_of(expression, exchange)
    with pytest.raises(Unavailable):
        value_of("{$nothing}/x", exchange, loose=True)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("Zo\u00eb B.", "Zo%C3%AB%20B."),
        ("a?b#c", "a%3Fb%23c"),
        ("../up", "..%2Fup"),
        ("..", "%2E%2E"),
        ("50%", "50%25"),
        (7, "7"),
    ],
)
def test_what_is_embedded_in_a_url_stays_one_part_of_it(name: Any, sent: str) -> None:
    """But for the beginning, which is a URL itself, and for host and port."""
    exchange = ExchangeValues("POST", "", 201, body={"url": "http://a/b?c", "name": name, "host": "[::1]:80"})

    assert url_of("{$request.body#/url}/{$request.body#/name}", exchange) == f"http://a/b?c/{sent}"
    assert url_of("http://{$request.body#/host}/x?y={$request.body.name}", exchange) == f"http://[::1]:80/x?y={sent}"
    assert url_of("$request.body#/url", exchange) == "http://a/b?c"
