"""mockserver.http.media_types: what is one media type, and what no browser runs."""

import re

import pytest

from mockserver.http.media_types import is_harmless, is_media_type
from mockserver.openapi.contract import Contract

JSON = ["application/json", "Application/JSON; charset=utf-8", 'application/problem+json ; a="b c";v=1']
OTHERS = ["text/html", "text/html; charset=utf-8", "image/svg+xml", "text/json", "application/jsonp"]
NONE = [
    *("", "json", "application/json;, text/html", "application/json, text/html", "application/json; a=b, text/html"),
    *('application/json; a="b, text/html"', 'application/json; a="b\\"', 'application/json; a="', "application/json;"),
    *(
        "application/json; text/html",
        "application/json\n",
        "application/json text/html",
        "application/j\u017fon; a=\u00fc",
    ),
]


@pytest.mark.parametrize("text", JSON)
def test_json_is_harmless(text: str) -> None:
    """JSON's media types are harmless, with parameters, too."""
    assert (is_media_type(text), is_harmless(text)) == (True, True)


@pytest.mark.parametrize("text", OTHERS)
def test_other_types_are_not(text: str) -> None:
    """Any other type isn't, though it may be innocent."""
    assert (is_media_type(text), is_harmless(text)) == (True, False)


@pytest.mark.parametrize("text", NONE)
def test_what_browsers_could_take_for_another_type(text: str) -> None:
    """What isn't exactly one media type is none, and never harmless."""
    assert (is_media_type(text), is_harmless(text)) == (False, False)


@pytest.mark.parametrize("text", [*JSON, *OTHERS, *NONE])
def test_contract_of_the_control_plane_means_the_same(text: str) -> None:
    """The pattern of control.yaml takes the same texts."""
    answer = Contract.of_control().document["components"]["schemas"]["FaultAnswer"]
    pattern = answer["properties"]["contentType"]["pattern"]

    assert (re.search(pattern.removesuffix("$") + r"\Z", text) is not None) == is_media_type(text)
