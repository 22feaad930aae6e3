"""Fetch PostgreSQL unless it is here, and say where it is: `python -m tools.postgres`."""

import sys

from tools.postgres.binaries import NoPostgres, fetch

try:
    print(f"PostgreSQL: {fetch()}")  # noqa: T201 (what it is for)
except NoPostgres as error:
    sys.exit(str(error))
