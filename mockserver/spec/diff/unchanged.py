"""Unchanged parts of two joined documents: usually most of them, which need no comparison."""

import re
from collections.abc import Iterator
from functools import cached_property

from mockserver.openapi.structure import Steps, mapping, steps_of
from mockserver.spec.diff.changes import NEW, OLD, signature
from mockserver.spec.outline import Outline

_REFERENCE = re.compile(r'"\$ref": "(#[^"\\]*)"')
_COMPONENT = 3  # steps to one: components, section, name


class UnchangedParts:
    """The components that are equal in both documents, with everything that they refer to."""

    def __init__(self, both: Outline) -> None:
        self._both = both

    def of(self, old: Steps, new: Steps) -> bool:
        """Whether two places certainly hold the same. False doesn't prove a difference."""
        text = signature(self._both.at(old))
        return text == signature(self._both.at(new)) and all(each in self._equal for each in _references(text))

    @cached_property
    def _equal(self) -> set[Steps]:
        same = {steps: set(_references(text)) for steps, text in self._equal_texts()}
        while broken := [steps for steps, references in same.items() if not references <= same.keys()]:
            for steps in broken:
                del same[steps]
        return set(same)

    def _equal_texts(self) -> Iterator[tuple[Steps, str]]:
        """The components whose own text is equal in both documents."""
        for section, components in mapping(self._both.at((OLD, "components"))).items():
            for name, component in mapping(components).items():
                steps = ("components", section, name)
                text = signature(component)
                if text == signature(self._both.at((NEW, *steps))):
                    yield steps, text


def _references(text: str) -> Iterator[Steps]:
    """The first steps of all references in a text: the components that it refers to."""
    return (steps_of(reference)[:_COMPONENT] for reference in _REFERENCE.findall(text))
