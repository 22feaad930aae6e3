"""The order of the requests: one walk through all operations that can succeed as a whole.

It follows from the resource model of the contract (`mockserver.openapi.resources`): who logs in comes first; then the
operations, area by area, a kind of record from its creation to its end; areas that only read come after those that
change what they show; then tokens are renewed, and last comes what ends more than the walk began, such as all sessions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from mockserver.openapi.resources import Call, Link, Resource, Surface

LOGIN, WORK, RENEWAL, END = "log in", "use", "renew tokens", "log out"


@dataclass(frozen=True)
class Step:
    """One request of the walk. `link` is the link of the contract that hands on the request's body, if one does;
    `alone`: it is the only step of its operation."""

    stage: str
    call: Call
    link: Link | None = None
    alone: bool = True


def walk(surface: Surface) -> list[Step]:
    """The steps of the walk. Each operation has one, and one more for each link that hands on another body to it."""
    renewals = [call for login in surface.logins if (call := surface.refresh_of(login))]
    ends = [call for call in surface.calls.values() if call.account_wide and call not in renewals]
    special = [*surface.logins, *renewals, *ends]
    work = _in_order([call for call in surface.calls.values() if call not in special], surface.resources)
    stages = ((LOGIN, surface.logins), (WORK, work), (RENEWAL, renewals), (END, ends))
    return [step for stage, calls in stages for call in calls for step in _steps(stage, call, surface)]


def _in_order(calls: list[Call], resources: tuple[Resource, ...]) -> list[Call]:
    """Area by area; what stands under one literal of the path is an area."""
    areas = [list(members) for _, members in groupby(calls, key=_area)]
    areas.sort(key=lambda members: not any(call.changes for call in members))
    lives = {call.id: life for resource in resources if (life := _life(resource)) for call in life}
    found: dict[str, Call] = {}
    for call in (member for area in areas for member in area):
        found |= {each.id: each for each in lives.get(call.id, [call])}
    return list(found.values())


def _area(call: Call) -> str:
    """The literal of the path that says what the operation is about: the first below the root and the store."""
    root, *below = [segment for segment in call.path.split("/") if segment and "{" not in segment]
    return below[0] if below else root


def _life(resource: Resource) -> list[Call]:
    """The operations on a record, from its creation to its end."""
    some = (resource.create, resource.read, resource.list, resource.update, *resource.others, resource.delete)
    return [call for call in some if call]


def _steps(stage: str, call: Call, surface: Surface) -> Iterator[Step]:
    links = [link for link in surface.links if link.target == call.id]
    bodies: list[Link] = []
    for link in links:
        if link.body is not None and link.body not in [other.body for other in bodies]:
            bodies.append(link)
    plain = [None] if len(links) == 0 or any(link.body is None for link in links) else []
    for one in (*plain, *bodies):
        yield Step(stage, call, one, alone=len(plain) + len(bodies) == 1)
