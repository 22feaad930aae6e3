"""A story as a script for Python, with requests."""

from collections.abc import Iterator

from mockserver.checks.findings.step import IMPLICIT, Step
from mockserver.checks.reporting.story import UNJUDGED, Story

_HEAD = '''\
import json
import os
import re
import sys
from base64 import b64encode
from contextlib import suppress

import requests

URL = {url}
ID = {id}
values = {{name: value for name, value in os.environ.items() if not name.startswith("OL_VALUE_")}}
for name in {needed}:
    if not values.get(name):
        sys.exit(print(f"{{name}} isn't set.", file=sys.stderr) or 2)


def fill(text, escape=str):
    """The text with values in place of their names."""
    return re.sub(r"\\$(OL_[A-Z]+(?:_[A-Z0-9]+)*)", lambda found: escape(values[found[1]]), text)


def send(method, target, headers, body=None):
    """The answer to a request."""
    escapes = {{"Basic $OL_BASIC": lambda pair: b64encode(pair.encode()).decode()}}
    headers = {{name: fill(value, escapes.get(value, str)) for name, value in headers.items()}}
    data = body and fill(body, lambda value: json.dumps(value)[1:-1]).encode("utf-8", "surrogateescape")
    return requests.request(method, URL + fill(target), headers=headers, data=data, allow_redirects=False, timeout=60)


def end(code, words):
    """Delete what was created, and say what came of it."""
    for name, request in DELETIONS.items():
        if name in values:
            with suppress(requests.RequestException):
                send(*request)
    print(ID, words)
    sys.exit(code)


def step(where, captures, was, *request):
    """The answer to a request, of which later ones use something."""
    try:
        answer = send(*request)
    except requests.RequestException as error:
        end(2, f"can't be repeated: {{where}} has no answer: {{type(error).__name__}}.")
    try:
        content = answer.json()
    except ValueError:
        content = None
    for name, key in captures.items():
        value = content.get(key) if isinstance(content, dict) else None
        if isinstance(value, str):
            values[name] = value
        elif was is not None:
            end(2, f"can't be repeated: {{where}} answered {{answer.status_code}} without {{key}}; it was {{was}}.")
    return answer

'''
_CONSENT = """
if values.get("OL_YES_HOST") != {host}:
    sys.exit(print({words}, file=sys.stderr) or 2)
"""
_VERDICT = """
status = str(answer.status_code)
if status in {shut_out}:
    end(2, f"can't be repeated: wasn't let in: {{status}}.")
kinds = {{status, status[0] + "xx"}}
is_good = not kinds & {forbidden} and (not {allowed} or bool(kinds & {allowed}))
"""
_METHODS = """
named = {{method.strip().upper() for method in answer.headers.get("Allow", "").split(",")}} - {{""}}
is_good = is_good and bool(named){same}
"""


def lines(told: Story) -> Iterator[str]:
    """The lines of the script."""
    yield from (f"# {told.title}", "# Exit codes: 0 it is gone, 1 it is still there, 2 unknown.")
    yield from _HEAD.format(url=repr(told.url), id=repr(told.finding.id), needed=told.needed).splitlines()
    if told.consent:
        yield from _CONSENT.format(host=repr(told.consent), words=repr(told.request_for_consent)).splitlines()
    yield "DELETIONS = {"
    yield from (f"    {name!r}: ({_request(step)})," for name, step in told.deletions.items())
    yield "}"
    for variable, login in told.logins.items():
        where = f"the login, {login.method} {login.path},"
        yield from (
            f"if not values.get({variable!r}):",
            f"    step({where!r}, {_captures(login)!r}, 200, {_request(login)})",
        )
    for number, one in enumerate(told.steps[:-1], start=1):
        where = f"step {number}, {one.method} {one.path},"
        yield f"step({where!r}, {_captures(one)!r}, {one.status}, {_request(one)})"
    judged = told.steps[-1]
    yield f'answer = step("the last step", {_captures(judged)!r}, None, {_request(judged)})'
    yield 'print("judged:", answer.status_code, answer.text)'
    yield from (f"print({f'{name}: {text}'!r})" for name, text in told.notes)
    yield from _verdict(told)


def _request(step: Step) -> str:
    body = "" if step.body is None else f", {step.body!r}"
    return f"{step.method!r}, {step.target!r}, {dict(step.headers)!r}{body}"


def _captures(step: Step) -> dict[str, str]:
    return {name: pointer[1:] for name, pointer in step.captures.items()}


def _verdict(told: Story) -> Iterator[str]:
    condition = told.finding.condition
    if condition is None:
        yield f"end(2, {UNJUDGED!r})"
        return
    words = {"forbidden": set(condition.forbidden) or "set()", "allowed": set(condition.allowed) or "set()"}
    yield from _VERDICT.format(shut_out=told.shut_out, **words).splitlines()
    if condition.methods is not None:
        wanted, implicit = sorted(set(condition.methods) - IMPLICIT), sorted(IMPLICIT)
        same = f" and sorted(named - set({implicit})) == {wanted}" if condition.methods else ""
        yield from _METHODS.format(same=same).splitlines()
    yield 'end(0, "is gone.") if is_good else end(1, "is still there.")'
