"""Reading the cases: one row of YAML each, as README.md describes."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mockserver.openapi.loading import Source

HERE = Path(__file__).parent
SOURCES = ("llhttp", "desync_guardian", "uvicorn")
NEXT = b"GET /next HTTP/1.1\r\nHost: mock\r\nConnection: close\r\n\r\n"  # of an innocent client, behind each case

# What is done instead of sending: waiting for an answer, and telling the server to end.
AWAIT, STOP = "await", "stop"
Piece = bytes | str

# The steps of a result that aren't the words of an answer.
NEXT_STEP = "next"  # the innocent client was answered
REFUSED = "refused"  # the last one: an answer of the server that refuses, or the end without one
CUT = "cut"  # an answer that isn't whole
LEFT = "left"  # the application was told that the client left
UNANSWERED = "unanswered:"  # the application was asked, and its answer never came
HANGS = "hangs"  # the connection stays open
Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What is sent on one connection, and which results are right. What else is `allowed`, a SHOULD of the standard
    speaks against, but no MUST.

    `then` is what the client does at last: it sends "next", "ends" its side of the connection, or only "listens".
    """

    source: str
    name: str
    rule: str
    pieces: tuple[Piece, ...]
    right: tuple[Steps, ...]
    allowed: tuple[Steps, ...] = ()
    then: str = "next"
    head: str = ""  # a line that the last answer must have
    slow: bool = False  # takes seconds by its nature

    @property
    def stops(self) -> bool:
        """Whether the server is ended by it."""
        return STOP in self.pieces


@cache
def cases(source: str) -> tuple[Case, ...]:
    """The cases of one of SOURCES."""
    return tuple(_case(source, row) for row in _read(source))


def all_cases() -> tuple[Case, ...]:
    """Those of all sources."""
    return tuple(case for source in SOURCES for case in cases(source))


@dataclass(frozen=True, slots=True)
class Rule:
    """What the standard says; why the mock comes to what is only allowed, and others to something else."""

    says: str
    mock: str = ""
    others: str = ""


@cache
def rules() -> dict[str, Rule]:
    """The rules, by the name that cases refer to."""
    return {name: Rule(**row) for name, row in _read("rules").items()}


def _read(name: str) -> Any:
    return Source(name, (HERE / f"{name}.yaml").read_bytes()).content


def _case(source: str, row: dict[str, Any]) -> Case:
    sent = row["send"] if isinstance(row["send"], list) else [row["send"]]
    results = (_results(row["right"]), _results(row.get("allowed", [])))
    more = {key: row[key] for key in ("then", "head", "slow") if key in row}
    return Case(source, row["name"], row["rule"], tuple(_piece(piece) for piece in sent), *results, **more)


def _results(told: list[Any]) -> tuple[Steps, ...]:
    """Results of several steps are lists, one that has a single step may be that alone."""
    return tuple(tuple(str(step) for step in (one if isinstance(one, list) else [one])) for one in told)


def _piece(piece: Any) -> Piece:
    """A character of the file stands for the byte of its number."""
    if isinstance(piece, dict):
        return str(piece["of"]).encode("latin-1") * int(piece["times"])
    return piece if piece in (AWAIT, STOP) else str(piece).encode("latin-1")
