"""mockserver.app.page.shell and mockserver.app.page: who gets the page, and what browsers are told about it."""

import json
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.app.builtin_routes import STATIC
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World

SCRIPTS = sorted((STATIC / "ui").glob("*.js"))
DOCUMENTS = sorted((STATIC / "ui").glob("*.html"))
OWN = {"Origin": "http://testserver"}
COOKIE = "mockserver_session"
FORM = "MOCKSERVER_CONTROL_TOKEN"


@pytest.fixture
def asked(settings: Settings, contract: Contract) -> Callable[..., TestClient]:
    """Clients of mocks with other settings."""
    return lambda **changed: TestClient(create_app(World.build(replace(settings, **changed), contract)))


@pytest.fixture
def guarded(asked: Callable[..., TestClient]) -> TestClient:
    """A client of a mock with a control token, which it doesn't know."""
    return asked(control_token="secret")


def _log_in(client: TestClient, token: str, **headers: str) -> int:
    answer = client.post("/_mock/ui", data={"token": token}, headers=OWN | headers, follow_redirects=False)
    return answer.status_code


def test_page_is_strict(client: TestClient) -> None:
    """The page comes with a policy that lets nothing run but its own files, and turns no text into markup."""
    answer = client.get("/_mock/ui")

    policy = answer.headers["content-security-policy"]
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "unsafe" not in policy
    assert {"default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} <= set(
        policy.split("; ")
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_never_parse_markup(client: TestClient, script: Path) -> None:
    """No script has a way by which text becomes markup or code; all of them are served."""
    text = script.read_text("utf-8")

    assert not any(
        way in text for way in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function(")
    )
    assert client.get(f"/_mock/ui/assets/{script.name}").text == text


@pytest.fixture
def evaluated(tmp_path: Path) -> Callable[[str, str], Any]:
    """The JSON value of an expression with what a script exports, as Node.js evaluates it."""
    if not shutil.which("node"):
        pytest.skip("Node.js is needed to run what the page runs")
    shutil.copytree(STATIC / "ui", tmp_path, dirs_exist_ok=True)
    (tmp_path / "package.json").write_text('{"type": "module"}')

    def evaluate(script: str, expression: str) -> Any:
        page = "globalThis.location = { origin: 'http://localhost' }"
        program = f"import * as it from './{script}'; {page}; console.log(JSON.stringify({expression}))"
        command = ["node", "--input-type=module", "--eval", program]
        return json.loads(subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout)  # noqa: S603

    return evaluate


@pytest.mark.parametrize("text", ["@/etc/hostname", "a\nb", "it's"])
@pytest.mark.parametrize(
    ("script", "row"),
    [
        ("requests.js", {"method": "POST`id`", "request": {"headers": {"X-A": "TEXT"}, "body": "TEXT"}, "path": "/"}),
        ("deliveries.js", {"request": {"method": "POST`id`", "headers": [], "body": "TEXT", "url": "http://a/{b,c}"}}),
    ],
)
def test_copied_lines_are_what_was_sent(
    evaluated: Callable[[str, str], Any], script: str, row: dict[str, Any], text: str
) -> None:
    """A body is sent as it is, also if to curl it looks like the name of a file; nothing else runs."""
    told = json.dumps(row).replace("TEXT", json.dumps(text)[1:-1])

    words = shlex.split(evaluated(script, f"it.curlOf({told})").replace("\\\n", " "), posix=True)

    assert (words[words.index("-X") + 1], words[-2:]) == ("POST`id`", ["--data-raw", text])
    assert ("-g" in words) is (script == "deliveries.js")


@pytest.mark.parametrize(
    ("fragment", "place"),
    [
        ("#deliveries/3-1", ["deliveries", "3-1"]),
        ("#requests/a%2Fb", ["requests", "a/b"]),
        ("#deliveries", ["deliveries", ""]),
        ("#deliveries/%", ["deliveries", ""]),
        ("#%/1", ["%", "1"]),
        ("", ["", ""]),
    ],
)
def test_any_fragment_is_read(evaluated: Callable[[str, str], Any], fragment: str, place: list[str]) -> None:
    """A link to the page may have any fragment: one that can't be read leads to no row."""
    assert evaluated("fragment.js", f"it.placeIn({json.dumps(fragment)})") == place


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_have_nothing_inline(document: Path) -> None:
    """Scripts and styles are files, as the policy asks for."""
    text = document.read_text("utf-8")

    assert "<style" not in text
    assert " style=" not in text
    assert " on" not in text.replace(" on ", " ")
    assert text.count("<script") == text.count('src="ui/assets/page.js"')


def test_page_needs_no_login_without_a_token(client: TestClient) -> None:
    """Without a control token the page is there at once, and asks for no login."""
    assert FORM not in client.get("/_mock/ui").text
    assert client.get("/_mock/ui/setup").json()["hasToken"] is False


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"X-Mock-Delivery": "1-1"}],
    ids=["host", "origin", "delivery"],
)
def test_others_dont_get_the_page(client: TestClient, headers: dict[str, str]) -> None:
    """The rules of the control plane hold for the page, its data and its stream."""
    paths = ["/_mock/ui", "/_mock/ui/setup", "/_mock/ui/inbox", "/_mock/stream"]

    assert [client.get(path, headers=headers).status_code for path in paths] == [403] * len(paths)
    assert client.post("/_mock/ui/inbox", json={"storeCode": "DEFAULT"}, headers=headers).status_code == 403


def test_token_is_asked_for_once(guarded: TestClient) -> None:
    """With a control token the page is a form; who fills it in gets a cookie that opens all of the control plane."""
    assert FORM in guarded.get("/_mock/ui").text
    assert [guarded.get(path).status_code for path in ("/_mock/ui/setup", "/_mock/clock")] == [401, 401]

    assert _log_in(guarded, "secret") == 303
    assert FORM not in guarded.get("/_mock/ui").text
    assert [guarded.get(path).status_code for path in ("/_mock/ui/setup", "/_mock/clock")] == [200, 200]
    assert guarded.post("/_mock/reset", headers=OWN).status_code == 204


def test_cookie_is_for_the_page_alone(guarded: TestClient) -> None:
    """No script reads the cookie, no other site sends it, and it doesn't tell the token."""
    answer = guarded.post("/_mock/ui", data={"token": "secret"}, headers=OWN, follow_redirects=False)

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert cookie.endswith("; HttpOnly; SameSite=Strict")
    assert "secret" not in cookie
    assert answer.headers["location"] == "ui"


@pytest.mark.parametrize("token", ["", "Secret", "secret ", "wrong", "s" * 9_000])
def test_wrong_token_is_told(guarded: TestClient, token: str) -> None:
    """A wrong token gets the form again, and no cookie; one that is too long is refused unread."""
    status = _log_in(guarded, token)

    assert status == (413 if len(token) > 8_192 else 200)
    assert COOKIE not in guarded.cookies


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost:9000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_cookie_doesnt_count_on_other_pages(guarded: TestClient, headers: dict[str, str]) -> None:
    """Browsers send the cookie from pages on every port of the machine: those get nothing, and change nothing."""
    _log_in(guarded, "secret")

    refused = [guarded.post("/_mock/reset", headers=headers), guarded.get("/_mock/state", headers=headers)]
    assert [answer.status_code for answer in refused] == [401, 401]
    assert guarded.post("/_mock/ui", data={"token": "secret"}, headers=headers).status_code == 403


def test_forged_cookies_dont_count(asked: Callable[..., TestClient]) -> None:
    """The cookie of another token, or one made up, is none."""
    other = asked(control_token="other")
    _log_in(other, "other")
    cookies = [other.cookies[COOKIE], "", "secret", "0" * 64]

    for cookie in cookies:
        guarded = asked(control_token="secret")
        assert guarded.get("/_mock/clock", headers={"Cookie": f"{COOKIE}={cookie}; a=b"}).status_code == 401


def test_log_out_ends_the_session(guarded: TestClient) -> None:
    """After a log-out the form is there again."""
    _log_in(guarded, "secret")
    guarded.post("/_mock/ui", data={"leave": "1"}, headers=OWN)

    assert guarded.get("/_mock/clock").status_code == 401


def test_log_out_ends_copies_of_the_cookie(guarded: TestClient) -> None:
    """Who has copied the cookie is logged out, too; a log-out by somebody who isn't logged in ends nothing."""
    _log_in(guarded, "secret")
    copied = {"Cookie": f"{COOKIE}={guarded.cookies[COOKIE]}"}
    guarded.cookies.clear()
    guarded.post("/_mock/ui", data={"leave": "1"}, headers=OWN)
    assert guarded.get("/_mock/clock", headers=copied).status_code == 200

    guarded.post("/_mock/ui", data={"leave": "1"}, headers=OWN | copied)
    assert guarded.get("/_mock/clock", headers=copied).status_code == 401
    _log_in(guarded, "secret")
    assert guarded.get("/_mock/clock").status_code == 200


def test_page_knows_no_secret_key(asked: Callable[..., TestClient]) -> None:
    """The page is told the key that everybody knows, for requests that are sent again, and no other."""
    assert asked().get("/_mock/ui/setup").json()["apiKey"] == "mock-api-key"
    assert asked(api_key="mine").get("/_mock/ui/setup").json()["apiKey"] is None


def test_page_goes_with_the_control_plane(asked: Callable[..., TestClient]) -> None:
    """Without control there is no page, and no stream."""
    client = asked(control=False)

    paths = ["/_mock/ui", "/_mock/ui/setup", "/_mock/ui/assets/page.js", "/_mock/stream"]
    assert [client.get(path).status_code for path in paths] == [404] * len(paths)
