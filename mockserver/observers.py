"""Observers: who wants to be told of what happens. While there are none, to ask for that is all it costs:
`if observers: observers.tell(…)`."""

from collections.abc import Callable
from typing import Generic, ParamSpec

Told = ParamSpec("Told")


class Observers(set[Callable[Told, object]], Generic[Told]):
    """A set of functions that are called, in any order, with what there is to tell. They mustn't wait, and may leave
    the set meanwhile; whoever tells decides in which thread."""

    __slots__ = ()

    def tell(self, *args: Told.args, **kwargs: Told.kwargs) -> None:
        """Call all of them."""
        for observer in tuple(self):
            observer(*args, **kwargs)
