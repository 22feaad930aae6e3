"""The types of `mockserver.testing`: a sample that uses everything is checked by `make check`, and true."""

import ast
import inspect
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.remote.control_plane import ControlPlane
from mockserver.testing import MockServer
from tests.remote.test_control_plane import Recorder
from tests.testing import typed_usage


@pytest.mark.parametrize("use", typed_usage.USES, ids=lambda use: use.__name__)
def test_sample_is_true(mock: MockServer, use: Callable[[MockServer], None]) -> None:
    """The sample runs on a mock."""
    use(mock)


def test_sample_uses_everything() -> None:
    """Each public method of a mock that steers it stands in the sample."""
    sample = ast.walk(ast.parse(Path(typed_usage.__file__).read_text("utf-8")))
    used = {ast.unparse(node).partition("mock.")[2] for node in sample if isinstance(node, ast.Attribute)}
    groups = {"": ControlPlane(Recorder())} | {
        f"{name}.": group for name, group in vars(ControlPlane(Recorder())).items() if name[0] != "_"
    }
    public = {
        f"{prefix}{name}"
        for prefix, group in groups.items()
        for name, _ in inspect.getmembers(group, inspect.ismethod)
        if name[0] != "_"
    }

    assert public - used == set()
