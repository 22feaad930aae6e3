"""The sweep by marks: it deletes what lost runs left, when no ledger is at hand.

A record is of a lost run if an address or a name in it begins with the mark of a run, or if an address has it in its
path, before the token of a catcher of `check sender`. Its age is that of its own `createdAt`, by ours or a clock of the
instance, whichever makes it younger. It is read once more before it is deleted, as every record is.

Where a list can be searched, that finds the marks; a search that misses one among the newest rows isn't believed, nor
is any where the list doesn't show its newest rows first: the list is read to its end. What was found before a list
broke off, or turned out to have no end, is found all the same.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import requests

from mockserver.checks.live.access import refusal, sessions, transport_options_of, unreachable
from mockserver.checks.live.cleanup import Sweeper, Tenant
from mockserver.checks.live.list_reader import NEWEST_PAGES, ListReader
from mockserver.checks.live.marks import SHOWN_NAME, Marks, texts
from mockserver.checks.live.ownership import Ownership
from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.proof import clocks_of
from mockserver.checks.live.run import NO_RUN, plan
from mockserver.checks.transport.guarded_transport import GuardedTransport
from mockserver.checks.transport.ledger import RESERVED, Ledger, is_id
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.checks.transport.operation_request import as_admin
from mockserver.checks.transport.rate_limiting import MonotonicTime, RateLimiter
from mockserver.checks.transport.recording import Recording
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import NoLogin, Session
from mockserver.checks.transport.successes import succeeded
from mockserver.clock import Clock, Ids
from mockserver.errors import SettingsError
from mockserver.escaping import visible
from mockserver.openapi.resources import Resource

CREATED = "createdAt"
_RUN = "[0-9a-f]{8}"
_ADDRESS = re.compile(rf"https://({_RUN})[.]{re.escape(RESERVED)}(?=[/?# ]|$)")
_CATCHER = re.compile(rf"https?://[^/?#]+(?:/[^?#]*)?/({_RUN})[.]{re.escape(RESERVED)}/[0-9a-f]+(?=[/?#]|$)")
_EMAIL = re.compile(rf"[^@]*@({_RUN})[.]{re.escape(RESERVED)}")
_NAME = re.compile(rf"(?:{_RUN}[.])?{re.escape(SHOWN_NAME)}-({_RUN})-")
_AGE = re.compile(r"([0-9]{1,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Leftover:
    """A record with the mark of a run. `age` is in seconds; None if the record doesn't say when it was created."""

    resource: Resource
    tenant: Tenant
    record: str
    run: str
    age: float | None

    def __str__(self) -> str:
        store = ", ".join(value for _, value in self.tenant)
        age = f"no {CREATED}" if self.age is None else _in_words(self.age)
        return visible(f"{self.resource.create.kind} {self.record} in {store}, of run {self.run}, {age}")


def parse_age(text: str) -> float:
    """Seconds of an age such as 30m, 12h or 2d. Raises SettingsError."""
    found = _AGE.fullmatch(text)
    if not found:
        raise SettingsError(f"--older-than must be like 30m, 12h or 2d, not {text!r}.")
    return float(found[1]) * _SECONDS[found[2]]


def _in_words(age: float) -> str:
    """An age for people; a server whose clock is ahead makes it less than nothing."""
    units = (("d", "days"), ("h", "hours"), ("m", "minutes"))
    name, words = next((one for one in units if age >= 2 * _SECONDS[one[0]]), ("", ""))
    return f"{age / _SECONDS[name]:.0f} {words} old" if name else "less than two minutes old"


def run_of(record: Any) -> str | None:
    """The run whose mark begins a name in a record, or is the host of an address; None if there is none, or several."""
    matched = (shape.match(text) for text in texts(record) for shape in (_ADDRESS, _CATCHER, _EMAIL, _NAME))
    runs = {found[1] for found in matched if found}
    return runs.pop() if len(runs) == 1 else None


class MarkSweep:
    """A sweep by marks, in the stores that the options name. `unread` are lists that weren't read to their end, in
    words. Raises NoLogin if nobody is let in."""

    def __init__(self, options: Options, clock: Clock | None = None, time: MonotonicTime | None = None) -> None:
        self._options, self._clock, self._time = options, clock or Clock(), time or MonotonicTime()
        self._plan, self._ids, self._secrets = plan(options), Ids.from_chance(), Secrets(options.credentials)
        self._limits = RateLimiter(options.requests_a_second, time=self._time)
        self._sessions: dict[str, Session] = {}
        self.unread: list[str] = []
        self._files = ExitStack()

    def __enter__(self) -> Self:
        self._folder = Path(self._files.enter_context(TemporaryDirectory()))
        self._sessions = sessions(self._plan, self._access(self._ids.hex(8))[1], self._time)
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def found(self, run: str | None = None) -> list[Leftover]:
        """The records with the mark of a run, of any if none is named. Raises NoLogin if the lists can't be read, and
        SettingsError for a name that no run has."""
        if run is not None and not re.fullmatch(_RUN, run):
            raise SettingsError(f"A run has eight hexadecimal digits for a name, as its report says; {run!r} is none.")
        try:
            for session in self._sessions.values():
                session.token()
            return [one for one in self._marked() if run in (None, one.run)]
        except requests.RequestException as error:
            raise NoLogin(unreachable(self._options.url, error)) from error

    def delete(self, leftovers: Iterable[Leftover]) -> list[str]:
        """Delete records; returns those that may be left, in words."""
        sweepers: dict[str, Sweeper] = {}
        left = []
        for one in leftovers:
            if one.run not in sweepers:
                ownership, client, ledger = self._access(one.run)
                sweepers[one.run] = Sweeper(ownership, client, self._headers, ledger)
            if problem := sweepers[one.run].remove(one.resource, one.tenant, one.record):
                left.append(visible(self._secrets.redact(f"{one}: {problem}")))
        return left

    def _marked(self) -> Iterator[Leftover]:
        _, client, _ = self._access(self._ids.hex(8))
        stores = dict.fromkeys(filter(None, (self._options.store, self._options.other_store)))
        for resource in self._plan.surface.resources:
            if resource.list is not None:
                reader = ListReader(self._plan.surface, resource.list)
                for store in stores:
                    yield from self._in(resource, reader, client, self._plan.tenant(resource.create, store))

    def _in(
        self, resource: Resource, reader: ListReader, client: OperationClient, tenant: dict[str, str]
    ) -> Iterator[Leftover]:
        answered, now = client.send(reader.call, tenant, headers=self._headers), self._clock.now()
        clocks = [now, *clocks_of(answered, now, [one.ahead for one in self._sessions.values()])]
        if not succeeded(answered):
            raise NoLogin(refusal(self._options, [(reader.call, answered)]))
        read, known = partial(reader.everything, client, tenant, self._headers), set[str]()
        try:
            for row in _rows(reader, read, self._search(resource, reader)):
                record, run = row.get(resource.id_name), run_of(row)
                if run is not None and is_id(record) and str(record) not in known:
                    known.add(str(record))
                    yield Leftover(resource, tuple(sorted(tenant.items())), str(record), run, _age(row, min(clocks)))
        except requests.HTTPError as error:
            self.unread.append(visible(self._secrets.redact(f"{error}; what it doesn't show isn't known")))

    def _search(self, resource: Resource, reader: ListReader) -> dict[str, str]:
        """The query for rows with the mark of any run, where the list has one."""
        names = Marks(NO_RUN, self._plan.surface).searches(resource.create)
        return reader.search_any(dict.fromkeys(names, SHOWN_NAME))

    @property
    def _headers(self) -> dict[str, str]:
        return as_admin(self._options.credentials, self._plan.surface)

    def _access(self, run: str) -> tuple[Ownership, OperationClient, Ledger]:
        """What may be touched in the name of a run, by whom, and a ledger, which is only for the time of the sweep."""
        surface, options = self._plan.surface, self._options
        ownership = Ownership(surface, Marks(run, surface), self._plan.policy, self._ids)
        ledger = self._files.enter_context(Ledger.create(self._folder / f"{run}.jsonl", run, options.url))
        access = transport_options_of(options, ledger, self._secrets, self._time, Recording())
        access = replace(access, sessions=self._sessions)
        return ownership, OperationClient(GuardedTransport(access, surface, ownership, ledger, self._limits)), ledger


def _rows(
    reader: ListReader, read: Callable[..., Iterator[dict[str, Any]]], search: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """The rows of a list among which are all that are marked; some come twice. Raises HTTPError for a list that doesn't
    prove to have no more."""
    if search:
        shown = list[dict[str, Any]]()
        with suppress(requests.HTTPError):
            for row in read(search, is_proof=True):
                if not any(SHOWN_NAME in text.lower() for text in texts(row)):
                    break  # it doesn't search
                shown.append(row)
                yield row
            else:
                newest, is_whole = list[dict[str, Any]](), False
                with suppress(requests.HTTPError):
                    for row in read({}, is_proof=True, most=NEWEST_PAGES):
                        newest.append(row)
                        yield row
                    is_whole = True
                is_found = all(row in shown for row in newest if run_of(row) is not None)
                if is_whole or (is_found and reader.are_newest_first(newest)):
                    return
    yield from read({}, is_proof=True)


def _age(row: dict[str, Any], now: float) -> float | None:
    """Seconds since a record was created; None without a moment that is one everywhere."""
    try:
        created = datetime.fromisoformat(str(row.get(CREATED)))
        return None if created.tzinfo is None else now - created.astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        return None
