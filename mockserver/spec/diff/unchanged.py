"""What is the same in both of two joined documents, to the bottom: most of it, which then needn't be compared."""

import re
from collections.abc import Iterator
from functools import cached_property

from mockserver.openapi.structure import Steps, mapping, steps_of
from mockserver.spec.diff.changes import NEW, OLD, signature
from mockserver.spec.outline import Outline

_REFERENCE = re.compile(r'"\$ref": "(#[^"\\]*)"')
_COMPONENT = 3  # steps to one: components, section, name


class UnchangedParts:
    """Knows which components say the same in both documents, with all that they refer to."""

    def __init__(self, both: Outline) -> None:
        self._both = both

    def of(self, old: Steps, new: Steps) -> bool:
        """Whether two places say the same. False is no proof that they don't."""
        text = signature(self._both.at(old))
        return text == signature(self._both.at(new)) and all(each in self._same for each in _references(text))

    @cached_property
    def _same(self) -> set[Steps]:
        same = {steps: set(_references(text)) for steps, text in self._alike()}
        while broken := [steps for steps, references in same.items() if not references <= same.keys()]:
            for steps in broken:
                del same[steps]
        return set(same)

    def _alike(self) -> Iterator[tuple[Steps, str]]:
        """The components that say the same by themselves."""
        for section, components in mapping(self._both.at((OLD, "components"))).items():
            for name, component in mapping(components).items():
                steps = ("components", section, name)
                text = signature(component)
                if text == signature(self._both.at((NEW, *steps))):
                    yield steps, text


def _references(text: str) -> Iterator[Steps]:
    """The components that a text refers to, or something that is none."""
    return (steps_of(reference)[:_COMPONENT] for reference in _REFERENCE.findall(text))
