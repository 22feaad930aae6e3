"""Secrets: hidden in every encoding that a report can hold, and nothing else is."""

import html
import json
import re
import shlex
import tracemalloc
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from itertools import product
from time import monotonic  # noqa: TID251 (a bound in real time)
from urllib.parse import quote, quote_plus, urlencode
from xml.etree import ElementTree as ET

import pytest

from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.reporting.har import as_har
from mockserver.checks.reporting.html import as_page
from mockserver.checks.reporting.junit import as_junit
from mockserver.checks.transport.recording import RecordedExchange
from mockserver.checks.transport.secrets import LONG, LONGEST, MOST_COOKIES, Secrets
from mockserver.checks.transport.session import Credentials
from mockserver.clock import Ids

SIGNS = "aZ09/\"'\\<>&+ %=ö€😀;.:-_@!?#{}[]()|~^`$,*"
Encode = Callable[[str], str]


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _php(text: str) -> str:
    return _json(text).replace("/", "\\/")


def _utf16(text: str, form: str) -> str:
    encoded = text.encode("utf-16-be")
    return "".join(form % int.from_bytes(encoded[at : at + 2]) for at in range(0, len(encoded), 2))


def _within(before: bytes, encode: Callable[[bytes], bytes] = b64encode) -> Encode:
    return lambda text: encode(before + text.encode() + b"&more").decode()


ENCODINGS: dict[str, Encode] = {
    "as it is": str,
    "JSON": _json,
    "JSON, not only ASCII": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON of PHP": _php,
    "JSON for a page": lambda text: _json(text).replace("<", "\\u003c").replace(">", "\\u003E").replace("&", "\\u0026"),
    "JSON in JSON": lambda text: _json(_json(text)),
    "JSON of PHP in JSON": lambda text: _json(_php(text)),
    "JSON in JSON of PHP": lambda text: _php(_php(text)),
    "JSON in JSON in JSON": lambda text: _json(_json(_json(text))),
    "only escapes": lambda text: _utf16(text, "\\u%04x"),
    "only escapes, upper case": lambda text: _utf16(text, "\\u%04X"),
    "only escapes in JSON": lambda text: _json(_utf16(text, "\\u%04X")),
    "URL": lambda text: quote(text, safe=""),
    "path": quote,
    "URL, lower case": lambda text: re.sub("%..", lambda found: found[0].lower(), quote(text, safe="")),
    "URL, every byte": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "URL in URL": lambda text: quote(quote(text, safe=""), safe=""),
    "form": quote_plus,
    "form in JSON": lambda text: _json(urlencode({"": text})[1:]),
    "JSON in a URL": lambda text: quote(_json(text), safe=""),
    "JSON in a form": lambda text: quote_plus(_php(text)),
    "HTML": html.escape,
    "HTML, decimal": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(sign):X};" for sign in text),
    "HTML in JSON": lambda text: _php(html.escape(text)),
    "JSON in HTML": lambda text: html.escape(_json(text)),
    "repr": lambda text: repr(text)[1:-1],
    "base64": _within(b""),
    "base64, one byte on": _within(b"a"),
    "base64, two bytes on": _within(b"ab"),
    "base64 for URLs": _within(b"abcd", urlsafe_b64encode),
    "base64 in a URL": lambda text: quote(_within(b"ab")(text), safe=""),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal, upper case": lambda text: text.encode().hex().upper(),
    "base64 of JSON": lambda text: _within(b"..")(_json(text)),
    "base64 of JSON of PHP": lambda text: _within(b".")(_php(text)),
}


def _secrets() -> list[str]:
    """Passwords with everything in them, the same in each run."""
    ids = Ids(7)
    drawn = [bytes.fromhex(ids.secret(2 * length)) for length in range(8, 40, 4)]
    return ["p4ss/wörd", 'p"a\\ss%41&amp;', *("".join(SIGNS[byte % len(SIGNS)] for byte in one) + "x" for one in drawn)]


@pytest.mark.parametrize("name", ENCODINGS)
def test_secrets_are_hidden_in_every_encoding(name: str) -> None:
    """Whatever an encoding makes of a secret, nothing of it is left, and what stands around it stays."""
    for secret in _secrets():
        encoded = ENCODINGS[name](secret)

        shown = Secrets(Credentials(password=secret)).redact(f"before <{encoded}> after")

        assert encoded not in shown
        assert re.fullmatch(r"before <.{0,16}\$OL_PASSWORD.{0,16}> after", shown), (secret, shown)


@pytest.mark.parametrize("secret", _secrets())
def test_no_report_holds_a_secret(secret: str) -> None:
    """In each kind of report, for each encoding in an answer: no trace of it, and the report is still one."""
    secrets = Secrets(Credentials(password=secret))
    texts = [encode(secret) for encode in ENCODINGS.values()]
    findings = {str(at): Finding("check", "o", "GET", "/", text, got=text, cause=text) for at, text in enumerate(texts)}
    report = Report("http://a", "0a1b2c3d", not_judged=texts, notes=texts, _findings=findings).cleaned(secrets.redact)
    headers = [("X", text) for text in texts]
    sent = [RecordedExchange(0, "", "", "GET", "http://a/", 0.0, headers, text, 1, answer=text) for text in texts]
    archive = "".join(as_har(Outcome(report, sent, secrets.redact)))

    for written in (json.dumps(report.as_json()), as_page(report), as_junit(report), archive):
        traces = [encode(secret) for name, encode in ENCODINGS.items() if "base64" not in name]
        assert [trace for trace in traces if trace in written or _json(trace) in written] == []
    assert ET.fromstring(as_junit(report)).tag == "testsuite"  # noqa: S314 (our own)


def test_basic_credentials_are_hidden() -> None:
    """Name and password together, as a header has them, however short they are."""
    basic = b64encode(b"admin:pass").decode()

    assert Secrets(Credentials("admin", "pass")).redact(f"Authorization: Basic {basic}").count(basic[3:]) == 0


@pytest.mark.parametrize("secret", ["token", "id", "password", "refresh_token", "items", "1", "200"])
def test_keys_and_words_stay(secret: str) -> None:
    """A secret that is a word leaves names, numbers and sentences alone; as a value it is hidden."""
    inner = json.dumps({secret: secret, "n": 200, "a": [{secret: 1}]})
    content = {secret: secret, "text": inner, "line": f"check {secret} and the {secret}s: {secret}?", "n": 200}

    shown = Secrets(Credentials(password=secret)).clean(content)

    assert shown[secret] == "$OL_PASSWORD"
    assert json.loads(shown["text"]) == {secret: "$OL_PASSWORD", "n": 200, "a": [{secret: 1}]}
    assert (shown["line"], shown["n"]) == (content["line"], 200)


@pytest.mark.parametrize("secret", [one for one in _secrets() if one.isprintable() and len(one) < LONG])
def test_keys_stay(secret: str) -> None:
    """Neither those of a report, nor those in a text that is JSON, in JSON, or in a URL."""
    inner = json.dumps({secret: [secret]})
    shown = Secrets(Credentials(password=secret)).clean({secret: inner, "twice": json.dumps({"a": inner})})

    assert json.loads(shown[secret]) == {secret: ["$OL_PASSWORD"]}
    assert json.loads(json.loads(shown["twice"])["a"]) == {secret: ["$OL_PASSWORD"]}


@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase])
@pytest.mark.parametrize("secret", ["hunTer22b", "straße-7: größe", "eyJhbGciOi.eyJ9-1", "İstanbul-9"])
def test_letter_case_hides_no_secret(secret: str, change: Callable[[str], str]) -> None:
    """A server that shows a secret in capitals shows it."""
    shown = Secrets(Credentials(username="me", password=secret)).redact(f"before {change(secret)} after")

    assert shown in ("before $OL_PASSWORD after", "before $OL_TOKEN after")


def test_a_name_that_begins_like_a_secret_stays() -> None:
    """In other letter case it is no secret that was cut."""
    secrets = Secrets(Credentials(username="me", password="member-password-1"))

    assert secrets.redact("at tokenRefreshMember") == "at tokenRefreshMember"
    assert secrets.redact("it was memBER-PASSWORD-") == "it was $OL_PASSWORD"
    assert secrets.redact("it was member-pas") == "it was $OL_PASSWORD"


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_base64_of_base64_is_hidden(encode: Callable[[bytes], bytes]) -> None:
    """Wherever a secret begins in either of them: what is left depends on less than three of its bytes at each end."""
    for secret, inner, outer in product(_secrets(), ("", "a", "ab"), ("", "a", "ab")):
        encoded = encode(outer.encode() + encode(inner.encode() + secret.encode())).decode().rstrip("=")

        shown = Secrets(Credentials(password=secret)).redact(f"<{encoded}>")

        assert re.fullmatch(r"<.{0,11}\$OL_PASSWORD.{0,11}>", shown), (secret, shown)


def test_a_long_secret_is_hidden_as_a_key() -> None:
    """No contract has such a property name; a word, or what is short, stays one."""
    secrets = Secrets(Credentials("admin", "correct-horse-battery", "key-7!", "member", "aVeryLongPropertyName"))
    content = {"correct-horse-battery": {"x.correct-horse-battery": 1}, "key-7!": 2, "aVeryLongPropertyName": 3}
    shown = {"$OL_PASSWORD": {"x.$OL_PASSWORD": 1}, "key-7!": 2, "aVeryLongPropertyName": 3}

    assert secrets.clean(content) == shown
    assert json.loads(secrets.redact(json.dumps(content))) == shown
    assert "correct-horse" not in secrets.redact(json.dumps(json.dumps(content)))


def test_json_stays_json() -> None:
    """What is hidden are whole signs, at every depth of escaping."""
    for secret, depth in product(_secrets(), range(4)):
        text = json.dumps({"a": f"x {secret} y", "b": 1})
        for _ in range(depth):
            text = json.dumps([text])
        shown = Secrets(Credentials(password=secret)).redact(text)
        for _ in range(depth):
            (shown,) = json.loads(shown)
        assert json.loads(shown) == {"a": "x $OL_PASSWORD y", "b": 1}


@pytest.mark.parametrize("end", ["", "…", "..."])
def test_what_a_cut_leaves_of_a_secret_is_hidden(end: str) -> None:
    """Somebody else may have shortened a text before it came here."""
    secrets = Secrets(Credentials(password="s3cr3t/of/some/length"))

    assert secrets.redact(f'{{"a": "s3cr3t/of/so{end}') == f'{{"a": "$OL_PASSWORD{end}'


def test_what_a_target_hands_out_is_hidden_from_then_on() -> None:
    """Secrets may be added at any time."""
    secrets = Secrets(Credentials())
    assert secrets.redact("refresh 0558f8bb29948c") == "refresh 0558f8bb29948c"

    secrets.add("0558f8bb29948c", "$OL_REFRESH_TOKEN")

    assert secrets.redact("refresh 0558f8bb29948c") == "refresh $OL_REFRESH_TOKEN"


def test_what_is_kept_of_secrets_is_bounded() -> None:
    """A target can call megabytes a secret, and thousands of texts: of a long one the beginning is hidden, and too many
    are noticed."""
    secrets, text = Secrets(Credentials()), "start" + "ab1-" * 2**14
    secrets.add(text, "$OL_SECRET")
    tracemalloc.start()
    for number in range(200):
        secrets.add(f"{number}-{text}", "$OL_SECRET")
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert secrets.redact(text) == f"$OL_SECRET{text[LONGEST:]}"
    assert secrets.are_full
    assert kept < 2**25


@pytest.mark.parametrize("text", ["\\" * 60_000, "%25" * 20_000, "&amp;" * 12_000, "s3cr3" * 12_000, "s3cr3…" * 10_000])
def test_the_time_that_it_takes_grows_with_the_text_only(text: str) -> None:
    """A thousand secrets and a text made to be hard take no longer than a moment."""
    ids, secrets = Ids(1), Secrets(Credentials(password="s3cr3t/of/some/length"))
    for _ in range(1000):
        secrets.add(ids.secret(64), "$OL_TOKEN")

    start = monotonic()
    secrets.redact(text)

    assert monotonic() - start < 5


def test_a_line_to_paste_is_hidden_before_it_is_quoted() -> None:
    """A quote in a secret is written in pieces by a shell."""
    secret = "it's a s3cret"

    shown = Secrets(Credentials(password=secret)).redact(f"curl -d {shlex.quote(f'a={secret}')}")

    assert shown == "curl -d 'a=$OL_PASSWORD'"


def test_a_cookie_is_hidden_like_a_token_while_there_are_few() -> None:
    """A session's id stands in addresses, too. Short ones and words are none; and a host that hands out one with each
    answer leaves room for other secrets."""
    secrets = Secrets(Credentials())
    for value in ("c7d1f0a2b94e4c55aa12bb34cc56dd78", "en", "preferredlanguage"):
        secrets.add_cookie(value)
    for number in range(2 * MOST_COOKIES):
        secrets.add_cookie(f"{number:032}-session")

    assert secrets.redact("/login;sid=c7d1f0a2b94e4c55aa12bb34cc56dd78") == "/login;sid=$OL_SECRET"
    assert secrets.redact("en preferredlanguage") == "en preferredlanguage"
    assert secrets.redact(f"{2 * MOST_COOKIES - 1:032}-session") == f"{2 * MOST_COOKIES - 1:032}-session"
    assert not secrets.are_full
