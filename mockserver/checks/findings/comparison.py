"""A comparison with an earlier report: what is new, what is gone, what is still there, and what wasn't asked again."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.checks.findings.report import Report
from mockserver.checks.findings.scorecard import Mark
from mockserver.errors import SettingsError

MOST_BYTES = 2**26  # of a report
Tried = Collection[tuple[str, str]]  # operations, each with what was tried there


class Comparison(NamedTuple):
    """The ids of findings, each list sorted; of those that are gone, or weren't asked again, with their message. What
    is new, and still there, are findings of this run; one is still there if it is the same, or made of the same, as the
    findings of an operation may become one, and that one fall apart again."""

    run: str
    new: list[str]
    gone: dict[str, str]
    still: list[str]
    unasked: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """The comparison for programs."""
        told = {"run": self.run, "new": self.new, "gone": self.gone, "still": self.still}
        return told | ({"unasked": self.unasked} if self.unasked else {})


class EarlierFinding(NamedTuple):
    """A finding of an earlier report: its check, its message, and where it was seen; `names` are its own id and those
    of which it was made, `followers` those of others that followed from it."""

    check: str
    message: str
    places: tuple[str, ...]
    scenario: str
    names: frozenset[str]
    followers: frozenset[str]

    def is_asked_again(self, report: Report, tried: Tried | None) -> bool:
        """Whether a run has tried the same: at one of these places, and its check was judged, where there is a
        scorecard. A run that tells neither has tried everything, if it has judged everything."""
        card = {score.check for score in report.scorecard if score.mark is not Mark.NOT_JUDGED}
        if tried is None and not report.scorecard:
            return not (report.not_judged or report.interrupted)
        is_tried = tried is None or any((place, self.scenario) in tried for place in self.places)
        return is_tried and (not report.scorecard or self.check in card)


def compared(report: Report, path: Path, tried: Tried | None = None) -> Comparison:
    """The comparison with a `report.json`; what this run hasn't `tried`, or judged, isn't gone. Raises SettingsError if
    the report can't be read, or is none."""
    run, before = earlier(path)
    known = {name for one in before.values() for name in one.names | one.followers}
    seen = {name for one in report.findings for name in (one.id, *one.parts, *one.includes)}
    new = sorted(one.id for one in report.findings if known.isdisjoint((one.id, *one.parts)))
    still = sorted({one.id for one in report.findings}.difference(new))
    ended = sorted(name for name, one in before.items() if seen.isdisjoint(one.names))
    gone = {name: before[name].message for name in ended if before[name].is_asked_again(report, tried)}
    unasked = {name: before[name].message for name in ended if name not in gone}
    return Comparison(run, new, gone, still, unasked)


def earlier(path: Path) -> tuple[str, dict[str, EarlierFinding]]:
    """The run of a `report.json`, and its findings by id. Raises SettingsError as above."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SettingsError(f"{path} is too large for a report.")
        content = json.loads(path.read_text("utf-8"))
        return str(content["run"]), {str(one["id"]): _earlier_finding(one) for one in content["findings"]}
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"The report {path} can't be read: {error}.") from error
    except (KeyError, TypeError) as error:
        raise SettingsError(f"{path} is no report.json of `mockserver check live`.") from error


def _earlier_finding(content: Any) -> EarlierFinding:
    places = tuple(map(str, content.get("places") or [content["operation"]]))
    message = f"{content['operation']}: {content['message']}"
    names = frozenset(map(str, (content["id"], *content.get("parts", ()))))
    followers = frozenset(map(str, content.get("includes", ())))
    check, scenario = str(content.get("check", "")), str(content.get("scenario", ""))
    return EarlierFinding(check, message, places, scenario, names, followers)
