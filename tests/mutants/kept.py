"""What long measurements keep, so that a cut one can go on: results by name, in a file."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.support.repository import CODE, ROOT

_MUTANTS = ROOT / "tests" / "mutants"
_MEASURED = (*CODE, ROOT / "openapi.yaml", *sorted(_MUTANTS.glob("faults/*.py")), _MUTANTS / "judges.py")


def code_digest() -> str:
    """The code that is measured, in a short text: another one after each change of the judge, the mock or a mutant."""
    digest = sha256()
    for path in _MEASURED:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


class Kept:
    """Results by name in a file, which has each as soon as it is there. `of` says in words what all of them have in
    common: results of anything else don't count."""

    def __init__(self, path: Path, of: str) -> None:
        self._path, self._of = path, of
        self._all: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def __getitem__(self, name: str) -> dict[str, Any]:
        """A result; empty if there is none yet."""
        found = self._all.get(name, {})
        return found if found.get("of") == self._of else {}

    def put(self, name: str, result: dict[str, Any]) -> None:
        """Keep a result, in place of an older one. The file is always whole, whenever a run is cut."""
        self._all[name] = {"of": self._of, **result}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(self._all, indent=1), "utf-8")
        new.replace(self._path)
