"""Documents for the tests of the loader: written to files, loaded, and refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import ContractError
from mockserver.openapi.loading import load

HEAD = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n"  # two lines


EMPTY = HEAD + "paths: {}\n"  # three


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files; return the first."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder / next(iter(files))


def loaded(folder: Path, root: str, **files: str) -> Any:
    """The content of a document whose root is `root`; `a="…"` is the file a.yaml beside it. It needn't be valid."""
    names = {f"{name}.yaml": text for name, text in files.items()}
    return load(write(folder, {"openapi.yaml": root, **names}), check=False).content


def refused(source: str | Path, *, check: bool = True) -> str:
    """The message, without the folder."""
    with pytest.raises(ContractError) as caught:
        load(source, check=check)
    folder = f"{source.parent}/" if isinstance(source, Path) else ""
    return str(caught.value).replace(folder, "") if folder else str(caught.value)


def references(node: Any) -> Iterator[str]:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if key == "$ref":
            yield value
        yield from references(value)


def with_schemas(*entries: str) -> str:
    """A document with one schema per line, from line 6 on."""
    return EMPTY + "components:\n  schemas:\n" + "".join(f"    {entry}\n" for entry in entries)
