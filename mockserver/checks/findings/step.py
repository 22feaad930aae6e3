"""The steps of a finding, as its report has them, and the condition by which the last answer is judged again."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import requests

VALUE = "OL_VALUE_"  # what the names of captured values begin with
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

    def holds(self, response: requests.Response) -> bool:
        """Whether an answer is as it should be."""
        status = str(response.status_code)
        classes = {status, f"{status[0]}xx"}
        if classes & set(self.forbidden) or (self.allowed and not classes & set(self.allowed)):
            return False
        if self.methods is None:
            return True
        named = {method.strip().upper() for method in response.headers.get("Allow", "").split(",")} - {""}
        return bool(named) and (not self.methods or named - _IMPLICIT == set(self.methods) - _IMPLICIT)


_IMPLICIT = {"HEAD", "OPTIONS"}
