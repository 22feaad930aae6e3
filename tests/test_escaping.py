"""mockserver.escaping: what strangers wrote is shown without harm, and secrets of URLs are masked."""

import sys
import unicodedata

import pytest

from mockserver.escaping import MASK, is_secret, masked, masked_header, visible


def test_nothing_but_printable_characters_is_left() -> None:
    """Of all characters, those that aren't printed become escapes; all others stay."""
    every = [chr(code) for code in range(sys.maxunicode + 1)]

    shown = visible("".join(every))

    assert shown.isprintable()
    assert not {unicodedata.category(char) for char in set(shown)} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert all(visible(char) == char for char in every if char.isprintable())


def test_lines_stay_lines() -> None:
    """A text of lines keeps them; whatever else could break one doesn't."""
    assert visible("a\nb\r\nc\x1b", kept="\n") == "a\nb\\r\nc\\x1b"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://localhost:3000/a@b", "http://localhost:3000/a@b"),
        ("http://user:pass@localhost/", "http://********@localhost/"),
        ("http://token@localhost/", "http://********@localhost/"),
        ("http://:pass@localhost/", "http://********@localhost/"),
        ("http://a@b:p@ss@localhost/x@y", "http://********@localhost/x@y"),
        ("HTTPS://user:pass@[::1]:3000", "HTTPS://********@[::1]:3000"),
        ("user:pass@localhost:3000", "user:********@localhost:3000"),
        ("http://user:pa/ss@localhost/", "http://********@localhost/"),
        ("http://user:pa#ss@localhost", "http://********@localhost"),
        ("http://[::1/user:pass@localhost", "http://********@localhost"),
        ("http://user:1/ssw0rd@host/", "http://********@host/"),
        ("http://user:1?ssw0rd@host/", "http://********@host/"),
        ("http://to/ken@host/", "http://********@host/"),
        ("https://unpkg.com/api@1.2/a.yaml", "https://unpkg.com/api@1.2/a.yaml"),
        ("http://localhost/a?token=abc&page=2&raw&b=", "http://localhost/a?token=********&page=********&********&b="),
        ("http://localhost/a?mail=a@b#token=abc", "http://localhost/a?mail=********#********"),
        ("", ""),
    ],
)
def test_passwords_are_masked(url: str, shown: str) -> None:
    """User name, password, and what stands in query and fragment of a URL aren't shown, of a broken one neither."""
    assert masked(url) == shown


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "Cookie",
        "Proxy-Authorization",
        "Set-Cookie",
        "X-AUTH-TOKEN",
        "X-Mock-Control-Token",
        "X-Api-Key",
        "X-Access-Token",
        "X-Switch-User",
        "secret_key",
        "x" * 1_000 + "PASSWD",
    ],
)
def test_secrets_are_known_by_their_names(name: str) -> None:
    """A name is that of a secret by its end, however it is written; as a header it is shown without its value."""
    assert is_secret(name)
    assert masked_header(name, "a") == MASK


@pytest.mark.parametrize(
    "name", ["", "--", "Content-Type", "X-Webhook-Signature", "passengers", "tokens", "key", "referralToken", "\xff"]
)
def test_other_names_are_no_secrets(name: str) -> None:
    """What only has such a word in it is shown."""
    assert not is_secret(name)
    assert masked_header(name, "a=b") == "a=b"


@pytest.mark.parametrize("name", ["Location", "Referer", "X-Original-URL", "X-Rewrite-URL"])
def test_queries_in_headers_are_masked(name: str) -> None:
    """A URL in a header shows no secret of its query or fragment."""
    shown = masked_header(name, "/a=b?token=x&b=1#c=2&access_token=y&pin=z", {"pin"})

    assert shown == f"/a=b?token={MASK}&b=1#c=2&access_token={MASK}&pin={MASK}"
