"""The plan of a run: the operations that it tests, and those that it leaves out with the reason."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mockserver.checks.findings.coverage import CoverageGate
from mockserver.checks.live.list_reader import NEWEST_PAGES
from mockserver.checks.live.ownership import Policy
from mockserver.checks.live.planning.forecast import Forecast
from mockserver.checks.live.planning.options import Options
from mockserver.checks.transport.record_ids import unused_id
from mockserver.errors import SettingsError
from mockserver.openapi.contract import operation_named
from mockserver.openapi.judging import lacks
from mockserver.openapi.resources import Call, Surface

NOBODYS = "f0e1d2c3-b4a5-4968-8776-655443322110"  # an id


@dataclass(frozen=True)
class Plan:
    """The plan for a contract, as the options choose it. `only` is a pattern: a run tries no other scenarios and phases
    than those in whose names it is found."""

    surface: Surface
    options: Options
    only: str = ""
    is_replay: bool = False

    def __post_init__(self) -> None:
        known = {tag for call in self.surface.calls.values() for tag in call.tags}
        for what, unknown, all_names in (
            ("operation", [name for name in self.options.operation if not self._operation(name)], self.surface.calls),
            ("tag", [name for name in self.options.tag if name not in known], known),
        ):
            for name in unknown:
                raise SettingsError(f"The contract has no {what} {name!r}; it has {', '.join(sorted(all_names))}.")
        kinds = {call.kind for call in self.surface.calls.values() if call.creates}
        if wrong := sorted(set(self.options.allow_residue) - kinds):
            raise SettingsError(f"--allow-residue knows {', '.join(sorted(kinds))}, not {wrong[0]!r}.")

    @cached_property
    def policy(self) -> Policy:
        """The policy of the run."""
        options = self.options
        stores = frozenset(store for store in (options.store, options.other_store) if store)
        contexts = dict.fromkeys(self._contexts, stores)
        contexts |= {name: frozenset({value}) for name, value in (self._parents | options.contexts).items()}
        residue = frozenset(options.allow_residue)
        return Policy(options.read_only, options.is_hostile, options.allow_revoke, residue, contexts)

    @cached_property
    def _contexts(self) -> set[str]:
        """The path parameters that name a context, not a record: the store."""
        calls = self.surface.calls.values()
        return {one.name for call in calls for one in call.operation.parameters_in("path") if one.name != call.record}

    @property
    def parameters(self) -> dict[str, str]:
        """The values of these parameters, but for those that name a record elsewhere."""
        values = {**dict.fromkeys(self._contexts, self.options.store), **self.options.contexts}
        records = {call.record for call in self.surface.calls.values()}
        return {name: value for name, value in values.items() if name not in records}

    @cached_property
    def _parents(self) -> dict[str, str]:
        """The path parameters of records that hold others, none of which a run makes: with ids that nobody has."""
        calls = [(call, name) for call in self.surface.calls.values() for name in call.parents]
        return {name: unused_id(self.surface, call, NOBODYS, NOBODYS, name) for call, name in calls}

    def tenant(self, call: Call, store: str | None = None) -> dict[str, str]:
        """The path parameters of an operation but for that of a record."""
        names = {one.name for one in call.operation.parameters_in("path")} - {call.record}
        named = self._parents | self.options.contexts
        return {name: named.get(name, store or self.options.store) for name in names}

    def tries(self, name: str) -> bool:
        """Whether a run tries a scenario, or a phase of Schemathesis such as `fuzzing: stateful`."""
        return re.search(self.only, name) is not None

    @cached_property
    def chosen(self) -> tuple[Call, ...]:
        """The operations that the options name, all of them if they name none."""
        options, calls = self.options, self.surface.calls.values()
        if not options.operation and not options.tag:
            return tuple(calls)
        named = set(map(self._operation, options.operation))
        return tuple(call for call in calls if call.id in named or set(call.tags) & set(options.tag))

    def _operation(self, name: str) -> str | None:
        """The id of the operation that an option names, with or without its underscore."""
        return operation_named(name, [*self.surface.calls])

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """The operations that are called."""
        return tuple(call for call in self.allowed if self.options.credentials.is_admin or call.public)

    @cached_property
    def allowed(self) -> tuple[Call, ...]:
        """The operations that the policy allows, for whoever is tried."""
        return tuple(call for call in self.chosen if not self.policy.left_out(self.surface, call))

    @cached_property
    def judged(self) -> tuple[Call, ...]:
        """The operations that can succeed: a login needs somebody to log in as, and others a record."""
        able = (call for call in self.calls if not call.issues or self._login_of(call) in self._usable_logins)
        return tuple(call for call in able if call not in self.surface.unmade)

    @property
    def left_out(self) -> list[str]:
        """The tests that are left out, each with its reason."""
        return list(self._left_out())

    def _left_out(self) -> Iterator[str]:
        for call in self.chosen:
            if reason := self.policy.left_out(self.surface, call):
                yield f"{call.id}: {reason}"
            elif call not in self.calls:
                tried = "only its refusals are tested" if call.record is None else "there is no record to try it on"
                yield f"{call.id}: no admin and no API key, so {tried}"
            elif call in self.surface.unmade:
                yield f"{call.id}: nothing creates and deletes what it names, so only its refusals have to be seen"
            elif call not in self.judged:
                yield f"{call.id}: nobody to log in as, so only its refusals are tested"
        if not self.options.credentials.has_member:
            yield "a member's token on other operations: no --member-username and --member-password"
        if not self.options.credentials.tokens_pass:
            yield "tokens, good and bad: --basic takes their place (Authorization)"
        if self.options.other_store is None:
            yield "whether stores see each other: no --other-store"
        elif not self._makes_records:
            yield "whether stores see each other: that takes operations that create and delete"

    @property
    def _makes_records(self) -> bool:
        names = {call.id for call in self.calls}
        return any({resource.create.id, resource.delete.id} <= names for resource in self.surface.resources)

    @property
    def writes(self) -> list[str]:
        """The operations that create, change or delete."""
        return [call.id for call in self.calls if call.changes and not call.issues]

    def summary(self, expected: Forecast) -> list[str]:
        """The plan in lines for people, with what is expected of the run."""
        options = self.options
        rate = f"{options.requests_a_second:g} a second" if options.requests_a_second else "as fast as it answers"
        return [
            *options.planned(),
            f"operations  {len(self.calls)}: {', '.join(call.id for call in self.calls)}",
            f"writes      {', '.join(self.writes) or 'none'} (own records only)",
            *(f"left out    {line}" for line in self.left_out),
            *self._looks,
            (
                f"requests    about {expected.requests}, {rate}: about {in_words(expected.seconds)} "
                f"if an answer takes {expected.latency * 1000:.0f} ms{_unlimited(expected)}"
            ),
            *(f"less judged {line}" for line in self.lacks),
            f"ledger      {options.ledger_path}",
        ]

    @property
    def _looks(self) -> list[str]:
        """What is looked at before anything is tried, in a line; none without lists, or without an administrator."""
        lists = [one.list for one in self.surface.resources if one.list is not None]
        if not lists or not self.options.credentials.is_admin:
            return []
        names = ", ".join(call.id for call in lists)
        return [f"looks at    {names}: at most {NEWEST_PAGES} pages of each store, for what others have"]

    @property
    def lacks(self) -> list[str]:
        """What the contract doesn't tell a judge, so that less is judged."""
        filled = sorted(self._contexts - self.options.contexts.keys() - self._parents.keys())
        names_no_store = filled and not self.surface.contract.is_ours
        said = f"{', '.join(filled)} in paths: {self.options.store} (--store), or what --path-value NAME=VALUE says"
        held = sorted(self._parents.keys() - self.options.contexts.keys())
        kept = f"{', '.join(held)} in paths: records of nobody, unless --path-value NAME=VALUE names one"
        return [*([said] if names_no_store else []), *([kept] if held else []), *map(str, lacks(self.surface))]

    def gate(self) -> CoverageGate:
        """The coverage gate that the run has to meet; that of a replay asks for nothing."""
        if self.is_replay:
            return CoverageGate((), ())
        tested = {call.id for call in self.judged}
        links = tuple(link for link in self.surface.links if {link.source, link.target} <= tested)
        return CoverageGate(self.judged, links)

    def _login_of(self, call: Call) -> str:
        """The id of the login that an operation is or renews."""
        for login in self.surface.logins:
            refresh = self.surface.refresh_of(login)
            if refresh is not None and refresh.id == call.id:
                return login.id
        return call.id

    @property
    def _usable_logins(self) -> set[str]:
        credentials = self.options.credentials
        able = (credentials.can_log_in, credentials.has_member)
        return {login.id for login, usable in zip(self.surface.logins, able, strict=False) if usable}


def _unlimited(expected: Forecast) -> str:
    """What a run would send if it had no budget, where that cuts it."""
    return "" if expected.requests >= expected.unlimited else f", of {expected.unlimited} without a budget"


def in_words(seconds: float) -> str:
    """A duration for people."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"  # noqa: PLR2004 (two minutes)
