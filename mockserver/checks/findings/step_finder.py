"""The steps of a finding: the requests that led to it, from the record that it needs to the answer that is judged."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.findings.step import VALUE, Step
from mockserver.checks.transport import shell_lines
from mockserver.checks.transport.recording import RecordedExchange, Recording
from mockserver.checks.transport.session import PLACEHOLDERS, SECRET, token_properties
from mockserver.errors import MethodNotAllowed, NotFound
from mockserver.openapi.resources import Call, Resource, Surface

MOST_STEPS = 40
FUZZING = "fuzzing"  # what the scenarios of generated cases begin with
COMPARED = frozenset(  # promises for which several answers of one operation are laid side by side
    {Promise.FILTERS_DIVIDE, Promise.FIGURES_AGREE, Promise.UPDATE_KEEPS, Promise.BAD_PASSWORD}
)
SHORTEST = 6  # characters of a value that later requests may be searched for
OF_THE_CONNECTION = frozenset(
    {"host", "user-agent", "accept", "accept-encoding", "connection", "content-length", "x-schemathesis-testcaseid"}
)


@dataclass
class _Seen:
    """What has to be known of an exchange to tell whether a finding needs it. `issued` are the values in its answer
    that later requests may use, with their pointers."""

    number: int
    scenario: str
    call: Call | None
    asked: str
    succeeded: bool
    record: str | None = None  # the one that the path names
    issued: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The group of the scenario: its attempts share records."""
        return self.scenario.partition(": ")[0]

    @property
    def created(self) -> str | None:
        """The id of a new record."""
        return next(iter(self.issued)) if self.call is not None and self.call.creates and self.issued else None


class StepFinder:
    """The steps of findings, taken from the recording of the run. `clean` takes secrets out of a text."""

    def __init__(self, recording: Recording, surface: Surface, url: str, clean: Callable[[str], str]) -> None:
        self._recording, self._surface, self._clean = recording, surface, clean
        self._prefix = urlsplit(url.rstrip("/")).path
        self._url = url.rstrip("/")

    def complete(self, report: Report) -> None:
        """Give each finding of a report its steps, and the lines to paste that go with them."""
        for finding in report.findings:
            if finding.exchanges:
                steps = self._steps(finding)
                lines = "\n".join(line for step in steps for line in curl_lines(step, self._url))
                report.put(replace(finding, steps=tuple(steps), curl=lines))

    def _steps(self, finding: Finding) -> list[Step]:
        """The exchanges of a finding; of a scenario those that the judged one depends on, too; and whatever made the
        records that they name."""
        judged, chosen = self._index[finding.exchanges[-1]], set(finding.exchanges)
        if not judged.scenario.startswith(FUZZING):
            chosen |= set(self._related(judged, is_compared=finding.check in COMPARED))
        chosen |= set(self._makers(chosen))
        return list(self._with_captures(sorted(chosen)[-MOST_STEPS:]))

    # ---------------------------------------------------------------- what happened
    @cached_property
    def _index(self) -> dict[int, _Seen]:
        return {exchange.number: self._seen(exchange) for exchange in self._recording}

    def _seen(self, exchange: RecordedExchange) -> _Seen:
        call, arguments = self._target(exchange)
        asked = "\n".join([exchange.url, exchange.body, *(value for _, value in exchange.headers)])
        succeeded = 200 <= exchange.status < 300  # noqa: PLR2004 (a success)
        record = arguments.get(call.record) if call is not None and call.record else None
        issued = dict(self._issued(call, exchange.content)) if succeeded and call is not None else {}
        return _Seen(exchange.number, exchange.scenario, call, asked, succeeded, record, issued)

    def _target(self, exchange: RecordedExchange) -> tuple[Call | None, dict[str, str]]:
        path = urlsplit(exchange.url).path.removeprefix(self._prefix).encode("utf-8", "replace")
        try:
            return self._surface.match(exchange.method, path)
        except (NotFound, MethodNotAllowed):
            return None, {}

    def _issued(self, call: Call, content: Any) -> Iterator[tuple[str, str]]:
        """The id of a new record, and the tokens of a login."""
        names = [call.creates] if call.creates else list(token_properties(self._surface, call)) if call.issues else []
        for name in names:
            value = content.get(name) if name and isinstance(content, dict) else None
            if isinstance(value, str) and len(value) >= SHORTEST:
                yield value, f"/{name}"

    # ---------------------------------------------------------------- what is needed
    def _related(self, judged: _Seen, *, is_compared: bool) -> Iterator[int]:
        """The earlier requests of the same attempt that changed something, or ask the same; and of other attempts those
        that made the rows of a list."""
        listed = next((one for one in self._surface.resources if one.list is judged.call and judged.call), None)
        for seen in self._index.values():
            if seen.number < judged.number and seen.title == judged.title:
                if seen.scenario != judged.scenario:
                    if listed is not None and self._is_row(seen, listed, judged.number):
                        yield seen.number
                elif self._matters(seen, judged, is_compared=is_compared):
                    yield seen.number

    def _matters(self, seen: _Seen, judged: _Seen, *, is_compared: bool) -> bool:
        if seen.call is None:
            return False
        same = seen.call is judged.call and seen.record == judged.record
        has_changed = seen.succeeded and seen.call.changes and not seen.call.issues
        return has_changed or (same and (is_compared or seen.call.issues))

    def _is_row(self, seen: _Seen, listed: Resource, before: int) -> bool:
        """Whether an exchange made a record that is still there."""
        record = seen.created
        if seen.call is not listed.create or record is None:
            return False
        return not any(
            one.succeeded and one.call is listed.delete and one.record == record
            for one in self._index.values()
            if seen.number < one.number < before
        )

    def _makers(self, chosen: set[int]) -> Iterator[int]:
        """The exchanges whose answers held what these requests use."""
        for number in chosen:
            for value in self._values_in(self._index[number].asked):
                maker = max((one for one in self._origins[value] if one < number), default=None)
                if maker is not None:
                    yield maker

    @cached_property
    def _origins(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for seen in self._index.values():
            for value in seen.issued:
                found.setdefault(value, []).append(seen.number)
        return found

    def _values_in(self, text: str) -> Iterator[str]:
        """The values of earlier answers in a text."""
        words = set(_WORD.findall(text))
        return (value for value in self._origins if value in words or (not _WORD.fullmatch(value) and value in text))

    # ---------------------------------------------------------------- what is shown
    def _with_captures(self, numbers: Iterable[int]) -> Iterator[Step]:
        """The steps of these exchanges, in which what an earlier answer held has a name."""
        chosen = list(numbers)
        names: dict[str, str] = {}
        for at, number in enumerate(chosen):
            later = "\n".join(self._index[one].asked for one in chosen[at + 1 :])
            wanted = [value for value in self._index[number].issued if value in later]
            before = dict(names)
            captures = {}
            for value in wanted:
                names[value] = name = f"{VALUE}{len(names) + 1}"
                captures[name] = self._index[number].issued[value]
            yield self._step(self._recording.exchange(number), before, captures)

    def _step(self, exchange: RecordedExchange, names: Mapping[str, str], captures: dict[str, str]) -> Step:
        call = self._index[exchange.number].call
        parts = urlsplit(exchange.url)
        shown, hidden = {}, False
        headers = {name: value for name, value in exchange.headers if name.lower() not in OF_THE_CONNECTION}
        path = parts.path.removeprefix(self._prefix)
        for name, text in {**headers, "path": path, "query": parts.query, "body": exchange.body}.items():
            named = _named(text, names)
            cleaned = self._clean(named)
            shown[name] = cleaned if cleaned == named else _PLACEHOLDER.sub(SECRET, cleaned)  # not a good one
            hidden = hidden or cleaned != named
        return Step(
            operation=call.id if call else "",
            method=exchange.method,
            path=shown["path"],
            query=shown["query"],
            body=shown["body"] if exchange.size else None,
            headers={name: shown[name] for name in headers},
            status=exchange.status,
            captures=captures,
            whole=exchange.is_whole and not hidden,
        )


_PLACEHOLDER = re.compile("|".join(re.escape(one) for one in PLACEHOLDERS))
_WORD = re.compile(r"[\w.~-]+")


def _named(text: str, names: Mapping[str, str]) -> str:
    for value, name in names.items():
        text = text.replace(value, f"${name}")
        if (encoded := quote(value, safe="")) != value:
            text = text.replace(encoded, f"${name}")
    return text


def curl_lines(step: Step, url: str) -> Iterator[str]:
    """A step as lines to paste, with all of its headers; what it captures becomes variables."""
    body = None if step.body is None else step.body.encode("utf-8", "surrogateescape")
    line = shell_lines.whole_curl(step.method, url + step.target, step.headers, body)
    if not step.captures:
        yield line
        return
    yield f"ANSWER=$({line})"
    for name, pointer in step.captures.items():
        yield f'{name}=$(printf %s "$ANSWER" | {shell_lines.plain(["python3", "-c", _PICK, pointer[1:]])})'


_PICK = "import json,sys;print(json.load(sys.stdin)[sys.argv[1]])"
