"""The methods that tests call on a mock's control plane: all of them, and what they ask."""

import inspect
from collections.abc import Callable
from typing import Any

from mockserver.remote.control_plane import ControlPlane


class Recorder:
    """The calls of a control plane that nobody serves: it answers anything, and remembers what was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []

    def __call__(self, method: str, path: str, kind: Any, *, patience: float = 0.0, **request: Any) -> Any:
        """Remember a call."""
        assert kind is not None
        assert patience <= 60
        self.calls.append((method, path, {**request.get("params", {}), **request.get("json", {})}))
        return {"items": [{}], "total": 1, "ok": True, "count": 1, "requestIds": [], "nearMisses": []}


def public_methods(plane: ControlPlane) -> dict[str, Callable[..., Any]]:
    """The public methods, those of a group by its name and theirs: `clock.freeze`."""
    groups = {"": plane} | {f"{name}.": group for name, group in vars(plane).items() if not name.startswith("_")}
    return {
        f"{prefix}{name}": method
        for prefix, group in groups.items()
        for name, method in inspect.getmembers(group, inspect.ismethod)
        if not name.startswith("_")
    }
