"""The types of `mockserver.testing`: a sample that uses everything is checked by `make check`, and true."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

import mockserver.testing
from mockserver.remote.control_plane import ControlPlane
from mockserver.testing import MockServer, Receiver
from tests.support.control_methods import Recorder, public_methods
from tests.testing import typed_usage


@pytest.mark.parametrize("use", typed_usage.USES, ids=lambda use: use.__name__)
def test_sample_is_true(mock: MockServer, use: Callable[[MockServer], None]) -> None:
    """The sample runs on a mock."""
    use(mock)


def test_sample_uses_everything() -> None:
    """Each public method of a mock that steers it stands in the sample."""
    sample = ast.walk(ast.parse(Path(typed_usage.__file__).read_text("utf-8")))
    used = {ast.unparse(node).partition("mock.")[2] for node in sample if isinstance(node, ast.Attribute)}
    assert public_methods(ControlPlane(Recorder())).keys() - used == set()


def _named(hint: Any) -> Iterator[str]:
    """The names of our types in an annotation, those in a TypedDict of arguments included."""
    for inner in get_args(hint):
        yield from _named(inner)
    if getattr(hint, "__module__", "").startswith("mockserver.") and isinstance(hint, type):
        yield hint.__name__
        for inner in get_type_hints(hint).values() if hint.__module__.endswith(".arguments") else ():
            yield from _named(inner)


def test_what_methods_take_and_return_can_be_named() -> None:
    """The types in the methods of a mock can be imported from where the mock is: users' helpers are typed, too."""
    methods = [*public_methods(ControlPlane(Recorder())).values(), MockServer.subscribe, MockServer.token]
    hints = [get_type_hints(method, {"Receiver": Receiver}) for method in methods]
    named = {name for taken in hints for hint in taken.values() for name in _named(hint)}

    assert named - set(mockserver.testing.__all__) == set()
