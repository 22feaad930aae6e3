"""The registry of wrong receivers: each is a class that differs from the right one in a step. Its docstring says how,
its decorator at which promises a finding is right."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mockserver.checks.findings.receiver_promises import ReceiverPromise
from tests.receivers.right import RightReceiver


@dataclass(frozen=True)
class WrongReceiver:
    """A wrong receiver. `promises` are those at which a finding is right; the first has to be found."""

    name: str
    breaks: str
    promises: tuple[ReceiverPromise, ...]
    make: Callable[[], RightReceiver]


class WrongReceivers:
    """The wrong receivers, in order."""

    def __init__(self) -> None:
        self._all: list[WrongReceiver] = []

    def __iter__(self) -> Iterator[WrongReceiver]:
        return iter(self._all)

    def breaking(self, *promises: ReceiverPromise) -> Callable[[type[RightReceiver]], type[RightReceiver]]:
        """Register a receiver that breaks these promises, and no other."""

        def register(made: type[RightReceiver]) -> type[RightReceiver]:
            breaks = " ".join((inspect.getdoc(made) or "").split())
            name = re.sub("(?<!^)(?=[A-Z])", " ", made.__name__).lower()
            self._all.append(WrongReceiver(name, breaks, promises, made))
            return made

        return register
