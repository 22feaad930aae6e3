"""What is public (docs/upgrading.md): the names and signatures that users write, as a snapshot."""

from tests.support.public_names import MODULES, SINGLE, SNAPSHOT, lines
from tests.support.repository import ROOT

HOW = "A public name has changed. Is it meant? Then: python -m tests.support.public_names, and CHANGELOG.md says so."


def test_public_names_are_those_of_the_snapshot() -> None:
    """No public name, argument or type changes without its line in tests/public_names.txt."""
    assert lines() == SNAPSHOT.read_text("utf-8").splitlines(keepends=True), HOW


def test_public_modules_are_those_of_the_guide() -> None:
    """docs/upgrading.md names the same modules."""
    guide = (ROOT / "docs" / "upgrading.md").read_text("utf-8")

    assert [name for name in (*MODULES, *map(".".join, SINGLE)) if f"`{name}`" not in guide] == []
