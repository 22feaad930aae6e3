"""mockserver.laziness: imports that cost nothing until something of the imported module is used."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.laziness import loaded_when_used

NAMES = ("sleepy_module", "lively_module")


@pytest.fixture(autouse=True)
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The modules that have run, of two that can be imported."""
    ran: list[str] = []
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text("import sys\nsys.ran.append(__name__)\nnumber = 7\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "ran", ran, raising=False)
    yield ran
    for name in NAMES:
        sys.modules.pop(name, None)


def test_named_module_is_loaded_when_it_is_used(loaded: list[str]) -> None:
    """A named module isn't run when it is imported, but when something of it is used, even after the end."""
    with loaded_when_used("sleepy_module"):
        module = importlib.import_module("sleepy_module")
    assert loaded == []

    assert module.number == 7
    assert loaded == ["sleepy_module"]


def test_others_are_loaded_as_always(loaded: list[str]) -> None:
    """A module that isn't named is run when it is imported."""
    with loaded_when_used("sleepy_module"):
        importlib.import_module("lively_module")

    assert loaded == ["lively_module"]


def test_afterwards_imports_are_as_before(loaded: list[str]) -> None:
    """At the end, however it comes, everything is loaded when it is imported."""
    with pytest.raises(ZeroDivisionError), loaded_when_used("sleepy_module"):
        raise ZeroDivisionError

    importlib.import_module("sleepy_module")
    assert loaded == ["sleepy_module"]


def test_module_that_is_missing_is_missing() -> None:
    """A named module that isn't installed can't be imported."""
    with loaded_when_used("no_such_module"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("no_such_module")
