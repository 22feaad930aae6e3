"""What the check sends: signed as vectors of openssl have it, and shown as a line that sends the same."""

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.receiver.hook_request import HookRequest, Signer
from mockserver.signing import SignedUrl
from tests.receivers.right import SECRET

VECTORS = sorted((Path(__file__).parents[2] / "vectors").glob("*.json"))
URL = "http://127.0.0.1:3000/webhooks"
SIGNER = Signer(URL, SignedUrl.of(URL), SECRET)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_signatures_are_those_of_the_vectors(path: Path) -> None:
    """They were made with openssl, by hand: a mistake that mock and judge shared would show here."""
    vector: dict[str, Any] = json.loads(path.read_text("utf-8"))
    given = vector["given"]

    request = Signer(URL, SignedUrl.of(given["url"]), given["secret"], version=given["version"]).request(
        given["body"].encode(), given["requestId"], given["timestamp"]
    )

    assert request.headers["X-Webhook-Signature"] == request.signature == vector["signature"]
    assert request.headers["X-Webhook-Timestamp"] == str(given["timestamp"])


def test_timestamps_that_are_texts_are_signed_as_they_are() -> None:
    """So that only the timestamp is wrong with a request."""
    request = SIGNER.request(b"{}", "id", 1_700_000_000)

    again = SIGNER.with_timestamp(request, "1700000000", "the same")
    other = SIGNER.with_timestamp(request, "yesterday", "another")

    assert again.headers == request.headers
    assert other.signature not in (request.signature, "")


def test_other_algorithms_sign_by_themselves() -> None:
    """With a digest the signature is of that algorithm; without one it is the right one, under another name."""
    request = SIGNER.request(b"{}", "id", 1_700_000_000)

    named = SIGNER.with_algorithm(request, "hmac-sha512", "", "named")
    signed = SIGNER.with_algorithm(request, "hmac-sha512", "sha512", "signed")

    assert named.headers["X-Webhook-Signature"] == request.signature
    assert len(signed.headers["X-Webhook-Signature"]) == 128


def test_lines_to_paste_have_the_exact_bytes() -> None:
    """Every header that counts, and the body as it was sent, also where it is no text."""
    request = HookRequest(URL, b'{"a": "\xc3\xa9\'"}', {"Content-Type": "application/json", "X-Empty": ""})

    words = shlex.split(request.as_curl())

    assert words == ["curl", "-sgi", "-H", "Content-Type: application/json", "-H", "X-Empty;", "--data-raw",
                     '{"a": "é\'"}', URL]  # fmt: skip
    assert r"\xff" in HookRequest(URL, b"\xff").as_curl()


def test_headers_of_a_gate_are_variables() -> None:
    """Nobody signs them, and no line shows what opens a gate."""
    plain, gated = SIGNER, replace(SIGNER, front={"X-Gate": "$OL_HEADER_1", "Authorization": "Basic $OL_BASIC"})

    lines = [one.request(b"{}", "id", 1_700_000_000) for one in (plain, gated)]

    assert lines[0].signature == lines[1].signature
    assert """-H 'X-Gate: '"$OL_HEADER_1" -u ''"$OL_BASIC" """ in lines[1].as_curl()
