"""What a judge of running instances needs of a contract, and doesn't find.

A contract may be valid, and good for a mock, and still not say how a record is made, what names it, or who may call:
then less of an instance can be judged. `check live --plan` and `spec lint` say so with these words.
"""

from collections.abc import Iterator
from typing import NamedTuple

from mockserver.openapi.resources import Call, Surface
from mockserver.openapi.shown_bodies import can_be_made, shown_bodies


class Lack(NamedTuple):
    """Something that a contract doesn't tell: the operations that are judged less for it, what is missing, and what
    would help."""

    calls: tuple[Call, ...]
    message: str
    advice: str

    def __str__(self) -> str:
        return f"{', '.join(call.id for call in self.calls)}: {self.message}" if self.calls else self.message

    @property
    def sentence(self) -> str:
        """The advice as a sentence."""
        return f"{self.advice[:1].upper()}{self.advice[1:]}."


def lacks(surface: Surface) -> Iterator[Lack]:
    """What a contract lacks for judging, whatever instance it is of."""
    if not surface.links and any(call.record for call in surface.calls.values()):
        message = "no links, so records are found by the names in paths"
        yield Lack((), message, "let what creates a record have links to what reads, changes and deletes it")
    yield from _unmade(surface)
    yield from _unnamed(surface)
    yield from _without_body(surface)
    yield from _without_key(surface)


def _unmade(surface: Surface) -> Iterator[Lack]:
    there: dict[str, list[Call]] = {}
    for call in surface.unmade:
        there.setdefault(call.path.partition(f"{{{call.record}}}")[0], []).append(call)
    for before, calls in there.items():
        message = f"no operation creates and deletes what {before}{{{calls[0].record}}} names: only refusals are judged"
        yield Lack(tuple(calls), message, "describe the operations that create and delete such a record")


def _unnamed(surface: Surface) -> Iterator[Lack]:
    """The operations that seem to create records, whose answers don't say which."""
    taken = {call.path.rpartition("/{")[0] for call in surface.calls.values() if call.record and call.path[-1] == "}"}
    for call in surface.calls.values():
        if call.method == "POST" and call.creates is None and not call.issues and call.path in taken:
            message = "its answer declares no id of what it creates, so that can't be followed, or deleted"
            yield Lack((call,), message, "declare the id among the properties of its success")


def _without_body(surface: Surface) -> Iterator[Lack]:
    for resource in surface.resources:
        call = resource.create
        if call.operation.media_types and not shown_bodies(surface.contract, call):
            yield Lack((call,), "no example shows a body that creates a record", "give its body an example")
        others = [one for one in (resource.update, *resource.others) if one is not None]
        if untried := tuple(one for one in others if not can_be_made(surface.contract, one)):
            message = "needs more than its path and a shown body in JSON, so it isn't tried on a deleted record"
            yield Lack(untried, message, "give its body an example in JSON, where it can have one")


def _without_key(surface: Surface) -> Iterator[Lack]:
    closed = tuple(call for call in surface.calls.values() if not call.public)
    if closed and not surface.logins and surface.key_scheme is None:
        message = "no security scheme that a judge can log in with: use --header, or --basic"
        yield Lack((), message, "declare an API key in a header, or a bearer's token")
