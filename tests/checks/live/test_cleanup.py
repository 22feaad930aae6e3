"""A sweep goes by its ledger, not by the options of the run that it finishes, and deletes what shows the mark."""

import json
import threading
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from io import BytesIO
from itertools import chain, repeat
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest
import requests

from mockserver.checks.live.cleanup import Sweeper
from mockserver.checks.live.list_reader import NEWEST_PAGES
from mockserver.checks.live.marks import Marks
from mockserver.checks.live.ownership import Ownership, Policy
from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.sweep import sweep
from mockserver.checks.transport.ledger import Ledger, read
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.checks.transport.rate_limiting import MonotonicTime
from mockserver.checks.transport.session import Credentials
from mockserver.clock import Ids
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call, Surface
from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.checks.fronts import instead
from tests.checks.instance import Instance

RUN = "0a1b2c3d"
SURFACE = Surface(Contract.load())
CREATE = SURFACE.calls["_webhookSubscriptionPost"]
TENANT = {"storeCode": "DEFAULT"}
WANTED = {
    "webhookSubscription": {"eventName": "CustomerRegistered", "url": "https://0a1b2c3d.mockserver-check.invalid/"}
}
EMPTY: dict[str, Any] = {"items": []}
NO_ROWS: list[Any] = [{}, "", None, {"items": {}}]


def test_sweep_enters_the_stores_of_its_ledger(tmp_path: Path) -> None:
    """A record in a store that the sweep's options don't name is deleted: the ledger does name it, and the instance,
    whichever way its URL is written."""
    path, headers = "/api/OTHER/webhook/subscription", {"X-AUTH-TOKEN": "mock-api-key"}
    settings = Settings(stores=("DEFAULT", "OTHER"), log_level="error")
    with MockServer(settings) as mock, httpx2.Client(base_url=mock.url, headers=headers) as http:
        record = http.post(path, json=WANTED).json()["webhookSubscriptionId"]
        options = Options(f"{mock.url}/x/..", Credentials(api_key="mock-api-key"), report_dir=str(tmp_path))
        with Ledger.create(options.ledger_path, "0a1b2c3d", f"{mock.url}/") as ledger:
            ledger.made(ledger.intend("_webhookSubscriptionPost", {"storeCode": "OTHER"}, "", marked=True), record)

        assert sweep(options) == []
        assert http.get(f"{path}/{record}").status_code == 404


@pytest.mark.parametrize(("status", "key"), [(503, "mock-api-key"), (401, "another-key")])
def test_a_sweep_that_sees_nothing_says_so(status: int, key: str, tmp_path: Path) -> None:
    """Of a host that fails, or with a key that isn't let in, a sweep learns nothing; the next one looks again."""
    failing = instead(lambda _, path: (503, {}, b"") if path.endswith("subscription") else None)
    with Instance(failing if status == 503 else None) as instance:
        options = Options(instance.url, Credentials(api_key=key), report_dir=str(tmp_path))
        with Ledger.create(options.ledger_path, RUN, instance.url) as ledger:
            ledger.intend(CREATE.id, TENANT, "", marked=True)

        (left,) = sweep(options, time=MonotonicTime(wait=lambda _: None))

    assert left == f"the lists can't be searched: GET {CREATE.path} answered {status}"
    assert read(options.ledger_path).remaining


class Host:
    """A host with records of one kind in its memory, behind a client that knows operations only."""

    def __init__(self, records: dict[str, dict[str, str]]) -> None:
        self.records = records
        self.asked: list[str] = []
        self.pauses: list[float] = []
        self.stopped = ""
        self.listed: tuple[int, Any] = (200, {"items": []})

    def send(self, call: Call, arguments: Mapping[str, str], **_options: Any) -> requests.Response:
        """Read and delete by id; lists show `listed`."""
        self.asked.append(f"{call.method} {arguments.get('webhookSubscription', '')}")
        response = requests.Response()
        record = self.records.get(arguments.get("webhookSubscription", ""))
        found: tuple[int, Any] = (404, {}) if record is None else (200, record)
        answer = found if call.record else self.listed
        response.status_code, response.raw = answer[0], BytesIO(json.dumps(answer[1]).encode())
        if call.method == "DELETE":
            self.records.pop(arguments["webhookSubscription"], None)
        return response

    def pause(self, seconds: float) -> None:
        """Note it."""
        self.pauses.append(seconds)

    def stop(self, reason: str) -> None:
        """Note it."""
        self.stopped = reason


class Crowded(Host):
    """A host whose list has no end: its newest rows are first, and all others older. A search finds none."""

    def __init__(self, *newest: str) -> None:
        super().__init__({})
        self._newest = [{"webhookSubscriptionId": name, "createdAt": "2026-01-02"} for name in newest]

    def send(self, call: Call, arguments: Mapping[str, str], **options: Any) -> requests.Response:
        """A page of that list."""
        page = int(options.get("params", {}).get("_page", 1))
        rows = [{"webhookSubscriptionId": f"{page}-{row}", "createdAt": "2026-01-01"} for row in range(50)]
        rows = (self._newest + rows)[:50] if page == 1 else rows
        total = {"all": 10**6, "filtered": 10**6, "estimated": False}
        is_search = "url[like]" in options.get("params", {})
        self.listed = (200, EMPTY if is_search else {"items": rows, "total": total})
        return super().send(call, arguments, **options)


class Stores:
    """A host for each store, each with its own ids."""

    def __init__(self, **hosts: Host) -> None:
        self.hosts = hosts

    def send(self, call: Call, arguments: Mapping[str, str], **options: Any) -> requests.Response:
        """As the host of the store."""
        return self.hosts[arguments["storeCode"]].send(call, arguments, **options)

    def pause(self, _seconds: float) -> None:
        """They don't lag."""


def _sweeper(
    host: Host | Stores, ledger: Ledger, at_once: int = 1, surface: Surface = SURFACE
) -> tuple[Sweeper, Ownership]:
    ownership = Ownership(surface, Marks(RUN, surface), Policy(), Ids(1))
    return Sweeper(ownership, cast("OperationClient", host), {}, ledger, lambda: at_once), ownership


def _ours(*records: str) -> dict[str, dict[str, str]]:
    """Records that show the mark of the run."""
    url = f"https://{RUN}.mockserver-check.invalid/"
    return {record: {"webhookSubscriptionId": record, "url": url} for record in records}


def _swept(host: Host, path: Path, at_once: int = 1) -> tuple[list[str], list[str | None]]:
    """What a sweep of all records of a host tells, and what the ledger on the disk names afterwards."""
    with Ledger.create(path, RUN, "http://127.0.0.1:1") as ledger:
        for record in host.records:
            ledger.made(ledger.intend(CREATE.id, TENANT, "", marked=True), record)
        try:
            left = _sweeper(host, ledger, at_once)[0].sweep()
        except KeyboardInterrupt:
            left = ["interrupted"]
    return left, [one.record for one in read(path).remaining]


@pytest.mark.parametrize(
    ("status", "content", "said"),
    [
        *((status, EMPTY, f"answered {status}") for status in (302, 400, 401, 403, 405, 429, 500)),
        *((200, content, "answered 200 without a list of rows") for content in NO_ROWS),
    ],
)
def test_a_list_that_fails_proves_nothing(status: int, content: Any, said: str, tmp_path: Path) -> None:
    """An intent without an answer may have left something as long as nobody has looked; the ledger keeps it."""
    left, remaining = _left_of_an_intent((status, content), tmp_path / "ledger.jsonl")

    assert (left, remaining) == ([f"the lists can't be searched: GET {CREATE.path} {said}"], 1)


@pytest.mark.parametrize("answer", [(200, EMPTY), (200, []), (404, {"message": "no such store"})])
def test_a_list_without_the_record_is_a_proof(answer: tuple[int, Any], tmp_path: Path) -> None:
    """What left nothing is settled, and so is what was sent to a store that isn't there."""
    assert _left_of_an_intent(answer, tmp_path / "ledger.jsonl") == ([], 0)


def test_a_store_that_refused_everything_needs_no_proof(tmp_path: Path) -> None:
    """Where nothing can have been created, as in a store that isn't there, no list has to show that."""
    host = Host({})
    host.listed = (403, {})
    with Ledger.create(tmp_path / "ledger.jsonl", RUN, "http://127.0.0.1:1") as ledger:
        ledger.nothing(ledger.intend(CREATE.id, TENANT, "", marked=True), 403)

        assert _sweeper(host, ledger)[0].sweep() == []


def test_what_a_list_showed_before_it_broke_off_is_deleted(tmp_path: Path) -> None:
    """The records of its first page don't wait for the others; that it broke off is told."""
    shown = [{"webhookSubscriptionId": f"{name}", **_ours(name)[name]} for name in ("a", "b")]
    pages = chain([(200, {"items": shown, "total": {"all": 9, "filtered": 9, "estimated": False}})], repeat((500, {})))

    class Breaking(Host):
        def send(self, call: Call, arguments: Mapping[str, str], **options: Any) -> requests.Response:
            self.listed = self.listed if call.record else next(pages)
            return super().send(call, arguments, **options)

    host = Breaking(_ours("a", "b"))
    with Ledger.create(tmp_path / "ledger.jsonl", RUN, "http://127.0.0.1:1") as ledger:
        ledger.intend(CREATE.id, TENANT, "", marked=True)
        left = _sweeper(host, ledger)[0].sweep()

    assert (host.records, left) == ({}, [f"the lists can't be searched: GET {CREATE.path} answered 500"])
    assert read(tmp_path / "ledger.jsonl").remaining


def _with_another_kind() -> tuple[Surface, Call, Call]:
    """A surface with subscriptions and parts, and the operations that create and list parts."""
    first = SURFACE.resources[0]
    create = replace(CREATE, operation=CREATE.operation._replace(operation_id="partPost"))
    listed = replace(create, operation=(first.list or CREATE).operation._replace(operation_id="partList"))
    surface = copy(SURFACE)
    surface.__dict__["resources"] = (first, replace(first, create=create, list=listed))
    return surface, create, listed


def test_a_list_that_fails_does_not_hide_others(tmp_path: Path) -> None:
    """What the lists of other kinds show is deleted, and intents of these are settled."""
    surface, create, listed = _with_another_kind()

    class HalfBroken(Host):
        def send(self, call: Call, arguments: Mapping[str, str], **options: Any) -> requests.Response:
            self.listed = (200, {"items": [*self.records.values()]}) if call is listed else (500, {})
            return super().send(call, arguments, **options)

    host = HalfBroken(_ours("a"))
    with Ledger.create(tmp_path / "ledger.jsonl", RUN, "http://127.0.0.1:1") as ledger:
        for name in (CREATE.id, create.id):
            ledger.intend(name, TENANT, "", marked=True)
        left = _sweeper(host, ledger, 1, surface)[0].sweep()

    assert (host.records, left) == ({}, [f"the lists can't be searched: GET {CREATE.path} answered 500"])
    assert [one.operation for one in read(tmp_path / "ledger.jsonl").remaining] == [CREATE.id]


def _left_of_an_intent(listed: tuple[int, Any], path: Path) -> tuple[list[str], int]:
    """What a sweep of one intent without an answer tells where the list answers so, and how many intents remain."""
    host = Host({})
    host.listed = listed
    with Ledger.create(path, RUN, "http://127.0.0.1:1") as ledger:
        ledger.intend(CREATE.id, TENANT, "", marked=True)
        left = _sweeper(host, ledger)[0].sweep()
    return left, len(read(path).remaining)


@pytest.mark.parametrize(
    ("url", "marked", "left"),
    [
        (f"https://{RUN}.mockserver-check.invalid/", True, 0),
        ("https://crm.example.com/", True, 1),  # the host has handed out the id of somebody else's record
        ("", False, 0),  # nobody has marked it, as its body had no place for that, and it shows what was sent
    ],
)
def test_the_end_of_a_run_deletes_what_is_its_own(tmp_path: Path, url: str, marked: bool, left: int) -> None:  # noqa: FBT001
    """A record that was created with the mark of the run has to show it before it is deleted."""
    host = Host({"id1": {"webhookSubscriptionId": "id1", "url": url}})
    with Ledger.create(tmp_path / "ledger.jsonl", RUN, "http://127.0.0.1:1") as ledger:
        sweeper, ownership = _sweeper(host, ledger)
        ownership.created(CREATE, TENANT, "id1", body=WANTED if marked else {"webhookSubscription": {"url": url}})
        ledger.made(ledger.intend(CREATE.id, TENANT, "", marked=marked), "id1")

        assert len(sweeper.sweep()) == left
    assert list(host.records) == ["id1"] * left


@pytest.mark.parametrize("url", [f"https://{RUN}.mockserver-check.invalid/", "https://crm.example.com/"])
def test_an_id_may_be_there_in_two_stores(tmp_path: Path, url: str) -> None:
    """Both records are swept; where the second is somebody else's, it stays, and is told of."""
    ours = {"webhookSubscriptionId": "id1", "url": f"https://{RUN}.mockserver-check.invalid/"}
    stores = Stores(DEFAULT=Host({"id1": ours}), OTHER=Host({"id1": {**ours, "url": url}}))
    with Ledger.create(tmp_path / "ledger.jsonl", RUN, "http://127.0.0.1:1") as ledger:
        for store in stores.hosts:
            ledger.made(ledger.intend(CREATE.id, {"storeCode": store}, "", marked=True), "id1")
        sweeper, _ = _sweeper(stores, ledger)
        left = sweeper.sweep()

    expected = 0 if url == ours["url"] else 1
    assert [len(stores.hosts[store].records) for store in ("DEFAULT", "OTHER")] == [0, expected]
    assert (len(left), len(ledger.history.remaining)) == (expected, expected)


def test_an_unreadable_record_is_known_by_its_store(tmp_path: Path) -> None:
    """That this process created an id in one store proves nothing about another."""
    stores = Stores(DEFAULT=Host({"id1": {}}), OTHER=Host({"id1": {}}))
    resource = replace(SURFACE.resources[0], read=None)
    with Ledger.create(tmp_path / "ledger.jsonl", RUN, "http://127.0.0.1:1") as ledger:
        sweeper, ownership = _sweeper(stores, ledger)
        ownership.created(CREATE, TENANT, "id1")
        problems = [sweeper.remove(resource, (("storeCode", store),), "id1") for store in ("OTHER", "DEFAULT")]

    assert "no operation that reads it" in problems[0]
    assert (problems[1], list(stores.hosts["OTHER"].records)) == ("", ["id1"])


def test_what_cannot_be_read_is_left_to_its_owner(tmp_path: Path) -> None:
    """Without an operation that reads, a ledger's word isn't enough; that of this process is."""
    host = Host({"id1": {}, "id2": {}})
    resource = replace(SURFACE.resources[0], read=None)
    with Ledger.create(tmp_path / "ledger.jsonl", RUN, "http://127.0.0.1:1") as ledger:
        sweeper, ownership = _sweeper(host, ledger)
        ownership.created(CREATE, TENANT, "id2")
        problems = [sweeper.remove(resource, tuple(TENANT.items()), record) for record in ("id1", "id2")]

    assert "no operation that reads it" in problems[0]
    assert (problems[1], list(host.records)) == ("", ["id1"])


def test_records_of_a_kind_are_deleted_at_the_same_time(tmp_path: Path) -> None:
    """As many as may be on the way at once: each deletion here waits for three others."""
    together = threading.Barrier(4, timeout=10)

    class Waiting(Host):
        def send(self, call: Call, arguments: Mapping[str, str], **options: Any) -> requests.Response:
            if call.method == "DELETE":
                together.wait()
            return super().send(call, arguments, **options)

    host = Waiting(_ours(*"abcdefgh"))

    assert _swept(host, tmp_path / "ledger.jsonl", 4) == ([], [])
    assert host.records == {}


@pytest.mark.parametrize("at_once", [1, 4])
def test_an_interrupted_sweep_loses_nothing(tmp_path: Path, at_once: int) -> None:
    """The ledger names what wasn't seen to be gone, what is on the way ends, and the next sweep deletes it."""

    class Interrupting(Host):
        def send(self, call: Call, arguments: Mapping[str, str], **options: Any) -> requests.Response:
            if len(self.records) <= 4 and call.method == "DELETE":
                raise KeyboardInterrupt
            return super().send(call, arguments, **options)

    host = Interrupting(_ours(*"abcdefgh"))
    left, named = _swept(host, tmp_path / "ledger.jsonl", at_once)

    assert (left, host.stopped) == (["interrupted"], "the sweep was interrupted")
    assert set(host.records) <= set(named)
    assert _swept(Host(host.records), tmp_path / "next.jsonl", at_once) == ([], [])


@pytest.mark.parametrize("status", [200, 500])
def test_what_shows_for_a_while_is_looked_at_again(tmp_path: Path, status: int) -> None:
    """A list or a cache may lag behind a deletion, and a host recover; it is asked again after a pause."""

    class Lagging(Host):
        def send(self, call: Call, arguments: Mapping[str, str], **options: Any) -> requests.Response:
            asked = len(self.asked)
            response = super().send(call, arguments, **options)
            if call is SURFACE.resources[0].read and asked == 2:
                response.status_code = status
            return response

    host = Lagging(_ours("a"))

    assert _swept(host, tmp_path / "ledger.jsonl") == ([], [])
    assert host.pauses == [0.25]


def test_somebody_elses_record_is_not_asked_for_again(tmp_path: Path) -> None:
    """No pause makes it ours."""
    host = Host({"a": {"webhookSubscriptionId": "a", "url": "https://crm.example.com/"}})

    assert len(_swept(host, tmp_path / "ledger.jsonl")[0]) == 1
    assert host.pauses == []


def test_what_came_last_is_deleted_first(tmp_path: Path) -> None:
    """A kind that came after another may refer to it."""
    surface, create, _ = _with_another_kind()
    host = Host(_ours("old", "part", "new"))
    with Ledger.create(tmp_path / "ledger.jsonl", RUN, "http://127.0.0.1:1") as ledger:
        for record, name in (("old", CREATE.id), ("part", create.id), ("new", CREATE.id)):
            ledger.made(ledger.intend(name, TENANT, "", marked=True), record)
        sweeper, _ = _sweeper(host, ledger, 1, surface)

        assert sweeper.sweep() == []
    assert [line for line in host.asked if line.startswith("DELETE")] == ["DELETE part", "DELETE old", "DELETE new"]


@pytest.mark.parametrize(("rows", "left"), [([], 0), ([{"webhookSubscriptionId": "old"}], 0), ([{"url": "new"}], 1)])
def test_a_request_without_answer_left_nothing_where_nothing_is_new(
    tmp_path: Path, rows: list[dict[str, str]], left: int
) -> None:
    """A body without a place for a mark can't be looked for; but a list without a new record has none."""

    host = Host({})
    host.listed = (200, {"items": rows, "total": {}})
    with Ledger.create(tmp_path / "ledger.jsonl", RUN, "http://127.0.0.1:1") as ledger:
        ledger.foreign(CREATE.id, frozenset({"old"}))
        ledger.intend(CREATE.id, TENANT, "", marked=False)
        sweeper, _ = _sweeper(host, ledger)

        assert len(sweeper.sweep()) == left


@pytest.mark.parametrize(("newest", "left"), [((), 0), (("new",), 1)])
def test_a_request_without_answer_left_nothing_where_the_newest_rows_are_known(
    tmp_path: Path, newest: tuple[str, ...], left: int
) -> None:
    """A full store isn't read to its end: a new record would be among the newest rows."""
    known = frozenset(f"{page}-{row}" for page in range(1, NEWEST_PAGES + 1) for row in range(50))
    host = Crowded(*newest)
    with Ledger.create(tmp_path / "ledger.jsonl", RUN, "http://127.0.0.1:1") as ledger:
        ledger.foreign(CREATE.id, known)
        ledger.intend(CREATE.id, TENANT, "", marked=False)
        sweeper, _ = _sweeper(host, ledger)

        assert len([line for line in sweeper.sweep() if "had no answer" in line]) == left
