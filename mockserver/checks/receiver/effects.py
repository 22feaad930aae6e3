"""The effects of a receiver, as a probe of its user tells them: an integer, or a JSON list, read before and after."""

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import requests

from mockserver.checks.transport.bounded_transport import BoundedTransport, prepared
from mockserver.checks.transport.successes import succeeded
from mockserver.errors import MockserverError
from mockserver.escaping import visible

MOST_SHOWN = 120  # characters of what a probe prints
COMMAND_TIMEOUT = 30.0  # seconds
EFFECTS, STATE = "effects", "state"  # what probes show
NOTHING: Mapping[str, str] = {}
Result = TypeVar("Result")
Redact = Callable[[str], str]

EXAMPLES = {
    "Express": """let effects = 0; // count where your code acts, such as in the transaction that stores a member
app.get("/effects", (request, response) => response.json(effects));""",
    "FastAPI": """@app.get("/effects")
def effects() -> list[str]:
    return [str(id) for (id,) in db.execute("SELECT id FROM member")]""",
    "Spring": """@GetMapping("/effects")
long effects() {
    return members.count();
}""",
    "Laravel": """Route::get('/effects', fn () => response()->json(Member::count()));""",
}


class ProbeFailed(MockserverError):
    """The error that effects can't be seen. The message says why."""


@dataclass(frozen=True)
class Seen:
    """What a probe told: a number, and the items if it was a list."""

    number: int
    items: tuple[str, ...] | None = None

    @classmethod
    def of(cls, text: str, what: str = EFFECTS, redact: Redact = str) -> "Seen":
        """What a text tells; `what` names the probe. Raises ProbeFailed, with what it shows redacted."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, int) and not isinstance(value, bool):
            return cls(value)
        if isinstance(value, list):
            return cls(len(value), tuple(json.dumps(item, sort_keys=True) for item in value))
        shown = visible(redact(text).strip()[:MOST_SHOWN]) or "nothing"
        raise ProbeFailed(f"the probe of {what} must print an integer or a JSON list, and printed {shown}")


@dataclass(frozen=True)
class EffectChange:
    """What has changed between two looks: by how many effects, and which items are new and gone."""

    number: int
    new: tuple[str, ...] = ()
    has_items: bool = False

    @classmethod
    def between(cls, before: Seen, after: Seen) -> "EffectChange":
        """The change from one look to the next."""
        if before.items is None or after.items is None:
            return cls(after.number - before.number)
        new = Counter(after.items) - Counter(before.items)
        return cls(after.number - before.number, tuple(sorted(new.elements())), has_items=True)


class Sight(NamedTuple):
    """How effects are seen, in place of the probe that the options name and of real seconds."""

    look: Callable[[], Seen] | None = None
    wait: Callable[[float], object] | None = None


USUAL_SIGHT = Sight()


@dataclass
class ReceiverEffects:
    """The effects of one receiver. `look` asks the probe, and raises ProbeFailed; `wait` waits so many seconds, in
    which an effect has to have come. `unit` is how many effects one event has, and `shows_items` whether the probe
    tells more than their number; `are_due` says whether something was sent since the last look, whose effects may still
    come."""

    look: Callable[[], Seen] | None
    wait: Callable[[float], object]
    seconds: float = 2.0
    unit: int = 0
    shows_items: bool = False
    trouble: str = field(default="", init=False)
    are_due: bool = field(default=False, init=False)

    @property
    def can_be_seen(self) -> bool:
        """Whether there is a probe that works, and an event that has an effect."""
        return self.look is not None and not self.trouble and self.unit > 0

    def around(self, act: Callable[[], Result]) -> tuple[Result, EffectChange]:
        """What an act returns, and the change that came of it; none without a probe, or when that fails."""
        before = self._settled()
        result = act()
        if before is None:
            return result, EffectChange(0)
        self.are_due = True
        after = self._settled()
        return result, EffectChange.between(before, after) if after is not None else EffectChange(0)

    def _settled(self) -> Seen | None:
        """What the probe tells once nothing is due any more; None without a probe, or when that fails."""
        if self.look is None or self.trouble:
            return None
        if self.are_due:
            self.wait(self.seconds)
        self.are_due = False
        try:
            return self.look()
        except ProbeFailed as error:
            self.trouble = str(error)
            return None


def by_url(
    url: str,
    transport: BoundedTransport,
    what: str = EFFECTS,
    front: Mapping[str, str] = NOTHING,
    redact: Redact = str,
) -> Callable[[], Seen]:
    """A probe that gets a URL, by the name of what it shows; `front` are headers for a gate in front of it."""

    def look() -> Seen:
        headers = {"Accept": "application/json", **front}
        try:
            response = transport.exchange(prepared("GET", url, headers, None), what)
        except requests.RequestException as error:
            raise ProbeFailed(f"the probe of {what} can't be reached: {type(error).__name__}") from error
        if not succeeded(response):
            raise ProbeFailed(f"the probe of {what} answers {response.status_code}")
        return Seen.of(response.text, what, redact)

    return look


def by_command(command: str, what: str = EFFECTS, redact: Redact = str) -> Callable[[], Seen]:
    """A probe that runs a command of the user's in a shell, by the name of what it shows."""
    return lambda: Seen.of(run_command(command, redact), what, redact)


def run_command(command: str, redact: Redact = str) -> str:
    """What a command of the user's prints. Raises ProbeFailed if it fails."""
    try:
        done = subprocess.run(  # noqa: S602 (it is the user's own command line)
            command, shell=True, capture_output=True, text=True, timeout=COMMAND_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ProbeFailed(f"{command} hasn't ended within {COMMAND_TIMEOUT:g} s") from error
    if done.returncode:
        said = visible(redact(done.stderr).strip()[-MOST_SHOWN:])
        raise ProbeFailed(f"{command} ended with {done.returncode}: {said}")
    return done.stdout


def as_lines() -> list[str]:
    """How a probe looks in four frameworks, as lines for people."""
    return [line for name, code in EXAMPLES.items() for line in (f"{name}:", *(f"  {one}" for one in code.split("\n")))]
