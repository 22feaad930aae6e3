"""A finding, and the figures of a run, in one line for people."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.checks.findings.report import Finding, Report, Verdict
from mockserver.checks.findings.scorecard import Mark
from mockserver.checks.wording import counted

KINDS = (
    ("operations", "operations"),
    ("statuses", "statuses"),
    ("parameters", "parameters"),
    ("requestFields", "request fields"),
    ("responseFields", "response fields"),
    ("requestValues", "enum values sent"),
    ("responseValues", "enum values seen"),
)
_LIKENESS = {Verdict.PASS: "is like the mock", Verdict.FINDINGS: "differs from the mock"}
_OPTION = re.compile(r"(--[a-z][a-z-]+)(?: ([\w,]+)(?=\)))?")
_LIMITS = ("--basic", "--read-only")  # options that leave something out; with all others more is tried


def headline(finding: Finding) -> str:
    """A finding in one line."""
    what = f"{finding.method} {finding.path}: {finding.message}"
    return (
        f"assumption {finding.assumption} refuted: the instance does otherwise: {what}" if finding.assumption else what
    )


def summary(report: Report) -> str:
    """The figures of a run in one line; empty if nothing was judged of a recording, as the reason tells them."""
    took, gate = f"{counted(report.requests, 'request')} in {report.seconds:.0f} s", report.gate
    if "recorded" in gate:
        judged, _, read = gate["recorded"].partition("/")
        said = f"{judged} of {read} recorded entries are calls of the contract"
        return said if report.cases or report.interrupted else ""
    if "events" in gate:
        captured = report.cases if not report.requests else 0
        done = counted(captured, "captured request") if captured else took
        return f"run {report.run}: {done}; events judged {gate['events']}"
    if report.scorecard:
        return f"run {report.run}, seed {report.seed}: {took}"
    return (
        f"run {report.run}, seed {report.seed}: {counted(report.cases, 'case')} and {took}; "
        f"operations {gate.get('operations', '-')}, links {gate.get('links', '-')}, "
        f"past authentication {_share(gate)}; {_beside_the_plan(report)}"
    )


def coverage(report: Report) -> str:
    """How much of the contract was on the wire, in one line; empty if that isn't known."""
    totals = report.coverage.get("totals", {})
    shares = (f"{name} {totals[kind]['seen']}/{totals[kind]['declared']}" for kind, name in KINDS if kind in totals)
    return ", ".join(shares)


def judged(report: Report, words: str) -> str:
    """What a run came to in one line, in the words of its verdict: the figures of a scorecard, if there is one. What is
    compared with a mock is like it or not, as a difference needn't be one from the contract."""
    apart, events = apart_from(report), report.gate.get("events")
    stands = standing(report)
    apart += ", but records are left behind" if stands is not report.verdict else ""
    if report.command.endswith("check drift") and stands in _LIKENESS:
        return f"{report.url} {_LIKENESS[stands]}{apart}."
    if report.scorecard:
        said = f"{words}; {tally(report)}" if report.interrupted else tally(report)
        return f"{report.url}: {said}{apart}."
    if events and not report.findings:
        total = events.rpartition("/")[2]
        return f"{report.url}: {words}; none of {counted(int(total), 'event')} was judged."
    return f"{report.url} is {words}{apart}." if "side" in words else f"{words}."


def standing(report: Report) -> Verdict:
    """What was judged of the instance, whatever was left behind there."""
    is_passed = report.verdict is Verdict.NOT_JUDGED and report.is_judged
    return Verdict.PASS if is_passed else report.verdict


def tally(report: Report) -> str:
    """How many checks of a scorecard were passed, failed and not judged, in one line; empty if there is none."""
    counted = Counter(score.mark for score in report.scorecard)
    return ", ".join(f"{counted[mark]} {mark.replace('-', ' ')}" for mark in Mark) if report.scorecard else ""


def assumptions(report: Report) -> list[str]:
    """What a run says of assumptions of the contract: those that it confirms in one line, then each that it refutes."""
    confirmed = [name for name, state in report.assumptions.items() if state == "confirmed"]
    refuted = [f"{name} {state}" for name, state in report.assumptions.items() if state.startswith("refuted")]
    return [*([f"{', '.join(confirmed)} confirmed"] if confirmed else []), *refuted]


def _share(gate: Mapping[str, Any]) -> str:
    return f"{gate['pastAuth']:.0%}" if gate.get("pastAuth") else "-"


def _beside_the_plan(report: Report) -> str:
    measured = f"an answer took {report.latency:.0f} ms"
    if not report.planned:
        return measured
    planned = report.planned
    return f"planned were {planned['requests']:.0f} requests in {planned['seconds']:.0f} s; {measured}"


def apart_from(report: Report) -> str:
    """What a verdict doesn't count, in words: accepted findings, and those less severe than asked for."""
    accepted = sum(bool(finding.accepted) for finding in report.findings)
    less = len(report.uncounted) - accepted
    parts = [f"{accepted} accepted"] * bool(accepted) + [f"{less} less severe than {report.fail_on}"] * bool(less)
    return f", apart from {' and '.join(parts)} findings" if parts else ""


def left_out(lines: Sequence[str]) -> str:
    """How much was left out, in one line, and the options that change that."""
    named = dict[str, set[str]]()
    for option, values in (found for line in lines for found in _OPTION.findall(line)):
        named.setdefault(option, set()).update(filter(None, values.split(",")))
    with_values = {name: f"{name} {','.join(sorted(values))}".rstrip() for name, values in sorted(named.items())}
    ways = [
        ("with", [said for name, said in with_values.items() if name not in _LIMITS]),
        ("without", [said for name, said in with_values.items() if name in _LIMITS]),
    ]
    parts = [f"{word} {', '.join(options)}" for word, options in ways if options]
    return f"{len(lines)}, which the reports name" + (f"; more is tried {' and '.join(parts)}" if parts else "")
