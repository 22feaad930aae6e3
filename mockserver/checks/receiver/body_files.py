"""Bodies that are too long for a line of curl: each is a file beside the report, which the line names."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mockserver.checks.receiver.hook_request import HookRequest


@dataclass
class BodyFiles:
    """The files of a run, in the folder of its reports. Nothing is written here. `proxied` says that lines go by a
    proxy."""

    folder: str
    proxied: bool = False
    _bodies: dict[str, bytes] = field(default_factory=dict)

    def curl(self, request: HookRequest, check: str) -> str:
        """The request of a check as a line to paste, where the command ran."""
        if not request.is_large:
            return request.as_curl(proxied=self.proxied)
        name = next((name for name, body in self._bodies.items() if body == request.body), "")
        name = name or f"{check}-{len(self._bodies) + 1}.body"
        self._bodies[name] = request.body
        return request.as_curl((Path(self.folder) / name).as_posix(), proxied=self.proxied)

    def named_in(self, lines: Iterable[str]) -> dict[str, bytes]:
        """The bodies that these lines name, by the names of their files."""
        texts = list(lines)
        return {name: body for name, body in self._bodies.items() if any(f"/{name}" in text for text in texts)}
