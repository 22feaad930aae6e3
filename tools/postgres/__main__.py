"""Fetch PostgreSQL unless it is here, and say where it is, or why there is none: `python -m tools.postgres`."""

from tools.postgres.binaries import NoPostgres, fetch

try:
    print(f"PostgreSQL: {fetch()}")  # noqa: T201 (what it is for)
except NoPostgres as error:
    print(f"PostgreSQL: SKIPPED, {error}")  # noqa: T201 (the same; the tests say it, too)
