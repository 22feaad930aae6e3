"""A report.json that is read again, for the findings in it and how they came about."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mockserver.checks.findings.step import Condition, Step
from mockserver.errors import SettingsError

_SHAPES = {
    "method": re.compile(r"[A-Z]+"),
    "path": re.compile(r"/.*", re.DOTALL),
    "name": re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"),
    "capture": re.compile(r"OL_VALUE_\d+"),
    "pointer": re.compile(r"/\w+"),
}
_TEXTS = ("id", "check", "operation", "message", "scenario")


@dataclass(frozen=True)
class SavedFinding:
    """A finding with what is needed to see it again: `scenario` is the name of what was tried, `places` are all
    operations at which it was seen; `parts` are the ids of those that became this one, None in a report that is too old
    to have them; `expected` and `got` are words."""

    id: str
    check: str
    operation: str
    message: str
    scenario: str
    steps: tuple[Step, ...]
    condition: Condition | None
    places: frozenset[str] = frozenset()
    expected: str = ""
    got: str = ""
    parts: frozenset[str] | None = frozenset()


@dataclass(frozen=True)
class SavedReport:
    """A report: where and when, the options of the run, and its findings by their ids."""

    url: str
    run: str
    seed: int
    options: Mapping[str, Any]
    findings: Mapping[str, SavedFinding]

    def finding(self, name: str) -> SavedFinding:
        """The finding with an id. Raises SettingsError."""
        if name not in self.findings:
            known = f"it has {', '.join(self.findings)}" if self.findings else "it has none"
            raise SettingsError(f"The report has no finding {name!r}; {known}.")
        return self.findings[name]


def read(path: Path) -> SavedReport:
    """The report in a file. Raises SettingsError if there is none, or it is damaged or too old."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        reason = error.strerror or "it can't be opened"
        raise SettingsError(f"There is no report at {path}: {reason}. Name one by --report.") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path} is damaged: it is no JSON.") from error
    if isinstance(content, dict) and content.get("scorecard"):
        raise SettingsError(
            f"{path} is a report of `{content.get('command')}`: its findings are repeated by their lines of curl, or "
            "by another run with --only and the name of the check."
        )
    try:
        return _report(content)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise SettingsError(f"{path} is no report of `mockserver check live`, or of an older version.") from error


def _report(content: Any) -> SavedReport:
    findings = [_finding(entry) for entry in content["findings"]]
    options = dict(content["options"])
    by_id = {finding.id: finding for finding in findings}
    return SavedReport(_text(content["url"]), _text(content["run"]), int(content["seed"]), options, by_id)


def _finding(entry: Any) -> SavedFinding:
    name, check, operation, message, scenario = (_text(entry[key]) for key in _TEXTS)
    steps = tuple(_step(step) for step in entry["steps"])
    places = frozenset(_texts(entry.get("places", [operation])))
    expected, got = (_text(entry.get(key, "")) for key in ("expected", "got"))
    parts = frozenset(_texts(entry["parts"])) if "parts" in entry else None
    return SavedFinding(
        name, check, operation, message, scenario, steps, _condition(entry["condition"]), places, expected, got, parts
    )


def _condition(entry: Any) -> Condition | None:
    if entry is None:
        return None
    methods = None if entry["methods"] is None else _texts(entry["methods"])
    return Condition(_texts(entry["allowed"]), _texts(entry["forbidden"]), methods)


def _step(entry: Any) -> Step:
    """A step. Raises ValueError for what no run writes: it could lead to another host, or out of a script."""
    known = {one.name for one in fields(Step)}
    step = Step(**{name: value for name, value in entry.items() if name in known})
    if not isinstance(step.status, int) or not isinstance(step.whole, bool):
        raise TypeError(f"{step.status!r} is no status, or {step.whole!r} no truth")
    _texts((step.operation, step.query, step.body or "", *step.headers.values()))
    words = {"method": [step.method], "path": [step.path], "name": step.headers}
    words |= {"capture": step.captures, "pointer": step.captures.values()}
    wrong = [one for kind, found in words.items() for one in found if not _SHAPES[kind].fullmatch(_text(one))]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is in no step")
    return step


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(_text(one) for one in values)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
