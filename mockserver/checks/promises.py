"""Promises of the contract that no schema can express, tried one by one."""

from collections.abc import Callable, Iterator

import requests

from mockserver.checks.bench import Bench
from mockserver.checks.surface import Call


def keep(bench: Bench, tick: Callable[[str], None]) -> Iterator[tuple[Call, requests.Response]]:
    """Try every promise; yields what was answered on the way."""
    tick("promises")
    yield from bench.answers
