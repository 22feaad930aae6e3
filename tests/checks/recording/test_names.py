"""Names of fields: those of programs are shown, keys that belong to somebody are told by their form."""

from pathlib import Path

import pytest

from mockserver.checks.recording.names import is_name
from mockserver.checks.recording.words import named
from tests.checks.recording.archive import call, judged
from tests.checks.recording.lies import LIST

JWT, MAIL, PHONE, CARD = "eyJhbGciOiJSUzI1NiJ9", "sam.lee@example.com", "+48 600 123", "c4242424242424242"


@pytest.mark.parametrize(
    "text",
    ["id", "_itemsOnPage", "$ref", "@type", "x-tenant", "filter.name", "in_1_days", "numberOfP2PTransfersIn1Day"],
)
def test_names_of_programs_are_names(text: str) -> None:
    """Of words, in any case."""
    assert is_name(text)


@pytest.mark.parametrize(
    "text",
    [
        *(JWT, MAIL, PHONE, CARD, "", "4", "crm.eu.example.com", "x" * 41, "b5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11"),
        *("sk_live_NAME9f8e7d", "xkQzTrWpLmNbVcXaSd", "deadbeefdeadbeef", "two words", "größe"),
    ],
)
def test_ids_tokens_and_addresses_are_none(text: str) -> None:
    """They are keys of maps."""
    assert not is_name(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (MAIL, "aaa.aaa@aaaaaaa.aaa"),
        (PHONE, "+00 000 000"),
        ("", "…"),
        ("\x1b[1m", "\\x1b[0a"),
        ("1" * 41, "0" * 40 + "…"),
    ],
)
def test_what_is_no_name_has_a_form(text: str, shown: str) -> None:
    """Of its digits and letters, which neither names anybody nor controls a terminal."""
    assert named(text) == shown


def test_a_key_is_hidden_as_a_whole(tmp_path: Path) -> None:
    """Whatever is in it: dots, and what a report would have a placeholder for."""
    found = call("GET", LIST, 200, {"items": [{MAIL: 1, JWT: 2, "tier": 3}]})
    told = [one["name"] for one in judged(tmp_path, [found]).beyond]
    assert told == ["items[].aaa.aaa@aaaaaaa.aaa", f"items[].{named(JWT)}", "items[].tier"]
