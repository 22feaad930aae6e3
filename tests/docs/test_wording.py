"""The words of the guides and of the contract: one for one thing, and links that say where they lead."""

import re
from pathlib import Path

import pytest

from tests.support.repository import ROOT
from tools.static_site.sources import CONTRACT, Sources

GUIDES = sorted((ROOT / "docs").glob("*.md"))
FILE_NAME = re.compile(r"\[`?[\w./-]+\.(?:md|json)`?\]\(")

# What somebody looks for, and the guide that has the word.
LOOKED_FOR = {
    "troubleshooting": "webhook-signatures",
    "mismatch": "webhook-signatures",
    "retry": "first-webhook",
    "docker": "clients",
    "postman": "clients",
    "cors": "clients",
}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_links_are_no_file_names(guide: Path) -> None:
    """The text of a link says what it leads to, in words."""
    assert FILE_NAME.findall(guide.read_text("utf-8")) == []


def test_signing_key_is_that_of_tokens() -> None:
    """A signing key signs JWTs (`--signing-key`); what signs deliveries is an HMAC key to the contract."""
    assert "signing key" not in CONTRACT.read_text("utf-8")


def test_request_ids_are_those_of_an_attempt() -> None:
    """The header and the property of a request id both say that a repeated attempt has another one."""
    texts = re.findall(r"Unique (?:for|per) [^.]*\.", CONTRACT.read_text("utf-8"))

    assert [text for text in texts if "delivery" in text] == []
    assert sum("attempt" in text for text in texts) == 2


def test_titles_differ() -> None:
    """No two pages of the site have the same title."""
    site = Sources()
    titles = [site.title(name) for name in site.pages]

    assert sorted(titles) == sorted(set(titles))


def test_what_is_looked_for_has_its_word() -> None:
    """Guides have the words by which somebody looks for them."""
    texts = {path.stem: path.read_text("utf-8").lower() for path in GUIDES}

    assert [word for word, guide in LOOKED_FOR.items() if word not in texts[guide]] == []
    assert "pagination" in CONTRACT.read_text("utf-8").lower()
