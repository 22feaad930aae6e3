"""mockserver.openapi.dialects: what depends on the version of a document."""

from typing import Any

import pytest

from mockserver.openapi.dialects import (
    OPENAPI_30,
    OPENAPI_31,
    OPENAPI_32,
    Dialect,
    advice_for,
    dialect_of,
    is_known,
    is_known_vocabulary,
)


@pytest.mark.parametrize(
    ("version", "dialect"),
    [
        ("3.0.0", OPENAPI_30),
        ("3.0.3-rc1", OPENAPI_30),
        ("3.1.0", OPENAPI_31),
        ("3.1.1", OPENAPI_31),
        ("3.2.0", OPENAPI_32),
    ],
)
def test_the_version_of_a_document_says_its_dialect(version: str, dialect: Dialect) -> None:
    """Each patch of a version has the dialect of the version."""
    assert is_known(version)
    assert dialect_of({"openapi": version}) is dialect


@pytest.mark.parametrize("version", [None, 3.1, "3.1", "3.3.0", "31.0", "", "3.0.", "3.0.x", "3.0.3-"])
def test_other_versions_have_none(version: Any) -> None:
    """A version that isn't complete, or unknown, has no dialect; a part of a document is read as OpenAPI 3.0."""
    assert not is_known(version)
    assert dialect_of({"openapi": version}) is OPENAPI_30


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://spec.openapis.org/oas/3.1/dialect/base", True),
        ("https://json-schema.org/draft/2020-12/schema", True),
        ("http://json-schema.org/draft-07/schema#", False),
        (7, False),
    ],
)
def test_other_vocabularies_are_noticed(uri: Any, expected: bool) -> None:  # noqa: FBT001 (an expectation)
    """Schemas of another draft may mean something else, which a document can say for all of its schemas."""
    assert is_known_vocabulary(uri) is expected


@pytest.mark.parametrize(
    ("key", "version", "advice"),
    [
        ("swagger", "2.0", "Convert it: npx swagger2openapi {}"),
        ("openapi", "3.1", "Write the full version, in quotes: '3.1.1'"),
        ("openapi", 3.2, "Write the full version, in quotes: '3.2.0'"),
        ("openapi", "5", "Write it as OpenAPI 3.0, 3.1 or 3.2"),
    ],
)
def test_what_to_do_with_other_versions_is_told(key: str, version: Any, advice: str) -> None:
    """The advice says how to convert, or what to write."""
    assert advice_for(key, version).startswith(advice)
