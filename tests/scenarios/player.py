"""Plays a scenario (README.md): does its requests and says where an answer isn't as it should be."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.clock import Clock
from mockserver.openapi.loading import Source
from tests.scenarios.transports import Client

LOGINS = {"admin": "/api/admin/login_check", "member": "/api/DEFAULT/member/login_check"}
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True)
class Matches:
    """`$matches`: a regular expression for the whole text."""

    pattern: str


@dataclass(frozen=True)
class Given:
    """What there is before the first step."""

    settings: dict[str, Any] = field(default_factory=dict)
    logged_in_as: str | None = None
    exists: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Expect:
    """What an answer must be; `includes` looks only at what it names, `without` lists text that may not occur."""

    status: int
    headers: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    includes: Any = None
    without: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """One request with its expectation, or time that passes."""

    wait: str = "0 s"
    request: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    text: str | None = None
    expect: Any = None
    keep: dict[str, str] = field(default_factory=dict)


class Difference(NamedTuple):
    """How the answer to a step isn't as expected: `kind` is the other status, or `header`, `body`, `wording` (the body
    of a 400)."""

    step: int
    request: str
    kind: str
    told: str

    def __str__(self) -> str:
        return f"step {self.step}, {self.request}: {self.told}"


NOTHING: Any = type("Nothing", (), {"__repr__": lambda _: "nothing"})()  # stands for a key that isn't there


def read(path: Path) -> dict[str, Any]:
    """A scenario file. Only what the README describes may stand in it."""
    scenario: dict[str, Any] = _meant(Source(str(path), path.read_bytes()).content)
    assert scenario.keys() <= {"scenario", "source", "given", "steps"}
    return scenario


def _meant(value: Any) -> Any:
    """A value with `$matches` and `$repeat` replaced by what they stand for."""
    if isinstance(value, list):
        return [_meant(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$matches"}:
        return Matches(value["$matches"])
    if value.keys() == {"$repeat"}:
        count, what = _meant(value["$repeat"])
        return what * count if isinstance(what, str) else [what] * count
    return {key: _meant(inner) for key, inner in value.items()}


def play(scenario: dict[str, Any], client: Client, clock: Clock, *, goes_on: bool = False) -> Iterator[Difference]:
    """Do all steps; yields what differs from the expectations. Ends with the step that differs, unless it `goes_on`."""
    given, kept = Given(**scenario.get("given") or {}), dict[str, Any]()
    if given.logged_in_as:
        tokens = client.post(LOGINS[given.logged_in_as], json={"username": given.logged_in_as, "password": "password"})
        client.headers["Authorization"] = f"Bearer {tokens.json()['token']}"
    setup = [{"expect": {"status": 200}} | raw for raw in given.exists]
    for number, raw in enumerate(setup + scenario["steps"], start=1 - len(setup)):
        step = Step(**_filled(raw, kept))
        amount, unit = step.wait.split()
        clock.advance(float(amount) * SECONDS[unit])
        found = list(_answered(step, client, kept)) if step.request else []
        yield from (Difference(number, step.request, *problem) for problem in found)
        if found and not goes_on:
            return


def _answered(step: Step, client: Client, kept: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The kinds of what differs, each in words."""
    method, target = step.request.split(" ", 1)
    content = {"json": step.body} if step.body is not None else {"content": step.text}
    answer = client.request(method, target, headers=step.headers, follow_redirects=False, **content)
    is_json = answer.text and answer.headers.get("content-type", "").startswith("application/json")
    got = answer.json() if is_json else answer.text
    expect = Expect(status=step.expect) if isinstance(step.expect, int) else Expect(**step.expect)
    if answer.status_code != expect.status:
        yield str(answer.status_code), f"expected {expect.status}, got {answer.status_code} {answer.text}"
        return
    headers = {name.lower(): answer.headers.get(name) for name in expect.headers}
    wanted = {name.lower(): value for name, value in expect.headers.items()}
    yield from (("header", told) for told in differences(wanted, headers, "header"))
    kind = "wording" if expect.status == 400 else "body"
    yield from ((kind, told) for told in _of_body(expect, got, answer.text))
    for name, path in step.keep.items():
        value: Any = got
        for key in path.split("."):
            value = value[int(key) if key.isdigit() else key]
        kept[name] = value


def _of_body(expect: Expect, got: Any, text: str) -> Iterator[str]:
    """Where a body isn't as expected."""
    if expect.body is not None:
        yield from differences(_ordered(expect.body), _ordered(got), "body")
    if expect.includes is not None:
        yield from differences(_ordered(expect.includes), _ordered(got), "body", whole=False)
    yield from (f"the body shows {secret!r}: {text}" for secret in expect.without if secret in text)


def _ordered(body: Any) -> Any:
    """A body whose `errors` are sorted by path: their order is no promise."""
    if isinstance(body, dict) and isinstance(body.get("errors"), list):
        return body | {"errors": sorted(body["errors"], key=lambda error: str(error.get("path")))}
    return body


def _filled(value: Any, kept: dict[str, Any]) -> Any:
    """A value with each `<name>` in it replaced by what was kept under that name."""
    if isinstance(value, str):
        return re.sub(r"<(\w+)>", lambda found: str(kept[found[1]]), value)
    if isinstance(value, Matches):
        return Matches(_filled(value.pattern, kept))
    if isinstance(value, dict):
        return {key: _filled(inner, kept) for key, inner in value.items()}
    return [_filled(inner, kept) for inner in value] if isinstance(value, list) else value


def differences(expected: Any, got: Any, where: str, *, whole: bool = True) -> Iterator[str]:
    """Where `got` isn't as expected; unless `whole`, objects may have more keys."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for key in sorted(expected.keys() | (got.keys() if whole else ())):
            yield from differences(expected.get(key, NOTHING), got.get(key, NOTHING), f"{where}.{key}", whole=whole)
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for index, pair in enumerate(zip(expected, got, strict=True)):
            yield from differences(*pair, f"{where}[{index}]", whole=whole)
    elif isinstance(expected, Matches):
        if not isinstance(got, str) or not re.fullmatch(expected.pattern, got):
            yield f"{where}: expected text that matches {expected.pattern}, got {got!r}"
    elif expected != got or type(expected) is not type(got):
        yield f"{where}: expected {expected!r}, got {got!r}"
