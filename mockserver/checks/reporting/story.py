"""The story of a finding, of which scripts are made: who logs in, what is sent, what is judged, and what is deleted."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from mockserver.checks.findings.saved_report import SavedFinding
from mockserver.checks.findings.step import VALUE, Step
from mockserver.checks.transport import shell_lines
from mockserver.checks.transport.session import (
    API_KEY,
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

UNJUDGED = (
    "isn't judged by one answer: compare what came with what was expected, or let `mockserver check replay` do it."
)
NO_ENTRY = ("401", "403")
LOGINS = ((TOKEN, USERNAME, PASSWORD), (MEMBER_TOKEN, MEMBER_USERNAME, MEMBER_PASSWORD))
VARIABLE = re.compile(r"\$(OL_[A-Z]+(?:_[A-Z0-9]+)*)")


@dataclass(frozen=True)
class Story:
    """What a script does: logins by the variable that they set, steps of which the last is judged, and deletions by
    the variable that has the record. `consent` is the host that has to be agreed to; empty if it is this machine."""

    finding: SavedFinding
    url: str
    consent: str
    logins: Mapping[str, Step]
    steps: Sequence[Step]
    deletions: Mapping[str, Step]

    @property
    def title(self) -> str:
        """The finding in one line."""
        return visible(f"Finding {self.finding.id}: {self.finding.message}")

    @property
    def notes(self) -> list[tuple[str, str]]:
        """What was expected, and what the report has instead, each in one line."""
        condition = self.finding.condition
        expected = self.finding.expected or (condition.words if condition else "")
        told = (("expected", expected), ("the report has", self.finding.got))
        return [(name, visible(text)) for name, text in told if text]

    @property
    def shut_out(self) -> tuple[str, ...]:
        """The statuses of the last answer that say that the credential, such as an old `OL_TOKEN`, wasn't let in, and
        nothing about the finding: none if no credential is sent. A condition that allows a 401 beside a 400 means any
        refusal of a bad request."""
        judged, condition = self.steps[-1], self.finding.condition
        if not _variables(judged) & {name[1:] for name in (TOKEN, MEMBER_TOKEN, API_KEY)}:
            return ()
        allowed = set(condition.allowed) if condition else set()
        meant = {str(judged.status), *(allowed if allowed <= set(NO_ENTRY) else ())}
        return tuple(one for one in NO_ENTRY if one not in meant)

    @property
    def request_for_consent(self) -> str:
        """What is said where nobody has agreed to the host."""
        agreement = shell_lines.plain([f"OL_YES_HOST={self.consent}"])
        return f"This sends requests to {self.consent}, which may create and delete records there; agree by {agreement}"

    @property
    def needed(self) -> list[str]:
        """The variables that have to be set."""
        parts = [*self.logins.values(), *self.steps, *self.deletions.values()]
        used = {name for one in parts for name in _variables(one)}
        return sorted(name for name in used if not name.startswith(VALUE) and name not in self.logins)


def story(finding: SavedFinding, url: str, surface: Surface, store: str, *, consent: str = "") -> Story:
    """The story of a finding; `consent` is the host that whoever runs it has to agree to. Raises SettingsError if its
    steps don't tell all."""
    if not finding.steps:
        raise SettingsError(f"The report has no steps for {finding.id}: what it is about came with no answer to one.")
    for number, step in enumerate(finding.steps, start=1):
        if not step.whole or SECRET[1:] in _variables(step):
            raise SettingsError(
                f"{finding.id} can't be a script: step {number}, {step.method} {step.path}, holds what a report doesn't"
                " keep, a secret or a very large body. Without --as it is repeated."
            )
    steps, deletions = _with_deletions(finding.steps, surface)
    used = {name for step in (*steps, *deletions.values()) for name in _variables(step)}
    logins = {variable: step for variable, step in _logins(surface, store) if variable in used}
    return Story(finding, url.rstrip("/"), consent, logins, steps, deletions)


def _variables(step: Step) -> set[str]:
    texts = (step.path, step.query, step.body or "", *step.headers.values())
    return {name for text in texts for name in VARIABLE.findall(text)}


def _logins(surface: Surface, store: str) -> Iterator[tuple[str, Step]]:
    for login, (token, name, secret) in zip(surface.logins, LOGINS, strict=False):
        body = json.dumps(dict(zip(login_properties(surface, login), (name, secret), strict=True)))
        names = {one.name for one in login.operation.parameters_in("path")}
        path = login.url(**dict.fromkeys(names, quote(store, safe="")))
        captures = {token[1:]: f"/{token_properties(surface, login)[0]}"}
        headers = {"Content-Type": "application/json"}
        yield token[1:], Step(login.id, login.method, path, headers=headers, body=body, captures=captures)


def _with_deletions(steps: Sequence[Step], surface: Surface) -> tuple[list[Step], dict[str, Step]]:
    """The steps, each of which captures the id of what it creates, and those that delete it, by the captured value."""
    resources = {one.create.id: one for one in surface.resources}
    count = sum(len(step.captures) for step in steps)
    changed, deletions = list[Step](), dict[str, Step]()
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
                deletions[name] = Step(resource.delete.id, resource.delete.method, path, headers=headers)
        changed.append(found)
    return changed, deletions


def _arguments(surface: Surface, step: Step) -> dict[str, str] | None:
    try:
        found = surface.match(step.method, step.path.encode("utf-8", "replace"))[1]
    except (NotFound, MethodNotAllowed):
        return None
    return {name: quote(value, safe="") for name, value in found.items()}
