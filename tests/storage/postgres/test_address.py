"""mockserver.storage.postgres.address: a database and a schema, from one URL."""

import pytest

from mockserver.errors import SettingsError
from mockserver.storage.postgres.address import Address


@pytest.mark.parametrize(
    ("storage", "expected"),
    [
        ("postgresql://u:p@h:5432/d", Address("postgresql://u:p@h:5432/d", "mockserver")),
        ("postgresql://h/d?schema=team_a", Address("postgresql://h/d", "team_a")),
        (
            "postgresql:///d?schema=a&host=%2Ftmp&sslmode=require",
            Address("postgresql:///d?host=%2Ftmp&sslmode=require", "a"),
        ),
    ],
)
def test_schema_is_taken_out_of_the_url(storage: str, expected: Address) -> None:
    """The query may name the schema, which the driver doesn't know; all else is left to the driver."""
    assert Address.of(storage) == expected


@pytest.mark.parametrize(
    ("storage", "advice"),
    [
        ("postgresql://h/d?schema=Team", "small letters, digits and underscores"),
        ("postgresql://h/d?schema=a;drop", "small letters, digits and underscores"),
        ("postgresql://h/d?schema=pg_catalog", "which is PostgreSQL's own"),
        ("postgresql://h/d?schema=information_schema", "which is PostgreSQL's own"),
        ("postgresql://h/d?schema=", "small letters, digits and underscores"),
        ("postgresql://h/d?password=secret", "PGPASSWORD"),
        ("postgresql://u:p@ss@h/d", "%40"),
    ],
)
def test_bad_address_is_refused_with_advice(storage: str, advice: str) -> None:
    """A schema that no statement may name, and a password that would be shown, are refused."""
    with pytest.raises(SettingsError, match=advice):
        Address.of(storage)
