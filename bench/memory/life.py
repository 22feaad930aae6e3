"""The life of a record: created, read, listed, replaced, patched, deleted, and gone, by a client that knows the truth.

What the mock has recognised, it is held to: a role of which it says that it remembers, and doesn't, is wrong. What it
leaves to examples is left alone.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from bench.memory.truth import ByHand, Place, value_at

RIGHT, WRONG, ALONE = "right", "wrong", "left alone"
SOURCE = "resource"
GONE, FAILED = 404, 400
Json = Mapping[str, Any]


class Told(NamedTuple):
    """An answer: its status, its content if that is JSON, and what the mock says about where it comes from."""

    status: int
    content: Any = None
    source: str = ""
    hint: str = ""


class Verdict(NamedTuple):
    """What is to be said of one role, and why."""

    kind: str
    why: str = ""


Ask = Callable[[str, str, Any], Told]  # method, path with query, body


class Life:
    """The life of one record. `around` are the keys of the records that its collection is in, `recognised` the roles of
    which the mock says that it remembers."""

    def __init__(self, ask: Ask, resource: ByHand, around: tuple[str, ...], recognised: frozenset[str]) -> None:
        self._ask, self._resource, self._around = ask, resource, around
        self._recognised = recognised
        self._expected: dict[str, Any] = {}
        self.verdicts: dict[str, Verdict] = {}
        self.key: str | None = None

    def live(self) -> dict[str, Verdict]:
        """The verdicts on all its roles, by their names."""
        for role, step in self._steps():
            if role in self._resource.calls:
                self.verdicts[role] = step()
        return self.verdicts

    def _steps(self) -> Iterator[tuple[str, Callable[[], Verdict]]]:
        yield "create", self.create
        if "create" not in self._resource.calls:
            self._take_listed()
        yield "read", self._read
        yield "list", self._list
        yield "replace", lambda: self._change("replace", self._resource.whole)
        yield "patch", lambda: self._change("patch", self._resource.part)
        yield "delete", self._delete

    # ---------------------------------------------------------------- the steps
    def create(self) -> Verdict:
        """Create the record, and take its key."""
        one = self._resource
        before = self._total()
        told = self._call("create", one.new)
        sent = self._sent(one.new)
        found = value_at(told.content, (*one.created, *one.key))
        found = value_at(sent, one.key) if found is None else found
        found = self._key_in_list(sent) if found is None else found
        self.key = None if found is None else str(found)
        self._expected = sent
        if told.status >= FAILED:
            return Verdict(WRONG, f"a valid body is refused: {told.status} {told.hint}")
        if self.key is None:
            return self._judged("create", told, "neither its answer nor a list shows its key")
        wrong = self._differs(value_at(told.content, one.created))
        after = self._total()
        if not wrong and before is not None and after != before + 1:
            wrong = f"the total of the list was {before}, and is {after}"
        return self._judged("create", told, wrong)

    def _key_in_list(self, sent: Json) -> Any:
        """The key of what was sent, in the list: not all answers show it."""
        rows = self._rows()[0] if "list" in self._resource.calls else []
        like = [row for row in rows if isinstance(row, dict) and all(row.get(name) == sent[name] for name in sent)]
        return value_at(like[-1], self._resource.key) if like else None

    def _take_listed(self) -> None:
        """Take the first record of the list: nothing creates one."""
        rows = self._rows()[0] if "list" in self._resource.calls else []
        if rows:
            self.key = str(value_at(rows[0], self._resource.key))

    def _read(self) -> Verdict:
        told = self._call("read")
        return self._judged("read", told, self._wrong_in(told))

    def _list(self) -> Verdict:
        rows, told = self._rows()
        own = [row for row in rows if self._is_own(row)]
        wrong = "" if len(own) == 1 else f"it has the record {len(own)} times"
        return self._judged("list", told, wrong or self._differs(own[0]))

    def _change(self, role: str, body: Json) -> Verdict:
        told = self._call(role, body)
        if told.status >= FAILED:
            return self._judged(role, told, f"{told.status} {told.hint}")
        if role not in self._recognised:
            return self._alone(role)
        sent = self._sent(body)
        self._expected = {**self._expected, **sent} if role == "patch" else sent
        seen = self._call("read") if "read" in self._recognised else None
        wrong = self._differs(value_at(told.content, self._resource.shown))
        return self._judged(role, told, wrong or (self._wrong_in(seen) if seen else ""))

    def _delete(self) -> Verdict:
        told = self._call("delete")
        wrong = f"{told.status} {told.hint}" if told.status >= FAILED else ""
        if not wrong and "read" in self._recognised and (seen := self._call("read")).status != GONE:
            wrong = f"reading it afterwards is {seen.status}"
        if not wrong and "list" in self._recognised and any(self._is_own(row) for row in self._rows()[0]):
            wrong = "it is in the list afterwards"
        return self._judged("delete", told, wrong)

    # ---------------------------------------------------------------- what is wrong
    def _judged(self, role: str, told: Told, wrong: str) -> Verdict:
        """The verdict, by what is wrong in an answer, if anything is."""
        if role not in self._recognised:
            return self._alone(role)
        if wrong:
            return Verdict(WRONG, wrong + (f" ({told.hint})" if told.hint and told.hint not in wrong else ""))
        if told.source != SOURCE:
            return Verdict(ALONE, told.hint or f"the answer is of {told.source or 'nobody'}")
        return Verdict(RIGHT)

    def _alone(self, role: str) -> Verdict:
        return Verdict(ALONE, f"{role} isn't recognised")

    def _wrong_in(self, told: Told) -> str:
        """What is wrong in an answer that should show the record; empty if nothing is."""
        if told.status >= FAILED:
            return f"what is there is a {told.status}"
        record = value_at(told.content, self._resource.shown)
        if not isinstance(record, dict):
            return "it shows no record"
        key = value_at(record, self._resource.key)
        wrong = f"it shows {key}, not {self.key}" if key is not None and str(key) != self.key else ""
        return wrong or self._differs(record)

    def _differs(self, record: Any) -> str:
        """In which fields a record isn't as it was sent, of those that it has."""
        if not isinstance(record, dict):
            return ""
        expected = {name: value for name, value in self._expected.items() if name not in self._resource.unkept}
        wrong = [name for name, value in expected.items() if name in record and not _alike(record[name], value)]
        return f"{', '.join(wrong)}: not as sent" if wrong else ""

    # ---------------------------------------------------------------- asking
    def _call(self, role: str, body: Json | None = None) -> Told:
        call = self._resource.calls[role]
        path = filled(call.path, (*self._around, self.key or "none"))
        return self._ask(call.method, f"{path}?{call.query}" if call.query else path, self._with_key(body))

    def _rows(self) -> tuple[list[Any], Told]:
        """The records of the list, and the answer."""
        told = self._call("list")
        found = value_at(told.content, self._resource.listed)
        if self._resource.by_key and isinstance(found, dict):
            found = [{**row, **_put(self._resource.key, key)} for key, row in found.items() if isinstance(row, dict)]
        return found if isinstance(found, list) else [], told

    def _total(self) -> int | None:
        if not self._resource.total:
            return None
        found = value_at(self._call("list").content, self._resource.total)
        return found if isinstance(found, int) else None

    def _is_own(self, row: Any) -> bool:
        return str(value_at(row, self._resource.key)) == self.key

    def _sent(self, body: Json) -> dict[str, Any]:
        """The record that a body sends."""
        found = value_at(self._with_key(body), self._resource.taken)
        return dict(found) if isinstance(found, dict) else {}

    def _with_key(self, value: Any) -> Any:
        """A body in which the key stands where it says so: as a number, if it is one."""
        if isinstance(value, dict):
            return {name: self._with_key(inner) for name, inner in value.items()}
        if value == "{key}" and self.key:
            return int(self.key) if self.key.isdigit() else self.key
        return value


def filled(path: str, values: tuple[str, ...]) -> str:
    """A path template with values for its parameters, in their order."""
    rest = list(values)
    steps = (rest.pop(0) if "{" in step and rest else step for step in path.split("/"))
    return "/".join(steps)


def _alike(found: Any, sent: Any) -> bool:
    """Whether what is found is what was sent: of objects, the fields that both have."""
    if isinstance(found, dict) and isinstance(sent, dict):
        return all(_alike(found[name], value) for name, value in sent.items() if name in found)
    return bool(found == sent)


def _put(steps: Place, value: Any) -> dict[str, Any]:
    for step in reversed(steps):
        value = {step: value}
    return dict(value)
