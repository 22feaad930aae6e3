"""A story as a script for bash, with curl and python3."""

from collections.abc import Iterator

from mockserver.checks.findings.step import IMPLICIT, Condition, Step
from mockserver.checks.reporting.story import UNJUDGED, Story
from mockserver.checks.transport import shell_lines

_FUNCTIONS = """\
HEAD=$(mktemp)

# Run curl: its answer has STATUS, ANSWER, which is the body, and a head in a file.
ask() {
  ANSWER=$("$@" -D "$HEAD" -w '\\n%{http_code}') || end 2 "can't be repeated: no answer of $URL."
  STATUS=${ANSWER##*$'\\n'} ANSWER=${ANSWER%$'\\n'*}
}

# Print a property of the answer; fail if there is none.
pick() { printf %s "$ANSWER" | python3 -c "$PICK" "$1" 2> /dev/null; }
PICK='import json, sys; value = json.load(sys.stdin)[sys.argv[1]]; print(value if isinstance(value, str) else 1 / 0)'

# Delete what was created, and say what came of it.
end() {
  trap - EXIT
  delete > /dev/null 2>&1
  rm -f "$HEAD"
  echo "$ID $2"
  exit "$1"
}
trap 'end 2 "can'"'"'t be repeated: the script was ended."' EXIT
"""


def lines(told: Story) -> Iterator[str]:
    """The lines of the script."""
    yield from ("#!/usr/bin/env bash", f"# {told.title}", "# Exit codes: 0 it is gone, 1 it is still there, 2 unknown.")
    if told.consent:
        agreed = shell_lines.plain([told.consent])
        yield f'if [ "${{OL_YES_HOST:-}}" != {agreed} ]; then'
        yield from (f"  echo {shell_lines.plain([told.request_for_consent])} >&2", "  exit 2", "fi")
    for name in told.needed:
        yield f'if [ -z "${{{name}:-}}" ]; then echo "{name} isn\'t set." >&2; exit 2; fi'
    yield from (f"ID={shell_lines.plain([told.finding.id])}", f"URL={shell_lines.plain([told.url])}")
    if kept := sorted({name for step in told.steps for name in step.captures}):
        yield f"unset {' '.join(kept)}"
    yield from _FUNCTIONS.splitlines()
    yield from _deletions(told)
    for variable, login in told.logins.items():
        yield from ("", f'if [ -z "${{{variable}:-}}" ]; then')
        yield from (f"  {line}" for line in _step(told, login, f"the login, {login.method} {login.path},"))
        yield "fi"
    for number, step in enumerate(told.steps[:-1], start=1):
        yield from ("", *_step(told, step, f"step {number}, {step.method} {step.path},"))
    yield from ("", *_judged(told))


def _deletions(told: Story) -> Iterator[str]:
    yield from ("", "delete() {", "  :")
    for name, step in told.deletions.items():
        yield f'  [ -z "${{{name}:-}}" ] || {_curl(told, step)}'
    yield "}"


def _curl(told: Story, step: Step) -> str:
    body = None if step.body is None else step.body.encode("utf-8", "surrogateescape")
    line = shell_lines.whole_curl(step.method, told.url + step.target, step.headers, body)
    return f"{line} -o /dev/null" if step.method == "HEAD" else line  # else --head prints the head


def _step(told: Story, step: Step, where: str) -> Iterator[str]:
    """The lines of a step; the script ends where its answer lacks what others need."""
    yield f"ask {_curl(told, step)}"
    for name, pointer in step.captures.items():
        lacks = shell_lines.plain([f"without {pointer[1:]}{f'; it was {step.status}' if step.status else ''}."])
        said = f'"can\'t be repeated: "{shell_lines.plain([where])}" answered $STATUS "{lacks}'
        yield f"{name}=$(pick {pointer[1:]}) || end 2 {said}"


def _judged(told: Story) -> Iterator[str]:
    """The lines of the last step; what it created is kept if there is any."""
    step = told.steps[-1]
    yield f"ask {_curl(told, step)}"
    yield from (f"{name}=$(pick {pointer[1:]})" for name, pointer in step.captures.items())
    yield from ("echo judged:", "sed 's/\\r$//' \"$HEAD\"", 'printf "%s\\n" "$ANSWER"')
    yield from (f"echo {shell_lines.plain([f'{name}: {text}'])}" for name, text in told.notes)
    condition = told.finding.condition
    if condition is None:
        yield f"end 2 {shell_lines.plain([UNJUDGED])}"
        return
    if told.shut_out:
        refused = "end 2 \"can't be repeated: wasn't let in: $STATUS.\" ;;"
        yield f'case "$STATUS" in {"|".join(told.shut_out)}) {refused} esac'
    yield from _statuses(condition)
    if condition.methods is not None:
        yield from _methods(condition.methods)
    yield 'end 0 "is gone."'


def _statuses(condition: Condition) -> Iterator[str]:
    for statuses, good in ((condition.forbidden, False), (condition.allowed, True)):
        if statuses:
            broken = 'end 1 "is still there." ;;'
            pattern = "|".join(one.replace("xx", "??") for one in statuses)
            yield f'case "$STATUS" in {pattern}) {f";; *) {broken}" if good else broken} esac'


def _methods(methods: tuple[str, ...]) -> Iterator[str]:
    """The lines that look at the methods in `Allow`, HEAD and OPTIONS apart."""
    implicit = "|".join(sorted(IMPLICIT))
    yield "ALLOW=$(sed -n 's/^[Aa][Ll][Ll][Oo][Ww]://p' \"$HEAD\" | tr -s ', \\r' '\\n' | tr a-z A-Z | sort -u)"
    yield '[ -n "$(echo $ALLOW)" ] || end 1 "is still there."'
    if methods:
        wanted = " ".join(sorted(set(methods) - IMPLICIT))
        yield f"ALLOW=$(echo \"$ALLOW\" | grep -vxE '{implicit}|')"
        yield f'[ "$(echo $ALLOW)" = {shell_lines.plain([wanted])} ] || end 1 "is still there."'
