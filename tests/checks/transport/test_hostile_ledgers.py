"""Ledgers that somebody has crafted or damaged: a sweep deletes what the run made, or says in words what is wrong."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.sweep import sweep
from mockserver.checks.transport.ledger import Ledger, is_id, read
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError
from mockserver.settings import Settings
from mockserver.testing import MockServer

RUN, OTHER_RUN = "0a1b2c3d", "4e5f6a7b"
CREATE, KEY = "_webhookSubscriptionPost", "mock-api-key"
PATH = "/api/DEFAULT/webhook/subscription"
HEAD = {"run": RUN, "url": "http://127.0.0.1:1"}
INTENT = {"intent": 1, "operation": CREATE, "arguments": {"storeCode": "DEFAULT"}, "at": ""}
MADE = {"made": 1, "id": "id1"}
DEEP = "[" * 100_000


def _lines(*entries: Any) -> bytes:
    return b"".join((entry if isinstance(entry, str) else json.dumps(entry)).encode() + b"\n" for entry in entries)


ODD_HEADS: dict[str, list[Any]] = {
    "run": ["", "run1", "../../x", "0A1B2C3D", 17, None, [RUN]],
    "url": ["", "127.0.0.1", "file:///etc/passwd", "http://a/?b", "http://a/#b", "http://[", 17, "http://a\n"],
}
NONE: dict[str, bytes] = {
    "binary": bytes(range(256)) * 100,
    "not UTF-8": b"\xff\xfe" + _lines(HEAD),
    "one deep line": DEEP.encode(),
    "a list": b"[]\n",
    "no run": _lines({"url": HEAD["url"]}),
    **{f"{name} {value!r}": _lines({**HEAD, name: value}) for name, values in ODD_HEADS.items() for value in values},
}
ODD: dict[str, list[Any]] = {
    "intent": [True, 0, -1, "1", None, 10**30],
    "arguments": [None, [], "x", {"a": 1}, *({"storeCode": step} for step in ("", ".", ".."))],
    "operation": [None, 1, "x" * 999, "\x1b"],
    "marked": [None, 1, "no"],
}
ODD_LISTS: dict[str, list[Any]] = {"gone": [None, 1, []], "foreign": [None, {}, [1], ["\x1b"]]}
DAMAGED: dict[str, bytes] = {
    "half a line in the middle": _lines(HEAD, '{"intent": 1, "op', MADE),
    "a deep line": _lines(HEAD, DEEP, INTENT),
    "another head": _lines(HEAD, HEAD),
    "an unknown entry": _lines(HEAD, {"delete": "id1"}),
    "a text": _lines(HEAD, '"made"', INTENT),
    "the same intent twice": _lines(HEAD, INTENT, INTENT),
    "a record twice": _lines(HEAD, INTENT, MADE, {**MADE, "id": "id2"}),
    "a record of no intent": _lines(HEAD, MADE),
    "an odd number": _lines(HEAD, '{"intent": 1e400}', INTENT),
    **{f"{name} {value!r}": _lines(HEAD, {**INTENT, name: value}) for name, values in ODD.items() for value in values},
    **{
        f"id {value!r}": _lines(HEAD, INTENT, {**MADE, "id": value})
        for value in (
            "",
            "..",
            "../1",
            "a/b",
            "a?b",
            "a#b",
            "a%2fb",
            "a b",
            "a\nb",
            "\x1b[2J",
            "x" * 999,
            17,
            None,
            ["a"],
        )
    },
    **{f"{name} {value!r}": _lines(HEAD, {name: value}) for name, values in ODD_LISTS.items() for value in values},
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a ledger is."""
    return tmp_path / "ledger.jsonl"


@pytest.mark.parametrize("what", NONE)
def test_what_is_no_ledger_is_named(path: Path, what: str) -> None:
    """Nothing is read from a file that doesn't begin as a ledger does."""
    path.write_bytes(NONE[what])

    with pytest.raises(SettingsError, match=r"is no ledger .*line 1"):
        read(path)


@pytest.mark.parametrize("what", DAMAGED)
def test_the_damaged_line_is_named(path: Path, what: str) -> None:
    """Nothing is deleted by a ledger of which a part means nothing, and somebody has to look."""
    path.write_bytes(DAMAGED[what])

    with pytest.raises(SettingsError, match=r"is damaged: in line [234], .*Nothing was deleted"):
        read(path)


@pytest.mark.parametrize("length", range(1, len(_lines(MADE)) - 1, 5))
def test_a_line_that_a_kill_has_cut_is_no_harm(path: Path, length: int) -> None:
    """The last line may be cut anywhere, and so may each line at which the ledger was reopened."""
    path.write_bytes(_lines(HEAD, INTENT) + _lines(MADE)[:length])

    Ledger.reopened(path).close()
    with path.open("ab") as file:
        file.write(_lines(MADE)[:length])

    assert [intent.record for intent in read(path).remaining] == [None]


def test_a_ledger_is_a_file(tmp_path: Path) -> None:
    """Nobody waits for a pipe, reads a device or a folder, or writes through a link."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "missing")
    for odd in (tmp_path / "pipe", tmp_path, Path("/dev/zero"), tmp_path / "none"):
        with pytest.raises(SettingsError, match=r"no file|can't be read"):
            read(odd)
    for odd in (tmp_path / "pipe", tmp_path / "link"):
        with pytest.raises(SettingsError, match=r"no file|is a link"):
            Ledger.create(odd, RUN, HEAD["url"])
    assert not (tmp_path / "missing").exists()


def test_a_huge_ledger_is_not_read(path: Path) -> None:
    """A file of a size that no run writes is refused."""
    with path.open("wb") as file:
        file.truncate(2**30)

    with pytest.raises(SettingsError, match="too large"):
        read(path)


@pytest.mark.parametrize("text", ["a" * 256, "a\u202eb", "a\ud800", "a\u00a0b", None, b"id"])
def test_ids_are_short_and_visible(text: object) -> None:
    """What a target calls an id isn't one if a path or a terminal would stumble over it."""
    assert not is_id(text)


# ---------------------------------------------------------------- sweeping
class Host:
    """A mock with records of a colleague, of another run, and of this run."""

    def __init__(self, mock: MockServer, folder: Path) -> None:
        self.http = httpx2.Client(base_url=mock.url, headers={"X-AUTH-TOKEN": KEY})
        self.options = Options(mock.url, Credentials(api_key=KEY), report_dir=str(folder))
        self.url = mock.url
        self.colleague = self.make("https://crm.example.com/hook")
        self.other = self.make(f"https://{OTHER_RUN}.mockserver-check.invalid/")
        self.own = self.make(f"https://{RUN}.mockserver-check.invalid/")

    def make(self, url: str) -> str:
        """The id of a new record."""
        body = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": url}}
        return str(self.http.post(PATH, json=body).json()["webhookSubscriptionId"])

    def exists(self, record: str) -> bool:
        """Whether a record is there."""
        return self.http.get(f"{PATH}/{record}").is_success

    def swept(self, *entries: Any) -> list[str]:
        """What a sweep by such a ledger leaves, in words."""
        Path(self.options.ledger_path).write_bytes(_lines({"run": RUN, "url": self.url}, *entries))
        return sweep(self.options)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A host with records of three parties."""
    with MockServer(Settings(log_level="error")) as mock:
        host = Host(mock, tmp_path)
        yield host
        host.http.close()


def test_a_sweep_deletes_what_carries_the_mark(host: Host) -> None:
    """Whatever a ledger names, a record is read, and stays unless it shows the mark of the ledger's run."""
    names = [host.own, host.colleague, host.other]
    entries = [({**INTENT, "intent": at}, {"made": at, "id": name}) for at, name in enumerate(names, start=1)]

    left = host.swept(*(one for pair in entries for one in pair))

    assert [host.exists(name) for name in names] == [False, True, True]
    assert len(left) == 2
    assert all(f"doesn't carry the mark of run {RUN}" in line for line in left)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({**INTENT, "operation": "webhookSubscriptionDelete"}, "nothing of that name that creates"),
        ({**INTENT, "operation": "nothing"}, "nothing of that name that creates"),
        ({**INTENT, "arguments": {}}, "takes storeCode, no other"),
        ({**INTENT, "arguments": {"storeCode": "DEFAULT", "webhookSubscription": "1"}}, "takes storeCode, no other"),
    ],
)
def test_a_ledger_names_what_the_contract_creates(host: Host, entry: Any, words: str) -> None:
    """Nothing is sent for a ledger that names other operations, or other parts of a path."""
    with pytest.raises(SettingsError, match=words):
        host.swept(entry)

    assert host.exists(host.own)


@pytest.mark.parametrize("store", ["DEFAULT/../OTHER", "%2e%2e", "DEFAULT?a=b", "DEFAULT#", "//crm.example.com"])
def test_a_path_stays_the_path_of_the_contract(host: Host, store: str) -> None:
    """What stands in the place of a store is the name of a store, and leads nowhere else."""
    left = host.swept({**INTENT, "arguments": {"storeCode": store}}, {"made": 1, "id": host.own})

    assert left == []  # such a store has no such record
    assert host.exists(host.own)


def test_a_ledger_for_another_host_is_refused(host: Host) -> None:
    """A ledger can't send a sweep elsewhere: the address is that of the command line."""
    Path(host.options.ledger_path).write_bytes(_lines({"run": RUN, "url": "http://127.0.0.1:9"}, INTENT, MADE))

    with pytest.raises(SettingsError, match="ledger of a run on"):
        sweep(host.options)
