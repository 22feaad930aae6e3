"""Lanes: work that is divided among processes, which take one share of it after the other."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_lanes(
    work: Callable[[Sequence[Item]], list[Result]], items: Sequence[Item], lanes: int | None = None, share: int = 1
) -> Iterator[Result]:
    """What `work`, a function of a module, makes of all items, in their order. A lane takes a share of so many at once;
    there are as many lanes as processors, unless it is said otherwise."""
    shares = [items[start : start + share] for start in range(0, len(items), share)]
    with ProcessPoolExecutor(lanes or os.cpu_count(), get_context("spawn")) as pool:
        for results in pool.map(work, shares):
            yield from results
