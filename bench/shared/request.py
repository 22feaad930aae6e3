"""A request of the benchmark, in the words of each load generator."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UNIQUE = "@unique@"  # in a body, or a header: where each request has a text of its own


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: to wrk as a Lua script, to hey as arguments, to our own client as bytes."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @classmethod
    def post(cls, path: str, content: Any, headers: Mapping[str, str]) -> "Request":
        """A POST of JSON."""
        return cls(path, "POST", {**headers, "Content-Type": "application/json"}, json.dumps(content))

    def without(self, header: str) -> "Request":
        """The same without a header."""
        return Request(self.path, self.method, {k: v for k, v in self.headers.items() if k != header}, self.body)

    def unique(self, text: str) -> "Request":
        """The same with its own text where it must have one."""
        headers = {name: value.replace(UNIQUE, text) for name, value in self.headers.items()}
        return Request(self.path, self.method, headers, self.body.replace(UNIQUE, text))

    def raw(self) -> bytes:
        """HTTP/1.1, for a kept connection."""
        head = {"Host": "localhost", **self.headers}
        if self.body:
            head["Content-Length"] = str(len(self.body.encode()))
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
        return ("\r\n".join(lines) + "\r\n\r\n" + self.body).encode()

    def lua(self, run: str) -> str:
        """A script for wrk; `run` makes the unique texts of this run differ from those of others."""
        headers = "".join(
            f"wrk.headers[ {_quoted(name)} ] = {_quoted(value)}\n" for name, value in self.headers.items()
        )
        script = f"wrk.method = {_quoted(self.method)}\nwrk.path = {_quoted(self.path)}\n{headers}"
        if UNIQUE in self.body:
            before, after = map(_quoted, self.body.split(UNIQUE))
            counting = f"count = count + 1\nreturn wrk.format(nil, nil, nil, {before} .. '{run}' .. count .. {after})"
            return f"{script}count = 0\nfunction request()\n{counting}\nend\n"
        return f"{script}wrk.body = {_quoted(self.body)}\n" if self.body else script

    def hey(self) -> list[str]:
        """Arguments for hey, but for the address."""
        headers = [part for name, value in self.headers.items() for part in ("-H", f"{name}: {value}")]
        return ["-m", self.method, *headers, *(["-d", self.body] if self.body else [])]


def _quoted(text: str) -> str:
    return f"[==[{text}]==]"
