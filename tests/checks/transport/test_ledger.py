"""The ledger: what may be left behind, whatever ended the run."""

from pathlib import Path

import pytest

from mockserver.checks.transport.ledger import Ledger, LedgerHistory, read
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError

TENANT = {"storeCode": "DEFAULT"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger in a folder that isn't there yet."""
    return tmp_path / "reports" / "ledger.jsonl"


def test_an_intent_is_on_disk_before_its_request(path: Path) -> None:
    """Somebody else who reads the file at that moment sees the intent."""
    with Ledger.create(path, "0a1b2c3d", "http://127.0.0.1:1") as ledger:
        ledger.intend("create", TENANT, "now", marked=True)
        (intent,) = read(path).remaining

    assert (intent.operation, intent.arguments, intent.settled) == ("create", TENANT, False)


def test_what_is_gone_is_forgotten(path: Path) -> None:
    """A record that was made remains until it is gone; a refusal leaves nothing."""
    with Ledger.create(path, "0a1b2c3d", "http://127.0.0.1:1") as ledger:
        ledger.made(ledger.intend("create", TENANT, "", marked=True), "id1")
        ledger.made(ledger.intend("create", TENANT, "", marked=True), "id2")
        ledger.nothing(ledger.intend("create", TENANT, "", marked=True), 400)
        ledger.gone("create", TENANT, "id1")

    assert [intent.record for intent in read(path).remaining] == ["id2"]


def test_an_id_may_be_there_twice(path: Path) -> None:
    """What is gone in one store, or was created by one operation, remains where the same id is another record."""
    places = [("create", TENANT), ("create", {"storeCode": "OTHER"}), ("make", TENANT)]
    with Ledger.create(path, "0a1b2c3d", "http://127.0.0.1:1") as ledger:
        for operation, tenant in places:
            ledger.made(ledger.intend(operation, tenant, "", marked=True), "1")
        ledger.gone("create", TENANT, "1")

    assert [(one.operation, one.arguments) for one in read(path).remaining] == places[1:]


def test_two_runs_do_not_share_a_ledger(path: Path) -> None:
    """The second one is refused, and so is a sweep of a run that goes on; what the first writes stays."""
    with Ledger.create(path, "0a1b2c3d", "http://127.0.0.1:1") as ledger:
        with pytest.raises(SettingsError, match="give another --ledger"):
            Ledger.create(path, "11112222", "http://127.0.0.1:1")
        with pytest.raises(SettingsError, match="Another run or sweep writes to the ledger"):
            Ledger.reopened(path)
        ledger.intend("create", TENANT, "now", marked=True)

    assert (read(path).run, len(read(path).remaining), len(list(path.parent.iterdir()))) == ("0a1b2c3d", 1, 1)
    Ledger.create(path, "11112222", "http://127.0.0.1:1").close()


def test_what_is_held_is_not_emptied(path: Path) -> None:
    """A run that comes between another's looking and opening is safe: its file is emptied by nobody."""
    history = LedgerHistory("11112222", "http://127.0.0.1:1", {})
    with Ledger.create(path, "0a1b2c3d", "http://127.0.0.1:1") as ledger:
        ledger.intend("create", TENANT, "now", marked=True)
        written = path.read_bytes()
        for new in (history, None):
            with pytest.raises(SettingsError, match="Another run or sweep writes to the ledger"):
                Ledger(path, str, new)
        assert path.read_bytes() == written

    with pytest.raises(SettingsError, match="Another run or sweep writes to the ledger"):
        Ledger(path, str, history)  # that run has ended, and left something
    assert path.read_bytes() == written


def test_a_ledger_is_read_when_it_is_held(path: Path) -> None:
    """What the last one who held it wrote is known to the next one, who writes behind it."""
    with Ledger.create(path, "0a1b2c3d", "http://127.0.0.1:1") as ledger:
        ledger.made(ledger.intend("create", TENANT, "", marked=True), "id1")
    with Ledger.reopened(path) as ledger:
        ledger.gone("create", TENANT, "id1")

    assert path.read_text("utf-8").splitlines()[-1] == '{"gone": 1}'
    with Ledger.create(path, "11112222", "http://127.0.0.1:1"):
        assert len(path.read_text("utf-8").splitlines()) == 1


def test_half_a_line_is_no_harm(path: Path) -> None:
    """A process that dies while it writes leaves a ledger that can be read, and written on."""
    with Ledger.create(path, "0a1b2c3d", "http://127.0.0.1:1") as ledger:
        ledger.made(ledger.intend("create", TENANT, "", marked=True), "id1")
    path.write_text(path.read_text("utf-8") + '{"made": 2, "i', "utf-8")

    with Ledger.reopened(path) as ledger:
        ledger.gone("create", TENANT, "id1")

    assert read(path).remaining == []
    assert read(path).run == "0a1b2c3d"


def test_a_ledger_that_is_needed_is_kept(path: Path) -> None:
    """A new run doesn't overwrite what still has to be swept."""
    with Ledger.create(path, "0a1b2c3d", "http://127.0.0.1:1") as ledger:
        ledger.intend("create", TENANT, "", marked=True)
    with Ledger.create(path, "4e5f6a7b", "http://127.0.0.1:1") as second:
        kept = second.kept_aside

    assert kept == path.with_name("ledger-0a1b2c3d.jsonl")
    assert len(read(path.with_name("ledger-0a1b2c3d.jsonl")).remaining) == 1


@pytest.mark.parametrize("content", ["", "{}", "no ledger", '{"openapi": "3.0.3"}'])
def test_other_files_are_no_ledgers(tmp_path: Path, content: str) -> None:
    """A sweep by the wrong file is refused in words."""
    path = tmp_path / "file"
    path.write_text(content, "utf-8")

    with pytest.raises(SettingsError, match="no ledger"):
        read(path)


def test_a_ledger_holds_no_secret(path: Path) -> None:
    """Whatever a target calls an id, and a generator an argument; the run itself still knows it."""
    secret = "whsec_" + "0123456789abcdef" * 4
    with Ledger.create(path, "0a1b2c3d", "http://127.0.0.1:1") as ledger:
        ledger.redact = Secrets(Credentials("admin", "correct horse")).redact
        ledger.foreign("create", frozenset({secret, "id1"}))
        ledger.made(ledger.intend("create", {"storeCode": "correct horse"}, "now", marked=True), secret)

    assert not {word for word in (secret, "correct horse") if word in path.read_text("utf-8")}
    assert read(path).foreign == {("create", "$OL_SECRET"), ("create", "id1")}
    assert ledger.history.was_there("create", secret)


def test_what_was_there_is_of_its_kind(path: Path) -> None:
    """Where ids are counted, those of another kind say nothing; an old ledger tells no kind: its ids are of each."""
    with Ledger.create(path, "0a1b2c3d", "http://127.0.0.1:1") as ledger:
        ledger.foreign("make partners", frozenset({"1"}))
    told = [read(path).was_there(creator, "1") for creator in ("make partners", "make banks")]
    path.write_text(path.read_text("utf-8").replace(', "of": "make partners"', ""), "utf-8")

    assert told == [True, False]
    assert read(path).was_there("make banks", "1")
