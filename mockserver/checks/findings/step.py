"""The steps of a finding, as its report has them, and the condition by which the last answer is judged again."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import requests

VALUE = "OL_VALUE_"  # what the names of captured values begin with
_NAMED = re.compile(r"(an? |no )?([1-5][0-9]{2}|[1-5]xx|success)(?:,? (?:with|and) .*)?")
USED = re.compile(r"\$(OL_VALUE_\d+)")


@dataclass(frozen=True)
class Step:
    """A request on the way to a finding.

    `path` and `query` are as they were sent, without the URL of the instance. `$OL_…` stands for a credential of the
    run, `$OL_VALUE_1` for what `captures` took from an earlier answer: its name there, with the JSON pointer to the
    value. `status` is that of the answer, 0 if there was none. A step isn't `whole` if its body was too large to keep,
    or holds a secret that a report doesn't show.
    """

    operation: str
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    status: int = 0
    captures: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True

    def as_json(self) -> dict[str, Any]:
        """The step for programs."""
        return asdict(self)

    @property
    def target(self) -> str:
        """Path and query."""
        return self.path + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True)
class Condition:
    """The condition that a finding's last answer breaks. Statuses are like `404` or `4xx`: it has to be an `allowed`
    one if there are any, and no `forbidden` one. `methods` are those that `Allow` has to name, HEAD and OPTIONS apart;
    an empty list means that it has to be there."""

    allowed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    methods: tuple[str, ...] | None = None

    def as_json(self) -> dict[str, Any]:
        """The condition for programs."""
        return asdict(self)

    @property
    def words(self) -> str:
        """What has to be, in words."""
        methods = [f"Allow: {', '.join(self.methods)}" if self.methods else "Allow"] if self.methods is not None else []
        allowed = [" or ".join(self.allowed)] if self.allowed else []
        return " with ".join([*allowed, *(f"no {one}" for one in self.forbidden), *methods])

    @classmethod
    def named(cls, words: str, status: int) -> "Condition | None":
        """The condition that words such as `404` or `no 5xx` name; None if they name none, or the status of the answer
        isn't what breaks it."""
        found = _NAMED.fullmatch(words)
        if found is None:
            return None
        statuses = ("2xx" if found[2] == "success" else found[2],)
        condition = cls(forbidden=statuses) if found[1] == "no " else cls(allowed=statuses)
        return condition.if_broken_by(status)

    def if_broken_by(self, status: int) -> "Condition | None":
        """The condition; None if the status of the answer isn't what breaks it."""
        return None if self.allows(status) else self

    def allows(self, status: int) -> bool:
        """Whether an answer may have this status."""
        classes = {str(status), f"{status // 100}xx"}
        return not classes & set(self.forbidden) and (not self.allowed or bool(classes & set(self.allowed)))

    def holds(self, response: requests.Response) -> bool:
        """Whether an answer is as it should be."""
        if not self.allows(response.status_code):
            return False
        if self.methods is None:
            return True
        named = {method.strip().upper() for method in response.headers.get("Allow", "").split(",")} - {""}
        return bool(named) and (not self.methods or named - IMPLICIT == set(self.methods) - IMPLICIT)


IMPLICIT = {"HEAD", "OPTIONS"}
