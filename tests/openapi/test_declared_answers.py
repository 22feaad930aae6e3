"""An answer stands under one key of its contract: the one that says the most about it."""

import pytest

from mockserver.openapi.declared_answers import declared_response, declared_status, declared_type


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("404", "4XX", "default"), "404"),
        (("400", "4XX", "default"), "4XX"),
        (("4xx", "default"), "4xx"),
        (("5XX", "default"), "default"),
        (("200", "5XX"), None),
    ],
)
def test_statuses_are_found(statuses: tuple[str, ...], expected: str | None) -> None:
    """A status stands under itself, its class in either case, or all others."""
    assert declared_status(statuses, 404) == expected
    assert declared_response({}, 404) is None


@pytest.mark.parametrize(
    ("media_types", "expected"),
    [
        (("*/*", "application/*", "application/json"), "application/json"),
        (("*/*", "application/*"), "application/*"),
        (("text/*", "*/*"), "*/*"),
        (("text/*", "application/xml"), None),
    ],
)
def test_media_types_are_found(media_types: tuple[str, ...], expected: str | None) -> None:
    """A media type stands under itself, or the narrowest range."""
    assert declared_type(media_types, "application/json") == expected
