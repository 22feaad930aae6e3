"""The coverage gate: the responses that a run must have seen before an empty list of findings means anything."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from mockserver.openapi.resources import Call, Link

PAST_AUTH = 0.8  # of the cases with a credential
UNAUTHORISED = frozenset({401, 403})


@dataclass
class CoverageGate:
    """The responses seen so far, and those still missing. `calls` and `links` are to be tested."""

    calls: tuple[Call, ...]
    links: tuple[Link, ...]
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    followed: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    with_credential: int = 0
    past_auth: int = 0

    def count(self, call: Call, status: int, *, credential: bool) -> None:
        """Count a response to an operation; `credential` says whether the request carried a good one."""
        self.statuses[call.id, status] += 1
        if credential:
            self.with_credential += 1
            self.past_auth += status not in UNAUTHORISED

    def follow(self, link: tuple[str, str, str]) -> None:
        """Count a link that was followed."""
        self.followed[link] += 1

    def classes(self, call: Call) -> set[str]:
        """The classes of status that an operation answered: 2xx, 4xx, …"""
        return {f"{status // 100}xx" for name, status in self.statuses if name == call.id}

    @property
    def unfollowed(self) -> tuple[Link, ...]:
        """Links that were never followed."""
        return tuple(link for link in self.links if link.key not in self.followed)

    def missing(self, denied: AbstractSet[str] = frozenset()) -> list[str]:
        """The gaps in words; empty if the gate is met. Operations that are `denied` are left out."""
        return [*self._operations(denied), *self._links(denied), *self._auth()]

    def _operations(self, denied: AbstractSet[str]) -> Iterable[str]:
        for call in self.calls:
            if call.id in denied:
                continue
            seen = self.classes(call)
            needed = {"2xx"} | (
                {"4xx"} if any(status.startswith("4") for status in call.operation.responses) else set()
            )
            if not seen:
                yield f"{call.id} was never judged, as no case of it was answered"
            else:
                yield from (f"{call.id} was never answered with a {wanted}" for wanted in sorted(needed - seen))

    def _links(self, denied: AbstractSet[str]) -> Iterable[str]:
        missing = (link for link in self.unfollowed if not denied & {link.source, link.target})
        return (f"the link {' '.join(link.key)} was never followed" for link in missing)

    def _auth(self) -> Iterable[str]:
        if self.with_credential and self.share < PAST_AUTH:
            yield f"only {self.share:.0%} of the cases with a credential got past authentication"

    @property
    def share(self) -> float:
        """The share of the cases with a credential that got past authentication."""
        return self.past_auth / self.with_credential if self.with_credential else 0.0

    def as_json(self) -> dict[str, Any]:
        """The values of the gate."""
        operations = {
            call.id: {str(status): count for (name, status), count in sorted(self.statuses.items()) if name == call.id}
            for call in self.calls
        }
        tested = sum("2xx" in self.classes(call) for call in self.calls)
        return {
            "operations": f"{tested}/{len(self.calls)}",
            "links": f"{len(self.links) - len(self.unfollowed)}/{len(self.links)}",
            "pastAuth": round(self.share, 3),
            "statuses": operations,
        }
