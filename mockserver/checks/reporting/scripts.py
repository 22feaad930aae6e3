"""The steps of a finding as a script that runs without this project: for a shell with curl, for Python with requests,
or for the HTTP client of an editor.

It logs in unless `OL_TOKEN` is set, takes from each answer what later steps use, shows the last answer, and deletes
what it created.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from mockserver.checks.findings.saved_report import SavedFinding
from mockserver.checks.findings.step import VALUE, Step
from mockserver.checks.findings.step_finder import curl_lines
from mockserver.checks.transport.session import (
    MEMBER_PASSWORD,
    MEMBER_TOKEN,
    MEMBER_USERNAME,
    PASSWORD,
    SECRET,
    TOKEN,
    USERNAME,
    login_properties,
    token_properties,
)
from mockserver.errors import MethodNotAllowed, NotFound, SettingsError
from mockserver.escaping import visible
from mockserver.openapi.resources import Surface

LOGINS = ((TOKEN, USERNAME, PASSWORD), (MEMBER_TOKEN, MEMBER_USERNAME, MEMBER_PASSWORD))
_VARIABLE = re.compile(r"\$(OL_[A-Z]+(?:_[A-Z0-9]+)*)")
_FROM_PYTHON = '''\
import json
import os
import re

import requests

URL = {url}
values = dict(os.environ)


def fill(text, escape=str):
    """The text with values in place of their names."""
    return re.sub(r"\\$(OL_[A-Z]+(?:_[A-Z0-9]+)*)", lambda found: escape(values[found[1]]), text)


def send(method, target, headers, body=None):
    """The answer to a request."""
    headers = {{name: fill(value) for name, value in headers.items()}}
    data = body and fill(body, lambda value: json.dumps(value)[1:-1]).encode("utf-8", "surrogateescape")
    return requests.request(method, URL + fill(target), headers=headers, data=data, allow_redirects=False, timeout=60)

'''


@dataclass(frozen=True)
class Story:
    """What a script does: logins by the variable that they set, steps of which the last is judged, and deletions."""

    title: str
    url: str
    logins: Mapping[str, Step]
    steps: Sequence[Step]
    deletions: Sequence[Step]

    @property
    def needed(self) -> list[str]:
        """The variables that have to be set."""
        parts = [*self.logins.values(), *self.steps, *self.deletions]
        used = {name for one in parts for name in _variables(one)}
        return sorted(name for name in used if not name.startswith(VALUE) and name not in self.logins)


def story(finding: SavedFinding, url: str, surface: Surface, store: str) -> Story:
    """The story of a finding. Raises SettingsError if its steps don't tell all."""
    if not finding.steps:
        raise SettingsError(f"The report has no steps for {finding.id}: what it is about came with no answer to one.")
    for number, step in enumerate(finding.steps, start=1):
        if not step.whole or SECRET[1:] in _variables(step):
            raise SettingsError(
                f"{finding.id} can't be a script: step {number}, {step.method} {step.path}, holds what a report doesn't"
                " keep, a secret or a very large body. Without --as it is repeated."
            )
    steps, deletions = _with_deletions(finding.steps, surface)
    used = {name for step in (*steps, *deletions) for name in _variables(step)}
    logins = {variable: step for variable, step in _logins(surface, store) if variable in used}
    return Story(visible(f"Finding {finding.id}: {finding.message}"), url.rstrip("/"), logins, steps, deletions)


def _variables(step: Step) -> set[str]:
    texts = (step.path, step.query, step.body or "", *step.headers.values())
    return {name for text in texts for name in _VARIABLE.findall(text)}


def _logins(surface: Surface, store: str) -> Iterator[tuple[str, Step]]:
    for login, (token, name, secret) in zip(surface.logins, LOGINS, strict=False):
        body = json.dumps(dict(zip(login_properties(surface, login), (name, secret), strict=True)))
        names = {one.name for one in login.operation.parameters_in("path")}
        path = login.url(**dict.fromkeys(names, quote(store, safe="")))
        captures = {token[1:]: f"/{token_properties(surface, login)[0]}"}
        headers = {"Content-Type": "application/json"}
        yield token[1:], Step(login.id, login.method, path, headers=headers, body=body, captures=captures)


def _with_deletions(steps: Sequence[Step], surface: Surface) -> tuple[list[Step], list[Step]]:
    """The steps, each of which captures the id of what it creates, and those that delete it."""
    resources = {one.create.id: one for one in surface.resources}
    count = sum(len(step.captures) for step in steps)
    changed, deletions = [], []
    for step in steps:
        found, resource = step, resources.get(step.operation)
        if resource is not None and 200 <= step.status < 300:  # noqa: PLR2004 (a success)
            pointer = f"/{resource.id_name}"
            if pointer not in step.captures.values():
                count += 1
                found = replace(step, captures={**step.captures, f"{VALUE}{count}": pointer})
            name = next(name for name, place in found.captures.items() if place == pointer)
            if (arguments := _arguments(surface, step)) is not None:
                path = resource.delete.url(**arguments, **{resource.parameter: f"${name}"})
                headers = {key: text for key, text in step.headers.items() if key.lower() != "content-type"}
                deletions.append(Step(resource.delete.id, resource.delete.method, path, headers=headers))
        changed.append(found)
    return changed, deletions


def _arguments(surface: Surface, step: Step) -> dict[str, str] | None:
    try:
        found = surface.match(step.method, step.path.encode("utf-8", "replace"))[1]
    except (NotFound, MethodNotAllowed):
        return None
    return {name: quote(value, safe="") for name, value in found.items()}


# ---------------------------------------------------------------- curl
def as_curl(told: Story) -> str:
    """A script for bash, with curl and python3."""
    *steps, judged = told.steps
    lines = ["#!/usr/bin/env bash", f"# {told.title}"]
    lines += [f': "${{{name}:?}}"' for name in told.needed]
    for variable, login in told.logins.items():
        lines += [f'if [ -z "${{{variable}:-}}" ]; then', *(f"  {one}" for one in curl_lines(login, told.url)), "fi"]
    for step in steps:
        lines += curl_lines(step, told.url)
    lines += ["echo judged:", *(_shown(line) for line in curl_lines(judged, told.url))]
    lines += ["echo"] + ["# delete what was created"] * bool(told.deletions)
    lines += [f"{line} > /dev/null" for step in told.deletions for line in curl_lines(step, told.url)]
    return "\n".join(lines) + "\n"


def _shown(line: str) -> str:
    """The line of the judged step, showing the answer: its head and body, or, where it captures, status and body."""
    if not line.startswith("ANSWER="):
        return line.replace("curl -sg", "curl -sgi", 1)
    with_status = line.replace("curl -sg", r"curl -sg -w '\n%{http_code}'", 1)
    return f"{with_status}\n{_STATUS_THEN_BODY}"


_STATUS_THEN_BODY = r'''echo "${ANSWER##*$'\n'}"; ANSWER=${ANSWER%$'\n'*}; echo "$ANSWER"'''


# ---------------------------------------------------------------- Python
def as_python(told: Story) -> str:
    """A script for Python, with requests."""
    lines = [f"# {told.title}", *_FROM_PYTHON.format(url=repr(told.url)).splitlines()]
    for variable, login in told.logins.items():
        lines += ["", f"if {variable!r} not in values:", *(f"    {one}" for one in _python_lines(login))]
    for step in told.steps:
        lines += ["", *_python_lines(step)]
    lines += ["", 'print("judged:", answer.status_code, answer.text)']
    lines += ["", "# delete what was created"] * bool(told.deletions)
    for step in told.deletions:
        lines += _python_lines(step)
    return "\n".join(lines) + "\n"


def _python_lines(step: Step) -> Iterator[str]:
    body = "" if step.body is None else f", {step.body!r}"
    yield f"answer = send({step.method!r}, {step.target!r}, {dict(step.headers)!r}{body})"
    for name, pointer in step.captures.items():
        yield f"values[{name!r}] = answer.json()[{pointer[1:]!r}]"


# ---------------------------------------------------------------- .http
def as_http(told: Story) -> str:
    """A file for httpYac or the HTTP client of JetBrains. Raises SettingsError for what it can't express."""
    lines = [f"# {told.title}", f"@url = {told.url}"]
    lines += [f"@{name} = {{{{$processEnv {name}}}}}" for name in told.needed]
    parts = [("log in", one) for one in told.logins.values()]
    parts += [*(("", step) for step in told.steps[:-1]), ("judged", told.steps[-1])]
    parts += [("delete what was created", step) for step in told.deletions]
    for number, (words, step) in enumerate(parts, start=1):
        lines += ["", f"### {words or f'step {number}'}", *_http_lines(step)]
        if step.captures:
            sets = (f'client.global.set("{name}", response.body.{at[1:]});' for name, at in step.captures.items())
            lines += ["", f"> {{% {' '.join(sets)} %}}"]
    return "\n".join(lines) + "\n"


def _http_lines(step: Step) -> Iterator[str]:
    texts = (step.target, *step.headers.values(), step.body or "")
    if not all(text.isprintable() and "{{" not in text for text in texts):
        raise SettingsError(f"{step.method} {step.path} can't be written in an .http file; --as curl or python can.")
    yield f"{step.method} {{{{url}}}}{_braced(step.target)}"
    yield from (f"{name}: {_braced(value)}" for name, value in step.headers.items())
    if step.body is not None:
        yield from ("", _braced(step.body))


def _braced(text: str) -> str:
    return _VARIABLE.sub(r"{{\1}}", text)


FORMATS: Mapping[str, Callable[[Story], str]] = {"curl": as_curl, "python": as_python, "http": as_http}
