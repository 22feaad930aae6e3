"""docs/security.md and SECURITY.md: they name what matters for security, and say what is so."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from mockserver.cli.exposure import warning
from mockserver.http import messages
from mockserver.settings import Settings
from mockserver.webhooks.deliveries import history, sender
from mockserver.world import journal

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs" / "security.md").read_text("utf-8")
POLICY = (ROOT / "SECURITY.md").read_text("utf-8")

# Settings that decide about nobody's safety. A new one belongs here, or into the guide.
UNRELATED = {
    "port",
    "watch",
    "memory",
    "stores",
    "admin_username",
    "member_username",
    "token_ttl",
    "refresh_ttl",
    "deliver",
    "retry_delay",
    "webhook_signing",
    "strict",
    "log_level",
}
RELATED = [setting.name for setting in fields(Settings) if setting.name not in UNRELATED]


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


@pytest.mark.parametrize("name", RELATED)
def test_guide_names_every_setting_that_matters(name: str) -> None:
    """docs/security.md names each setting that decides about safety; the control plane's by what switches it off."""
    assert (_option(name) if name != "control" else "--no-control") in GUIDE


def test_guide_tells_the_defaults_as_they_are() -> None:
    """Where docs/security.md shows an option with its default, that is the default."""
    table = GUIDE.partition("## Defaults")[2].partition("\n## ")[0]
    told = re.findall(r"`(--[a-z-]+) ([^`]+)`", table)

    defaults = {_option(setting.name): str(setting.default) for setting in fields(Settings)}
    assert len(told) == 5
    assert dict(told) == {option: defaults[option] for option, _ in told}


def test_guide_tells_the_limits_as_they_are() -> None:
    """The limits of bodies, of deliveries and of what is remembered are those of the code."""
    table = GUIDE.partition("## Limits")[2].partition("\n## ")[0]

    assert f"{messages.MAX_BODY // 2**20} MiB, then 413" in table
    assert f"{Settings.default('delivery_timeout'):.0f} s; {sender.LONGEST_READ // 1024} KiB of the answer" in table
    assert (f"the last {journal.SIZE}," in table, history.SIZE) == (True, 1000)
    assert f"more than {history.MOST_BYTES // 2**20} MiB |" in table


def test_exposed_mock_of_the_guide_leaves_nothing_open() -> None:
    """Who sets what the guide sets for a team gets no warning."""
    (names,) = re.findall(r"^for name in ([A-Z_ ]+); do$", GUIDE, re.MULTILINE)

    own = {name.lower(): "own" for name in names.split()}

    assert warning(Settings(**own), "0.0.0.0") == ""  # type: ignore[arg-type] # texts all


def test_policy_invents_no_address() -> None:
    """SECURITY.md leads to the guide, and to no address of which nobody knows whether somebody reads it."""
    assert "(docs/security.md)" in POLICY
    assert not re.search(r"@|://", POLICY)


def test_readme_leads_to_the_guide() -> None:
    """The README links to docs/security.md."""
    assert "(docs/security.md)" in (ROOT / "README.md").read_text("utf-8")
