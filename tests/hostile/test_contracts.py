"""Hostile contracts: each is refused, or served, linted and compared, within the memory and time that others take."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time  # noqa: TID251 (a bound for the processor's time)

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import load
from mockserver.settings import Settings
from mockserver.spec.diff import compare
from mockserver.spec.lint import lint
from mockserver.spec.subsumption import MessageSchemas
from mockserver.world import World
from tests.hostile import contracts

REFUSED, SERVED, ANCHORED = dict(contracts.refused()), dict(contracts.served()), dict(contracts.anchored())
EXAMINED = [name for name in SERVED if name != "each other crosswise"]  # which takes its time to be given up
MOST_SECONDS = 5.0  # of the processor
MOST_MEGABYTES = 256
READ_ALL = """
import pathlib, re, resource, sys
from mockserver.errors import ContractError
from mockserver.spec.lint import lint
paths = list(pathlib.Path(sys.argv[1]).iterdir())
for path in paths:
    try:
        lint(path)
    except ContractError:
        pass
status = pathlib.Path("/proc/self/status")  # ru_maxrss begins with the size of the process that started this one
most = re.search(r"VmHWM:\\s+(\\d+)", status.read_text()) if status.exists() else None
print(len(paths), int(most[1] if most else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) // 1024)
"""
BODIES = ("{}", '{"a":{"a":{"a":{"b":1}}},"b":{"k":2}}', "[[[1],[2]],[[3]]]", '"a"', "1")


def _written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


@contextmanager
def _soon() -> Iterator[None]:
    """What happens inside must not take long."""
    started = process_time()
    yield
    assert process_time() - started < MOST_SECONDS


@pytest.mark.parametrize("name", REFUSED)
def test_what_grows_without_measure_is_refused(tmp_path: Path, name: str) -> None:
    """A contract that doubles with each level is refused with its line, whoever reads it."""
    path = _written(tmp_path, "openapi.json", REFUSED[name])

    with _soon(), pytest.raises(ContractError, match=r"openapi\.json:1: ") as refused:
        load(path, check=False)

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ANCHORED)
def test_anchors_without_measure_are_refused(tmp_path: Path, name: str) -> None:
    """Anchors and merges count with all that they bring in, before it is made."""
    path = _written(tmp_path, "openapi.yaml", ANCHORED[name])

    with (
        _soon(),
        pytest.raises(ContractError, match=r"openapi\.yaml:\d+: with its anchors written out, this has over "),
    ):
        load(path, check=False)


@pytest.mark.parametrize("name", SERVED)
def test_what_only_looks_like_it_is_served(tmp_path: Path, name: str) -> None:
    """Examples of it are made and bodies judged in time, and the mock doesn't fail."""
    contract = Contract.load(_written(tmp_path, "openapi.json", SERVED[name]))

    with _soon(), TestClient(create_app(World.build(Settings(seed=1, cache_dir=""), contract))) as client:
        json = {"Content-Type": "application/json"}
        answers = [client.post("/a", content=body, headers=json) for body in BODIES]

    assert {answer.status_code for answer in answers} <= {200, 400}


@pytest.mark.parametrize("name", EXAMINED)
def test_what_only_looks_like_it_is_examined(tmp_path: Path, name: str) -> None:
    """It is linted and compared in time, too."""
    old = _written(tmp_path, "old.json", SERVED[name])
    new = _written(tmp_path, "new.json", SERVED[name].replace('"string"', '"integer"'))

    with _soon():
        lint(old)
        compare(load(old, check=False).content, load(new, check=False).content)


def test_what_is_too_involved_is_given_up(tmp_path: Path) -> None:
    """Whether anything fits a schema can't always be told, and that is known in time."""
    text = SERVED["each other crosswise"]
    document = load(_written(tmp_path, "openapi.json", text), check=False).content

    with _soon():
        assert not MessageSchemas(document, requests=True).is_unsatisfiable({"$ref": "#/components/schemas/S0"})


def test_no_contract_takes_much_memory(tmp_path: Path) -> None:
    """A process that reads all of them, and lints those that are served, doesn't grow beyond what others need."""
    for number, text in enumerate([*REFUSED.values(), *ANCHORED.values(), *(SERVED[name] for name in EXAMINED)]):
        _written(tmp_path, f"{number}.yaml", text)

    run = subprocess.run([sys.executable, "-c", READ_ALL, tmp_path], capture_output=True, text=True, check=True)  # noqa: S603 (our own code)
    read, megabytes = map(int, run.stdout.split())

    assert read == len(REFUSED) + len(ANCHORED) + len(EXAMINED)
    assert megabytes < MOST_MEGABYTES
