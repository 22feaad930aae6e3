"""mockserver.testing.mock: a mock for tests serves what it is told."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.errors import ContractError, SettingsError
from mockserver.settings import Settings
from mockserver.testing import MockServer

SPEC = """
openapi: 3.0.3
info: {title: Zoo, version: '1'}
servers: [{url: /v1}]
paths:
  /animals:
    get: {responses: {'200': {description: ok, content: {application/json: {example: [Tom]}}}}}
"""


@pytest.fixture
def spec(tmp_path: Path) -> str:
    """The path of another contract than ours."""
    path = tmp_path / "zoo.yaml"
    path.write_text(SPEC)
    return str(path)


def test_contract_of_the_settings_is_served(spec: str) -> None:
    """The contract that settings or arguments name is served, and not Open Loyalty's."""
    for mock in (MockServer(Settings(spec=spec, cache_dir="")), MockServer(spec=spec, cache_dir="")):
        with mock:
            assert httpx2.get(f"{mock.url}/v1/animals").json() == ["Tom"]
            assert httpx2.get(f"{mock.url}/api/DEFAULT/webhook/event").status_code == 404


def test_missing_contract_is_an_error(tmp_path: Path) -> None:
    """A contract that doesn't exist fails at once."""
    with pytest.raises(ContractError, match=r"nowhere\.yaml"):
        MockServer(spec=str(tmp_path / "nowhere.yaml"), cache_dir="")


def test_arguments_win_over_settings(signing_key: str) -> None:
    """Arguments replace single settings; texts are read as options are; the port is any free one."""
    mock = MockServer(Settings(stores=("A",), seed=1), stores="B,C", signing_key=signing_key)

    assert (mock.settings.stores, mock.settings.seed, mock.settings.port) == (("B", "C"), 1, 0)


def test_port_that_is_named_is_taken() -> None:
    """A port among the arguments is that port, the default one too."""
    assert MockServer(port=8181).settings.port == 8181


@pytest.mark.parametrize(
    ("name", "advice"),
    [("store", "Did you mean stores or storage or state?"), ("xyzzy", "docs/settings.md lists them.")],
)
def test_unknown_argument_is_named(name: str, advice: str) -> None:
    """An argument that is no setting is a TypeError that names those that are like it."""
    overrides: dict[str, Any] = {name: "A"}

    with pytest.raises(TypeError) as refused:
        MockServer(**overrides)

    assert str(refused.value) == f"MockServer has no setting {name!r}. {advice}"


def test_bad_value_is_refused() -> None:
    """A value that can't be used is refused in the words of the command line."""
    with pytest.raises(SettingsError, match="Invalid value for port: 'x' is not a whole number"):
        MockServer(port="x")
