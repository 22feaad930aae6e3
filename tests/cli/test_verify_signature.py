"""mockserver verify-signature: captured requests in every form, what is told about them, and the exit codes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mockserver import standard_webhooks
from mockserver.cli import cli
from mockserver.clock import Clock
from mockserver.errors import MockserverError
from mockserver.signing import Signed, canonical, signature_headers
from tests.support.commands import pretender

KEY = "0123456789abcdef" * 4
SECRET = f"whsec_{KEY}"
URL = "https://example.com/webhooks"
SENT_AT = 1709467498
REQUEST_ID = "8aaaabcd-0f85-4a6b-9d7e-0c1d2e3f4a5b"
SIGNATURE = "fa4c20e88d226ad8d8f2c59968feba4125409dfbdabc28bb2879d7edff04dc42"
WITH_DECODED_KEY = "4f1991488e013c6926709f60ee7289fe6376bfd0742d143add1ba8403850f026"
BODY = b'{"eventName":"CustomerRegistered"}'
SIGNED: Signed = {"method": "POST", "url": URL, "body": BODY, "timestamp": SENT_AT, "request_id": REQUEST_ID}
HEADERS = {**dict(signature_headers(SECRET, 1, **SIGNED)), "Content-Type": "application/json", "Host": "example.com"}
PASTED = ["--signature", SIGNATURE, "--timestamp", str(SENT_AT), "--request-id", REQUEST_ID]
LINES = canonical(**SIGNED).decode().split("\n")


def _run(*arguments: str, stdin: bytes = BODY, secret: str | None = SECRET, now: float = SENT_AT + 2) -> Result:
    """The command with a body on standard input, the secret in the environment, and the clock stopped."""
    environment = {"MOCKSERVER_WEBHOOK_SECRET": secret, "MOCKSERVER_URL": None, "MOCKSERVER_CONTROL_TOKEN": None}
    clock = Clock(frozen_at=now)
    return CliRunner(env=environment).invoke(cli, ["verify-signature", *arguments], input=stdin, obj=clock)


def _pasted(*arguments: str, **changed: Any) -> Result:
    """The command for headers that were pasted and a body on standard input."""
    return _run("--url", URL, "--body", "-", *PASTED, *arguments, **changed)


def _raw(body: bytes = BODY, headers: dict[str, str] = HEADERS, line_end: str = "\r\n") -> bytes:
    """A request as it goes over the wire."""
    lines = ["POST /webhooks HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return line_end.join(lines).encode() + body


# ---------------------------------------------------------------- reading what was captured
def test_pasted_headers_are_accepted() -> None:
    """Three pasted headers and the body are enough."""
    result = _pasted()

    assert result.exit_code == 0, result.output
    assert result.output.startswith("OK: authentic and fresh.\n")


@pytest.mark.parametrize("raw", [_raw(), _raw(line_end="\n"), _raw().partition(b"\r\n")[2]])
def test_raw_request_is_accepted(raw: bytes) -> None:
    """A request in raw HTTP is read with either line end, and without its request line."""
    assert _run("--url", URL, "--request", "-", stdin=raw).exit_code == 0


@pytest.mark.parametrize(
    "headers",
    [
        "\n".join(f"{name}: {value}" for name, value in HEADERS.items()),
        "\r\n".join(f"< {name.lower()}:{value}" for name, value in HEADERS.items()),
        json.dumps(HEADERS),
        json.dumps({name: [value] for name, value in HEADERS.items()}),
        json.dumps(list(HEADERS.items())),
        json.dumps([{"name": name, "value": value} for name, value in HEADERS.items()]),
    ],
    ids=["lines", "curl", "object", "lists", "pairs", "entries"],
)
def test_headers_are_read_in_many_forms(tmp_path: Path, headers: str) -> None:
    """Header lines, those of `curl -v`, and what frameworks and HAR files write as JSON."""
    (tmp_path / "headers").write_text(headers, "utf-8")

    result = _run("--url", URL, "--headers", str(tmp_path / "headers"), "--body", "-")

    assert result.exit_code == 0, result.output


def test_options_count_more_than_files() -> None:
    """An option replaces what the captured request has."""
    raw = _raw(headers=HEADERS | {"X-Webhook-Request-Id": "of-a-gateway"})

    assert _run("--url", URL, "--request", "-", stdin=raw).exit_code == 1
    assert _run("--url", URL, "--request", "-", "--request-id", REQUEST_ID, stdin=raw).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        ([], b"", "Give the captured request by --request FILE"),
        (["--request", "-"], b"POST / HTTP/1.1", "The request needs header lines, an empty line and the body"),
        (["--request", "-"], b"", "The request needs header lines"),
        (["--request", "-"], b"Transfer-Encoding: chunked\r\n\r\n0", "The request comes in chunks."),
        (["--headers", "-", "--body", __file__], b"[1]", "Headers as JSON are an object"),
        (["--headers", "-", "--body", __file__], b"[{}]", "Headers as JSON are an object"),
        (["--headers", "-", "--body", __file__], b"{", "The headers are no valid JSON"),
        (["--body", "-"], b"{}", "Give the subscribed URL by --url"),
        (
            ["--body", "-", "--url", URL],
            b"{}",
            "The request has no X-Webhook-Signature. Was it subscribed with hmacEnabled: true?",
        ),
        (["--body", "-", "--url", URL, *PASTED[:2]], b"{}", "The request has no X-Webhook-Timestamp."),
        (["--body", "-", "--url", URL, *PASTED[:4]], b"{}", "The request has no X-Webhook-Request-Id."),
        (["--body", "-", "--url", "/webhooks", *PASTED], b"{}", "The URL can't be used: '/webhooks'"),
        (["--body", "-", "--url", "http://a/\udcff", *PASTED], b"{}", "The URL can't be used: 'utf-8' codec"),
        (["--body", "-", "--headers", "-"], b"", "Only one of --request, --headers and --body can be standard input."),
    ],
)
def test_unusable_input_is_one_clear_line(arguments: list[str], stdin: bytes, says: str) -> None:
    """What can't be judged ends with an error that says what to do; nothing is printed as a verdict."""
    result = _run(*arguments, stdin=stdin)

    assert type(result.exception).__name__ == "SettingsError"
    assert str(result.exception).startswith(says)
    assert result.stdout == ""


@pytest.mark.parametrize("moment", ["nan", "1e400", "-1", "yesterday"])
def test_moment_must_be_one(moment: str) -> None:
    """`--at` takes whole Unix seconds only."""
    assert "Invalid value for '--at'" in _pasted("--at", moment).output


def test_secret_is_needed() -> None:
    """Without a secret the error names the variable and the option."""
    result = _pasted(secret=None)

    assert "Give the secret by MOCKSERVER_WEBHOOK_SECRET or --secret" in str(result.exception)


# ---------------------------------------------------------------- the verdict
def test_mistake_is_named() -> None:
    """A body that was written anew is recognised, and the report says what to do."""
    result = _pasted(stdin=b'{"eventName": "CustomerRegistered"}')

    assert result.exit_code == 1
    assert result.output.startswith("Not OK: signature failed.\n")
    assert "Diagnosis: body-compact\n" in result.output
    assert "What to do: Hash the bytes as they arrive" in result.output


def test_computed_value_is_explained() -> None:
    """What the receiver's code computed is explained, though the request is good."""
    result = _pasted("--computed", WITH_DECODED_KEY)

    assert result.exit_code == 1
    assert "Not OK: your code computes another signature." in result.output
    assert "Your code: key-hex-decoded\n" in result.output


def test_right_code_is_told_so() -> None:
    """A computed value that is right needs no captured signature."""
    result = _run("--url", URL, "--body", "-", *PASTED[2:], "--computed", SIGNATURE)

    assert result.exit_code == 0
    assert "Your code computed the right signature" in result.output


def test_sender_that_differs_is_told() -> None:
    """A captured signature that comes out only with another computation puts the assumption in doubt."""
    result = _pasted("--signature", WITH_DECODED_KEY)

    assert "Diagnosis: key-hex-decoded\n" in result.output
    assert "If it was Open Loyalty, assumption A43" in result.output


def test_hopeless_case_is_admitted() -> None:
    """Where no mistake explains the signature the report says so, and what to look at."""
    result = _pasted("--signature", "0" * 64, "--computed", "1" * 64)

    assert result.exit_code == 1
    assert "Diagnosis: no mistake that this command knows" in result.output
    assert "What your code computed comes out with no mistake" in result.output


@pytest.mark.parametrize(("age", "exit_code"), [(-3600, 0), (300, 0), (301, 1)])
def test_age_is_judged(age: int, exit_code: int) -> None:
    """A signature that matches is not enough after 5 minutes; `--at` judges the age at another moment."""
    assert _pasted(now=SENT_AT + age).exit_code == exit_code
    assert _pasted("--at", str(SENT_AT + age), now=0).exit_code == exit_code


def test_stale_request_is_told_apart() -> None:
    """An old request whose signature matches is told from a wrong signature."""
    result = _pasted(now=SENT_AT + 7200)

    assert result.output.startswith("Not OK: timestamp failed. The signature itself matches.\n")
    assert "2 h old" in result.output


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"X-Webhook-Signature-Algorithm": "hmac-sha1"}, "✗ algorithm    hmac-sha1; it has to be hmac-sha256"),
        ({"X-Webhook-Timestamp": f"{SENT_AT}000"}, f"✗ timestamp    {SENT_AT}000; it has to be in Unix seconds"),
        ({"X-Webhook-Signature-Version": "2"}, "! key version  signed with key 2, your secret is key 1"),
        ({"Content-Length": "33"}, "! body         Content-Length is 33, but the captured body has 34 bytes"),
        ({"Content-Length": "34"}, "✓ body         34 bytes, as Content-Length says"),
        ({"X-Webhook-Request-Id": "\x1b[31m"}, "✓ request id   \\x1b[31m"),
    ],
)
def test_headers_are_looked_at(headers: dict[str, str], says: str) -> None:
    """Each header that can be wrong is judged in a line of its own; none can steer the terminal."""
    result = _run("--url", URL, "--request", "-", "--secret-version", "1", stdin=_raw(headers=HEADERS | headers))

    assert f"  {says}" in result.output


def test_canonical_string_is_shown() -> None:
    """The report shows every line of the canonical string with what it is made of."""
    shown = [line.split() for line in _pasted().output.splitlines()]

    assert [words[1] for words in shown if words and words[0].isdigit()] == LINES


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--computed", "1" * 64]])
@pytest.mark.parametrize("body", [BODY, BODY + b"x"])
def test_secrets_are_not_shown(arguments: list[str], body: bytes) -> None:
    """No report has a secret in it, current or old."""
    result = _pasted("--old-secret", "whsec_" + "f" * 64, *arguments, stdin=body)

    assert KEY not in result.output
    assert "f" * 64 not in result.output


def test_json_has_the_verdict() -> None:
    """`--json` prints the same as one object."""
    result = _pasted("--json", "--signature", WITH_DECODED_KEY, "--computed", WITH_DECODED_KEY)
    verdict = json.loads(result.output)

    assert (result.exit_code, verdict["accepted"], verdict["matches"]) == (1, False, False)
    assert [check["name"] for check in verdict["checks"]] == ["signature", "timestamp", "request id"]
    assert verdict["canonical"][1] == {"line": "11:example.com", "from": "length in bytes, and host of the URL"}
    assert verdict["diagnosis"]["mistakes"] == verdict["codeDiagnosis"]["mistakes"] == ["key-hex-decoded"]
    assert (verdict["diagnosis"]["bySender"], verdict["diagnosis"]["alternatives"]) == (True, [])


def test_exit_code_reaches_the_shell() -> None:
    """The process itself ends with 1 where the signature doesn't match."""
    command = [sys.executable, "-m", "mockserver", "verify-signature", "--url", URL, "--body", "-", *PASTED]

    done = subprocess.run([*command, "--secret", SECRET], input=b"{}", capture_output=True, check=False)  # noqa: S603

    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith(b"Not OK: signature and timestamp failed.")


def test_help_shows_examples() -> None:
    """Help shows lines that can be copied, and how to keep the secret out of the history."""
    text = _run("--help").output

    assert "\n  Examples:\n    mockserver verify-signature --url" in text
    assert "read -rs MOCKSERVER_WEBHOOK_SECRET" in text


# ---------------------------------------------------------------- beside a delivery
TEXTS = ("messageId", "eventName", "storeCode", "subscriptionId", "url", "createdAt", "status")
SENT: dict[str, Any] = {"deliveryId": "d-1", **dict.fromkeys(TEXTS, "")}


def _delivery(**changed: Any) -> dict[str, Any]:
    """A delivery as a mock shows it, its one attempt changed."""
    request = {"method": "POST", "url": URL, "headers": HEADERS, "body": BODY.decode()} | changed
    request["headers"] = [{"name": name, "value": value} for name, value in request["headers"].items()]
    attempt = {"number": 1, "requestId": "r-1", "at": "", "seconds": 0.1, "response": None, "error": None}
    return SENT | {"attempts": [attempt | {"request": request, "canonical": LINES}]}


def _held(delivery: Any) -> dict[str, tuple[int, Any]]:
    """What a mock answers that has this delivery."""
    return {"/_mock/deliveries/d-1": (200, delivery)}


def _compared(*arguments: str, raw: bytes, delivery: dict[str, Any] | None = None) -> Result:
    """The command beside a mock that has one delivery; there is no secret."""
    with pretender(_held(delivery or _delivery())) as server:
        where = ["--delivery", "d-1", "--server", server]
        return _run("--request", "-", *where, *arguments, stdin=raw, secret=None)


def test_untouched_delivery_is_accepted() -> None:
    """A request that arrived as it was sent needs neither URL nor secret."""
    result = _compared(raw=_raw())

    assert result.exit_code == 0, result.output
    assert result.output == "OK: the request arrived as it was sent.\n"


def test_changed_body_is_shown() -> None:
    """A body that was changed on its way is shown from the first byte that differs, with the reason."""
    result = _compared(raw=_raw(b'{"eventName": "CustomerRegistered"}'))

    assert result.exit_code == 1
    assert "✗ body from byte 13 (of 34 sent, 35 captured)" in result.output
    assert "the sent one is the body written anew as JSON without spaces (body-compact)" in result.output
    assert "✗ line 4\n" in result.output


def test_wrong_url_is_shown() -> None:
    """A URL that isn't the subscribed one is shown with the lines that it changes."""
    result = _compared("--url", "https://example.com:8443/webhooks/", "--json", raw=_raw())

    parts = [difference["part"] for difference in json.loads(result.output)["differences"]]
    assert result.exit_code == 1
    assert parts == ["URL", "line 3"]


def test_unsigned_headers_only_are_no_finding() -> None:
    """A proxy that rewrites an unsigned header is mentioned, and no reason to fail."""
    result = _compared(raw=_raw(headers=HEADERS | {"Host": "proxy.internal"}))

    assert result.exit_code == 0
    assert "! Host (not signed)\n    sent      example.com\n    captured  proxy.internal" in result.output


def test_attempt_is_found_by_request_id() -> None:
    """Of several attempts the one with the captured request id is compared."""
    delivery = _delivery()
    again = _delivery(headers=HEADERS | {"X-Webhook-Request-Id": "another"})
    delivery["attempts"].append(again["attempts"][0])

    assert _compared(raw=_raw(), delivery=delivery).exit_code == 0


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (SENT | {"attempts": []}, "The mock has not tried to send this delivery yet."),
        ({"items": []}, "is no mock."),
        (SENT | {"attempts": [{"request": {"method": "POST", "url": URL, "headers": {}, "body": {}}}]}, "is no mock."),
    ],
)
def test_missing_delivery_is_told(answer: Any, says: str) -> None:
    """A delivery that was not sent yet, or is none, is an error with its reason."""
    with pretender(_held(answer)) as server:
        result = _run("--request", "-", "--delivery", "d-1", "--server", server, stdin=_raw())

    assert isinstance(result.exception, MockserverError)
    assert says in str(result.exception)


def test_masked_headers_are_not_compared() -> None:
    """A credential that the mock shows masked is no difference."""
    masked = HEADERS | {"Authorization": "********"}

    result = _compared(raw=_raw(headers=HEADERS | {"Authorization": "Basic abc"}), delivery=_delivery(headers=masked))

    assert result.output == "OK: the request arrived as it was sent.\n"


def test_control_token_is_sent() -> None:
    """A mock that asks for a control token gets the one of the environment; without it the error names it."""
    with pretender(_held(_delivery()), token="open-sesame") as server:
        asked = ["--request", "-", "--delivery", "d-1", "--server", server]

        refused = _run(*asked, stdin=_raw())
        accepted = _run(*asked, "--control-token", "open-sesame", stdin=_raw())

    assert "asks for its control token" in str(refused.exception)
    assert accepted.exit_code == 0


@pytest.mark.parametrize("server", ["http://127.0.0.1:1", "not a url", "http://[::1"])
def test_unreachable_mock_is_told(server: str) -> None:
    """A mock that isn't there, or an address that is none, is an error and no traceback."""
    result = _run("--request", "-", "--delivery", "d-1", "--server", server, stdin=_raw())

    assert type(result.exception).__name__ in ("NotRunning", "SettingsError")


# ---------------------------------------------------------------- Standard Webhooks
_STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_BY_STANDARD = dict(standard_webhooks.signature_headers(_STANDARD, "msg_1", SENT_AT, BODY))


def _standard(body: bytes = BODY, *arguments: str, **changed: Any) -> Result:
    headers = _BY_STANDARD | changed.pop("headers", {})
    raw = _raw(body, headers)
    return _run("--request", "-", *arguments, stdin=raw, secret=changed.pop("secret", _STANDARD), **changed)


def test_standard_webhooks_are_told_by_their_headers() -> None:
    """A request that is signed so needs no URL; its verdict names id, timestamp and body."""
    result = _standard()

    assert result.exit_code == 0, result.output
    assert result.output.startswith("OK: authentic and fresh.")
    assert all(word in result.output for word in ("msg_1", "webhook-timestamp", f"{len(BODY)} bytes"))


def test_pasted_headers_of_standard_webhooks_are_accepted() -> None:
    """Id, timestamp and signature may be given one by one."""
    pasted = ("--signature", _BY_STANDARD["webhook-signature"], "--timestamp", str(SENT_AT), "--request-id", "msg_1")
    result = _run("--body", "-", *pasted, secret=_STANDARD)

    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("key", "content", "mistake"),
    [
        (_STANDARD[6:].encode(), standard_webhooks.content("msg_1", SENT_AT, BODY), "key-not-decoded"),
        (_STANDARD.encode(), standard_webhooks.content("msg_1", SENT_AT, BODY), "key-not-decoded"),
        (b"", standard_webhooks.content("msg_1", SENT_AT, BODY), "key-empty"),
        (standard_webhooks.key_of(_STANDARD), BODY, "content-incomplete"),
        (
            standard_webhooks.key_of(_STANDARD),
            standard_webhooks.content("msg_1", SENT_AT, BODY + b"\n"),
            "body-newline-added",
        ),
        (b"o" * 32, standard_webhooks.content("msg_1", SENT_AT, BODY), "key-older"),
    ],
)
def test_mistakes_with_standard_webhooks_are_explained(key: bytes, content: bytes, mistake: str) -> None:
    """A signature that doesn't match is explained, whether it was captured or computed by one's own code."""
    signature = standard_webhooks.sign(key, content)
    old = ("--old-secret", standard_webhooks.secret_of(b"o" * 32))
    captured = _standard(BODY, *old, headers={"webhook-signature": signature})
    computed = _standard(BODY, "--computed", signature, *old)

    assert captured.exit_code == computed.exit_code == 1
    assert f"Diagnosis: {mistake}" in captured.output
    assert f"Your code: {mistake}" in computed.output
    assert "Open Loyalty" not in captured.output


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"now": SENT_AT + 301}, "5 min old; more than 5 minutes"),
        ({"now": SENT_AT - 301}, "5 min ahead; more than 5 minutes"),
        ({"headers": {"webhook-id": ""}}, "The request has no webhook-id. Give it by --request-id."),
        ({"secret": "whsec_of_mine"}, "has to be Base64"),
    ],
)
def test_what_is_wrong_with_standard_webhooks_is_told(changed: dict[str, Any], says: str) -> None:
    """Age counts in both directions; what is missing, and a secret that is none, are told."""
    result = _standard(**changed)

    assert result.exit_code != 0
    assert says in result.output + str(result.exception)
