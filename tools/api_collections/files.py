"""The files in `collections/`."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from mockserver.openapi.contract import Contract
from tools.api_collections import bruno, building, postman

POSTMAN, BRUNO = "postman.json", "bruno"


def generated(contract: Contract) -> dict[str, str]:
    """The content of each file, by its path below the folder. The same contract gives the same files."""
    made = building.collection(contract)
    found = {POSTMAN: postman.text(made, building.BASE_URL)}
    return found | {f"{BRUNO}/{path}": text for path, text in bruno.files(made, building.BASE_URL).items()}


def write(folder: Path, content: Mapping[str, str]) -> None:
    """Make the folder hold these files and no others."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in content.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8", newline="\n")


def read(folder: Path) -> dict[str, str]:
    """The content of each file in the folder, by its path."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}
