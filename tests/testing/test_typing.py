"""The types of `mockserver.testing`: a sample that uses everything is checked by `make check`, and true."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.remote.control_plane import ControlPlane
from mockserver.testing import MockServer
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
