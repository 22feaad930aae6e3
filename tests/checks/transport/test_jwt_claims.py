"""Tokens of a target: whatever they say of themselves, they are read safely."""

import base64
import json

import pytest

from mockserver.checks.live.scenarios.authentication import wrong_with
from mockserver.checks.transport.jwt_claims import LONGEST_TOKEN, claims, usable

ODD_TIMES = ["1" + "0" * 400, "-1", "NaN", "Infinity", '"1"', '"inf"', "[1]", "{}", "null", "true", "1e400", "1e12"]


def _token(payload: str) -> str:
    return f"x.{base64.urlsafe_b64encode(payload.encode()).decode().rstrip('=')}.x"


@pytest.mark.parametrize("value", ODD_TIMES)
@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_odd_times_are_unknown_and_named(name: str, value: str) -> None:
    """What is no number of seconds in the next thousands of years counts as if it weren't there, and is told."""
    times = {"exp": "1700000100", "iat": "1700000000"} | {name: value}
    said = claims(_token("{" + ", ".join(f'"{key}": {text}' for key, text in times.items()) + "}"))

    assert said.odd == [name]
    assert (said.lifetime is None) == (name != "nbf")
    assert name in wrong_with(said)


def test_good_times() -> None:
    """A lifetime is the difference of two times, which may have fractions."""
    said = claims(_token('{"iat": 1700000000, "exp": 1700000000.5}'))

    assert (said.issued, said.lifetime, said.odd) == (1_700_000_000.0, 0.5, [])


@pytest.mark.parametrize(
    "token",
    ["", "x", "...", "a.b.c", "x.%%%.x", _token("[]"), _token("17"), _token("[" * 9999),
     _token('{"a":' + "[" * 99 + "]" * 99 + "}"),
     _token('{"iat": ' + "9" * 5000 + "}"), f"x.{'A' * LONGEST_TOKEN}.x", "x.\ud800.x", _token('"' + "x" * 99)],
)  # fmt: skip
def test_what_is_no_jwt_says_nothing(token: str) -> None:
    """No claims, and no error."""
    assert claims(token).content == {}


@pytest.mark.parametrize("token", [None, 17, "", "a b", "a\nb", "ä", "\x00", "x" * 20_000, ["a"]])
def test_what_cannot_be_sent_is_no_token(token: object) -> None:
    """A header takes visible ASCII of some length."""
    assert usable(token) is None


def test_a_jwt_can_be_sent() -> None:
    """The usual ones, and others without blanks."""
    token = _token(json.dumps({"iat": 1}))

    assert usable(token) == token
