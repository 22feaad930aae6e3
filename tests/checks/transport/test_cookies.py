"""Cookies of an instance: none is kept, and the value of none is shown."""

import pytest
import requests
import urllib3

from mockserver.checks.transport import cookies


def _answer(*lines: str) -> requests.Response:
    response = requests.Response()
    headers = urllib3.HTTPHeaderDict([("X-Trace", "1"), *(("Set-Cookie", line) for line in lines)])
    response.raw = urllib3.HTTPResponse(headers=headers)
    response.headers.update(headers)
    return response


@pytest.mark.parametrize(
    ("line", "shown", "value"),
    [
        ("SID=abc; Path=/; HttpOnly", "SID=$OL_SECRET; Path=/; HttpOnly", "abc"),
        ("SID=a=b==", "SID=$OL_SECRET", "a=b=="),
        ('SID="a;b"; Path=/', "SID=$OL_SECRET; Path=/", "a;b"),
        ("nameless; Path=/", "$OL_SECRET; Path=/", "nameless"),
        ("", "$OL_SECRET", ""),
    ],
)
def test_a_cookie_is_shown_without_its_value(line: str, shown: str, value: str) -> None:
    """Its name and attributes tell what it is."""
    assert cookies.headers_of(_answer(line)) == [("X-Trace", "1"), ("Set-Cookie", shown)]
    assert list(cookies.values_in(_answer(line))) == [value]


def test_each_cookie_counts() -> None:
    """Also of several, whose dates hold commas."""
    response = _answer("a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT", "b=2")

    assert list(cookies.values_in(response)) == ["1", "2"]
    assert [value for name, value in cookies.headers_of(response) if name == "Set-Cookie"] == [
        "a=$OL_SECRET; Expires=Thu, 01 Jan 2026 00:00:00 GMT",
        "b=$OL_SECRET",
    ]


def test_an_answer_without_a_source_has_its_headers() -> None:
    """Such as one that was made up."""
    response = requests.Response()
    response.headers["Set-Cookie"] = "a=1; Path=/"
    cookies.keep_out_of_jars(response)

    assert cookies.headers_of(response) == [("Set-Cookie", "a=$OL_SECRET; Path=/")]
