"""mockserver.checks.live.fuzzing: what keeps Schemathesis' threads from disturbing each other."""

import ast
import threading
from typing import Any

import pytest

from mockserver.checks.live.fuzzing import parsing_in_turn

PATIENCE = 0.1  # seconds that one thread waits for the other to be there at the same time


def test_one_thread_parses_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a run lasts, no two threads parse Python code at once; afterwards parsing is as it was."""
    together, met = threading.Barrier(2), list[bool]()

    def parse(*_: Any, **__: Any) -> None:
        try:
            together.wait(PATIENCE)
            met.append(True)
        except threading.BrokenBarrierError:
            met.append(False)

    with monkeypatch.context() as patched:
        patched.setattr(ast, "parse", parse)
        with parsing_in_turn():
            threads = [threading.Thread(target=ast.parse) for _ in range(2)]
            list(map(threading.Thread.start, threads))
            list(map(threading.Thread.join, threads))
        after: Any = ast.parse

    assert (met, after) == ([False, False], parse)
