"""mockserver.proxy.har: what went to the instance and back, as a file without secrets."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.cli.proxy import summary
from mockserver.errors import SettingsError
from mockserver.http.messages import JSON_TYPE, MAX_BODY, Request
from mockserver.proxy.har import MOST_WAITING, Archive
from mockserver.proxy.passage import Passage
from mockserver.world.redaction import Redaction
from tests.support.proxies import REX, Respond, always, client_of, instance, proxied, proxy_to, raw_instance

SECRET = "hunter2"


def _entries(path: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(path.read_text())["log"]["entries"]
    return entries


def _recorded(path: Path, respond: Respond, **request: Any) -> dict[str, Any]:
    """The entry of a request to add a pet."""
    with proxied(respond, har=str(path)) as client:
        client.post("/api/pets", **request)
    (entry,) = _entries(path)
    return entry


def test_requests_and_answers_are_written(tmp_path: Path) -> None:
    """An entry has what was sent to the instance and what came back, with its operation and what is wrong."""
    path = tmp_path / "a.har"
    with instance(always(200, REX, JSON_TYPE, (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"))) as url:
        with proxy_to(url, har=str(path)) as proxy, client_of(proxy) as client:
            client.post("/api/pets?a=1", json={"name": "Rex"})
        (entry,) = _entries(path)

    sent, came = entry["request"], entry["response"]
    assert (sent["method"], sent["url"], json.loads(sent["postData"]["text"])) == (
        "POST",
        f"{url}/api/pets?a=1",
        {"name": "Rex"},
    )
    assert (came["status"], json.loads(came["content"]["text"])) == (200, {"id": 1, "name": "Rex"})
    assert [one["name"] for one in came["headers"]].count("set-cookie") == 2
    assert (entry["_operation"], entry["_violation"][:14]) == ("addPet", "answer status:")


def test_secrets_are_not_written(tmp_path: Path) -> None:
    """Neither headers, cookies, queries nor bodies of either side tell a secret."""
    path = tmp_path / "a.har"
    answer = always(200, json.dumps({"token": SECRET}).encode(), JSON_TYPE, (b"set-cookie", f"s={SECRET}".encode()))
    headers = {"authorization": f"Bearer {SECRET}", "cookie": f"s={SECRET}", "x-auth-token": SECRET}
    _recorded(path, answer, params={"token": SECRET}, headers=headers, json={"password": SECRET})

    assert SECRET not in path.read_text()


def test_the_file_is_whole_after_each_entry(tmp_path: Path) -> None:
    """Whoever kills the proxy loses nothing that was written: the file can be read at any time, by its owner alone."""
    path = tmp_path / "a.har"
    with proxied(always(200, b"[]"), har=str(path)) as client:
        counts = [len(_entries(path))]
        for _ in range(3):
            client.get("/api/pets")
        _entries(path)

    assert (counts, len(_entries(path))) == ([0], 3)
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("body", "why"), [(b'"' + b"a" * MAX_BODY + b'"', "over 1 MiB"), (b"\xff\xfe", "no text")], ids=["large", "binary"]
)
def test_what_is_left_out_says_why(tmp_path: Path, body: bytes, why: str) -> None:
    """Bodies that are too large, or no text, are left out of the file, which says so and how long they were."""
    entry = _recorded(tmp_path / "a.har", always(200, body), content=body, headers={"content-type": "a/b"})

    content, sent = entry["response"]["content"], entry["request"]
    assert ("text" in content, "text" in sent["postData"]) == (False, False)
    assert (content["size"], sent["bodySize"]) == (len(body), len(body))
    assert why in content["comment"]
    assert why in sent["postData"]["comment"]


def test_bodies_for_which_there_is_no_room_say_so(tmp_path: Path) -> None:
    """While too much waits to be written, bodies are left out; that isn't said to be their size."""
    passage = Passage(Request("GET", b"/", {}, None), None, 0.0)
    passage.shown_body = b"a" * (MOST_WAITING + 1)
    passage.came.has_ended = passage.sent.has_ended = True
    archive = Archive(str(tmp_path / "a.har"), "http://a", Redaction())
    archive.add(passage, 0.1)
    archive.close()

    (entry,) = _entries(tmp_path / "a.har")
    assert entry["response"]["content"]["comment"] == "left out, as too much waited to be written"


def test_a_body_that_broke_off_says_so(tmp_path: Path) -> None:
    """What the instance ended too early isn't called too long."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\nabc"
    with (
        raw_instance(head, stays=False) as raw,
        proxy_to(raw.url, har=str(tmp_path / "a.har")) as proxy,
        client_of(proxy) as client,
        pytest.raises(httpx2.RemoteProtocolError),
    ):
        client.get("/api/pets")

    (entry,) = _entries(tmp_path / "a.har")
    assert entry["response"]["content"]["comment"] == "left out, as not all of it came"


@pytest.mark.parametrize(
    ("status", "body", "options"),
    [(200, b'{"id": 1}', {"strict": True}), (501, b'{"a": 1}', {"fallback": True}), (200, b"[1]", {"strict": True})],
)
def test_what_the_client_doesnt_get_is_in_it(tmp_path: Path, status: int, body: bytes, options: dict[str, Any]) -> None:
    """What the instance said is written, also where the proxy or the mock answers in its place."""
    path = tmp_path / "a.har"
    with proxied(always(status, body), har=str(path), **options) as client:
        found = client.get("/api/pets/1")

    (entry,) = _entries(path)
    assert (found.content != body, entry["response"]["status"]) == (True, status)
    assert json.loads(entry["response"]["content"]["text"]) == json.loads(body)
    assert entry["_violation"]


def test_what_the_instance_never_saw_is_not_in_it(tmp_path: Path) -> None:
    """Answers of the mock, and of the proxy, aren't in it: it is a recording of the instance."""
    path = tmp_path / "a.har"
    with proxied(always(200), har=str(path), fallback_for=["getPet"], strict=True) as client:
        client.get("/api/pets/1")
        client.post("/api/pets", json={"name": 1})

    assert _entries(path) == []


def test_a_file_that_cant_be_written_is_refused(tmp_path: Path) -> None:
    """A folder that isn't there is an error of the start."""
    with pytest.raises(SettingsError, match="can't be written: No such file"):
        Archive(str(tmp_path / "none" / "a.har"), "http://a", Redaction())


def test_what_isn_t_in_the_file_is_told_at_the_end(tmp_path: Path) -> None:
    """A file that was deleted meanwhile, and entries that couldn't be written, are told of."""
    path = tmp_path / "a.har"
    with instance(always(200, b"[]")) as url, proxy_to(url, har=str(path)) as proxy:
        path.unlink()
    archive = Archive(str(path), "http://a", Redaction())
    archive.lost = 2

    assert proxy.application.tally.complaints == [f"{path} was deleted: nothing of what has passed is kept there."]
    assert archive.close() == archive.close() == [f"2 of what has passed couldn't be written to {path}."]
    assert summary(proxy.application.tally)[-1].startswith(f"--har: {path} was deleted")
