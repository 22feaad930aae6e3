"""Edits of a document: what is put, dropped or renamed, and where. They say the same of a parsed document and of its
text, which `yaml_text` changes line by line."""

from copy import deepcopy
from enum import Enum
from typing import Any, NamedTuple

from mockserver.openapi.structure import Steps, at


class Action(Enum):
    """What an edit does: `PUT` a value under a key, `ADD` one to a list, `DROP` a key or an entry, `RENAME` a key."""

    PUT = "put"
    ADD = "add"
    DROP = "drop"
    RENAME = "rename"


class Edit(NamedTuple):
    """An edit of the mapping or list at the end of `steps`; `key` is that of a mapping, or the entry of a list."""

    action: Action
    steps: Steps
    key: Any
    value: Any = None


def put(steps: Steps, key: str, value: Any) -> Edit:
    """Have a value under a key."""
    return Edit(Action.PUT, steps, key, value)


def drop(steps: Steps, key: Any) -> Edit:
    """Take away a key of a mapping, or an entry of a list."""
    return Edit(Action.DROP, steps, key)


def add(steps: Steps, value: Any) -> Edit:
    """Have one more entry in a list."""
    return Edit(Action.ADD, steps, None, value)


def rename(steps: Steps, key: str, name: str) -> Edit:
    """Have another name in place of a key."""
    return Edit(Action.RENAME, steps, key, name)


def apply(document: Any, edit: Edit) -> None:
    """Edit a parsed document in place. A list that would be empty goes, too."""
    node = at(document, edit.steps)
    if edit.action is Action.PUT:
        node[edit.key] = deepcopy(edit.value)
    elif edit.action is Action.ADD:
        node.append(deepcopy(edit.value))
    elif edit.action is Action.RENAME:
        node[edit.value] = node.pop(edit.key)
    elif isinstance(node, dict):
        del node[edit.key]
    elif len(node) == 1:
        del at(document, edit.steps[:-1])[edit.steps[-1]]
    else:
        node.remove(edit.key)
