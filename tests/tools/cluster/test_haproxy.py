"""tools.cluster.haproxy: its configuration is that of the recipe, and valid."""

import os
import subprocess
from pathlib import Path

import pytest

from tools.cluster.haproxy import RECIPE, Haproxy, configuration, find

HAPROXY = find()
needs_haproxy = pytest.mark.skipif(HAPROXY is None, reason="needs HAProxy, which `make cluster` fetches")


def test_configuration_is_that_of_the_recipe() -> None:
    """But for the addresses, a cluster on this machine has the lines of recipes/cluster/haproxy.cfg."""
    lines = configuration(8080, [1, 2]).splitlines()
    recipe = RECIPE.read_text("utf-8").splitlines()

    assert [line for line in lines if line not in recipe] == [
        "    bind 127.0.0.1:8080",
        "    server replica-1 127.0.0.1:1",
        "    server replica-2 127.0.0.1:2",
    ] + [f"    server replica-{number} 127.0.0.1:{number}" for number in (1, 2)]
    left_out = [line.split()[0] for line in recipe if line.strip() and line not in lines and "#" not in line]
    assert left_out == ["resolvers", "parse-resolv-conf", "hold", "bind", "server-template", "server-template"]


def test_what_changes_something_is_asked_for_once() -> None:
    """HAProxy repeats a request whose replica has ended only if it is a GET: others might be done twice."""
    assert "http-request disable-l7-retry unless METH_GET" in configuration(1, [2])


@needs_haproxy
@pytest.mark.parametrize("text", [RECIPE.read_text("utf-8"), configuration(8080, [1])], ids=["recipe", "machine"])
def test_configuration_is_valid(text: str, tmp_path: Path) -> None:
    """HAProxy finds nothing wrong with either."""
    assert isinstance(HAPROXY, Haproxy)
    path = tmp_path / "haproxy.cfg"
    path.write_text(text, "utf-8")
    checked = subprocess.run(  # noqa: S603 (HAProxy)
        [HAPROXY.program, "-c", "-f", path], env={**os.environ, **HAPROXY.variables}, capture_output=True, check=False
    )

    assert (checked.returncode, checked.stderr) == (0, b"")
