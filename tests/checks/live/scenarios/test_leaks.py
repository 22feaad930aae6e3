"""mockserver.checks.live.scenarios.leaks: a secret is found however an answer writes it, and nothing else is one."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
import requests

from mockserver.checks.live.scenarios.leaks import leaks

SECRET = "whsec_abc/def+ghijklmnopqrstuvwxyz0123456789ABCD="
NAME = "hmacSecretKey"


def _answer(text: str, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code, response._content = 200, text.encode()  # noqa: SLF001 (as requests itself fills it)
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


def _shows(text: str, value: Any = SECRET, **headers: str) -> bool:
    return leaks(_answer(text, **headers), NAME, value)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"ref": SECRET}),
        json.dumps({"ref": SECRET}).replace("/", "\\/"),
        json.dumps({"rows": [{"ref": f"key {SECRET[6:]}"}]}),
        json.dumps({"ref": base64.b64encode(SECRET.encode()).decode()}),
        json.dumps({"ref": base64.urlsafe_b64encode(SECRET[6:].encode()).decode()}),
        json.dumps({"ref": SECRET.encode().hex()}),
        json.dumps({"next": f"/hooks?key={quote(SECRET, safe='')}"}),
        json.dumps({"log": json.dumps({"ref": SECRET}).replace("/", "\\/")}),
        json.dumps({SECRET: True}),
        f"<p>{SECRET}</p>",
    ],
    ids=["plain", "PHP", "no prefix", "base64", "no prefix in base64", "hex", "percent", "JSON in JSON", "key", "page"],
)
def test_a_value_is_found_under_another_name(text: str) -> None:
    """However the server writes it."""
    assert _shows(text)


def test_a_value_is_found_in_headers() -> None:
    """They are shown as well."""
    assert _shows("{}", X_Key=SECRET)


@pytest.mark.parametrize("text", ['{"hmacSecretKey": "***"}', '{"hmacSecretKey" : false}', '[{"hmacSecretKey":"a",'])
def test_the_name_is_enough(text: str) -> None:
    """What isn't declared for reading isn't shown at all, whatever it holds."""
    assert _shows(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"hmacSecretKey": null}', SECRET),
        ('{"note": "hmacSecretKey", "ref": "whsec_…"}', SECRET),
        ('{"ref": "short"}', "short"),
        ('{"ref": 1}', None),
        ("[" * 100_000, SECRET),
        ('{"ref": "key_of_pets", "other": "of_pets"}', "pre_of_pets"),
    ],
)
def test_what_shows_no_secret_is_no_leak(text: str, value: Any) -> None:
    """Null, the name as a value, a masked one, and what is too short to be told from anything else."""
    assert not _shows(text, value)
