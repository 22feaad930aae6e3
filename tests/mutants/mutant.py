"""A mutant: a correct server with a single fault, applied outside of it.

A fault is a small function, and its docstring says what it breaks. One of three decorators registers it:

* `answers` changes answers of some operations,
* `requests` changes requests to them before the server sees them,
* `exchanges` does both, and may remember.

Each names where a finding is right: at the operation that it breaks, or at those that show it (`seen_at`). What can't
be seen from outside says so (`unseen`).
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

from tests.mutants.exchange import Answer, Request, Send, operation_ids
from tests.mutants.proxy import Fault

OnAnswer = Callable[[Answer], Answer]
OnRequest = Callable[[Request], Request]
OnExchange = Callable[[Request, Send, SimpleNamespace], Awaitable[Answer]]


@dataclass(frozen=True)
class Mutant:
    """A named fault. `places` are the operationIds where a finding is right; `unseen` says why nobody can find it."""

    name: str
    breaks: str
    places: frozenset[str]
    make: Callable[[], Fault] = field(repr=False)
    unseen: str = ""


class Registry:
    """The mutants of one file, in order."""

    def __init__(self) -> None:
        self._mutants: list[Mutant] = []

    def __iter__(self) -> Iterator[Mutant]:
        return iter(self._mutants)

    def answers(
        self, *operations: str, status: int = 200, seen_at: tuple[str, ...] = (), unseen: str = ""
    ) -> Callable[[OnAnswer], OnAnswer]:
        """Register a fault that changes answers with this status of these operations; without any, of all."""

        def register(change: OnAnswer) -> OnAnswer:
            async def fault(request: Request, send: Send) -> Answer:
                answer = await send(request)
                hit = answer.status == status and (request.operation in operations or not operations)
                return change(answer) if hit else answer

            self._add(change, lambda: fault, (*operations, *seen_at), unseen)
            return change

        return register

    def requests(
        self, *operations: str, seen_at: tuple[str, ...] = (), unseen: str = ""
    ) -> Callable[[OnRequest], OnRequest]:
        """Register a fault that changes requests to these operations."""

        def register(change: OnRequest) -> OnRequest:
            async def fault(request: Request, send: Send) -> Answer:
                return await send(change(request) if request.operation in operations else request)

            self._add(change, lambda: fault, (*operations, *seen_at), unseen)
            return change

        return register

    def exchanges(self, *places: str, unseen: str = "") -> Callable[[OnExchange], OnExchange]:
        """Register a fault that sees every exchange, and has a memory of its own for each proxy."""

        def register(exchange: OnExchange) -> OnExchange:
            def make() -> Fault:
                memory = SimpleNamespace()

                async def fault(request: Request, send: Send) -> Answer:
                    return await exchange(request, send, memory)

                return fault

            self._add(exchange, make, places, unseen)
            return exchange

        return register

    def _add(
        self, function: Callable[..., object], make: Callable[[], Fault], places: tuple[str, ...], unseen: str
    ) -> None:
        breaks = " ".join((inspect.getdoc(function) or "").split())
        name = function.__name__.replace("_", " ")
        self._mutants.append(Mutant(name, breaks, frozenset(places) or operation_ids(), make, unseen))
