"""`mockserver sweep`: by a ledger, and by marks where it is lost."""

from pathlib import Path

from mockserver.checks.transport.ledger import Ledger
from tests.checks.instance import Instance
from tests.support.commands import Ran, run_here

MARKED = {
    "webhookSubscription": {"eventName": "CustomerRegistered", "url": "https://0a1b2c3d.mockserver-check.invalid/"}
}
PATH = "/api/DEFAULT/webhook/subscription"


def _sweep(folder: Path, *words: str) -> Ran:
    return run_here(folder, "sweep", *words, OL_API_KEY="mock-api-key")


def test_nobody_is_asked_without_a_terminal(tmp_path: Path) -> None:
    """What was found is shown, and nothing is deleted unless --yes was given."""
    with Instance() as instance, instance.client() as http:
        http.post(PATH, json=MARKED).raise_for_status()
        silent = _sweep(tmp_path, "--url", instance.url, "--mark", "--older-than", "0s")
        kept = http.get(PATH).json()["items"]
        agreed = _sweep(tmp_path, "--url", instance.url, "--mark", "0a1b2c3d", "--yes")
        left = http.get(PATH).json()["items"]

    assert (silent.returncode, agreed.returncode, len(kept), left) == (2, 0, 1, [])
    assert "delete: subscription" in silent.stdout
    assert agreed.stdout.endswith("1 deleted.\n")
    assert "--yes" in silent.stderr


def test_what_is_young_stays(tmp_path: Path) -> None:
    """It is told, and is no failure; neither is an instance without any mark."""
    with Instance() as instance, instance.client() as http:
        empty = _sweep(tmp_path, "--url", instance.url, "--mark", "--older-than", "2d")
        http.post(PATH, json=MARKED).raise_for_status()
        young = _sweep(tmp_path, "--url", instance.url, "--mark", "--older-than", "2d", "--yes")
        kept = http.get(PATH).json()["items"]

    assert (empty.returncode, young.returncode, len(kept)) == (0, 0, 1)
    assert empty.stdout == "Nothing was deleted: no record carries the mark of a run.\n"
    assert "stays: subscription" in young.stdout
    assert "less than two minutes old\nNothing was deleted: all 1 stay.\n" in young.stdout


def test_marks_of_any_run_need_an_age(tmp_path: Path) -> None:
    """A run may go on now; and the options of marks aren't for ledgers."""
    any_run = _sweep(tmp_path, "--url", "http://127.0.0.1:9", "--mark")
    ledger = _sweep(tmp_path, "--url", "http://127.0.0.1:9", "--older-than", "2d")

    assert (any_run.returncode, ledger.returncode) == (2, 2)
    assert "Give --older-than" in any_run.stderr
    assert "are for --mark" in ledger.stderr


def test_what_cannot_be_deleted_is_never_said_to_be_gone(tmp_path: Path) -> None:
    """The first sweep lists it, and the next one says how many stay."""
    path = tmp_path / "ledger.jsonl"
    with Instance() as instance:
        with Ledger.create(path, "0a1b2c3d", instance.url) as ledger:
            for record in ("a", "b"):
                ledger.made(ledger.intend("_memberPost", {"storeCode": "DEFAULT"}, "", marked=True), record)
        first, again = (_sweep(tmp_path, "--url", instance.url, "--ledger", str(path)) for _ in range(2))

    assert (first.returncode, first.stdout.endswith("2 may be left.\n")) == (1, True)
    assert (again.returncode, again.stdout) == (0, "Nothing is left to delete; 2 that can't be deleted stay.\n")
