"""Address of a database: a URL, whose query may name the schema that a mock keeps its records in."""

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from mockserver.errors import SettingsError

SCHEMA = "mockserver"  # unless the URL names another
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class Address(NamedTuple):
    """A database and a schema in it. `url` is as asyncpg takes it; it may hold a password."""

    url: str
    schema: str

    @classmethod
    def of(cls, storage: str) -> "Address":
        """The address in a value of --storage. Raises SettingsError."""
        base, _, text = storage.partition("?")
        query = parse_qsl(text, keep_blank_values=True)
        schema = next((value for name, value in query if name == "schema"), SCHEMA)
        if schema.startswith("pg_") or schema == "information_schema":
            raise SettingsError(f"--storage names the schema {schema!r}, which is PostgreSQL's own: choose another.")
        if not _NAME.fullmatch(schema):
            raise SettingsError(
                f"--storage names the schema {schema!r}: it must be of small letters, digits and underscores."
            )
        if any(name == "password" for name, _ in query):
            raise SettingsError("--storage has its password in the query: put it before the host, or into PGPASSWORD.")
        if base.count("@") > 1:
            raise SettingsError("--storage has an @ in its user or password: write it as %40.")
        kept = urlencode([(name, value) for name, value in query if name != "schema"])
        return cls(f"{base}?{kept}" if kept else base, schema)
