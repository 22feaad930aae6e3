"""The values of a request: examples of the contract, with variables where a run needs values of its own."""

import re
from typing import Any

from mockserver.openapi.resources import Call, Link, Surface

RECEIVER = "receiverUrl"
_ADDRESS = re.compile(r"https?://[^/?#]*(?=[/?#]|$)")
_FROM_RESPONSE = re.compile(r"\$response\.body#((?:/[^/]+)+)$")
_FROM_PATH = re.compile(r"\$request\.path\.(\w+)$")
# Who creates a record that can't be deleted may send these once: the names that end so, and what makes them new.
_ONCE = {"email": "{name}+{{{{$guid}}}}{domain}", "phone": "{start}{{{{$timestamp}}}}", "number": "{all}-{{{{$guid}}}}"}
_COUNTRY = 3  # characters of a phone number that stay


class Names:
    """The names of the variables. What belongs to the first login has none before it; another's has that of its
    users, such as `member` in `memberToken`."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def of(self, source: Call, name: str) -> str:
        """The variable for a property, sent to or returned by an operation."""
        return camel_case(self._users(source) + name)

    def _users(self, source: Call) -> str:
        """Whose tokens the operation issues; empty for the first login and for what issues none."""
        for login in self._surface.logins[1:]:
            if source in (login, self._surface.refresh_of(login)):
                return login.path.strip("/").split("/")[-2] + "_"
        return ""

    def supplied(self, call: Call, parameter: str) -> str | None:
        """The variable for a parameter of a path that a response supplies; None if none does."""
        for link in self._surface.links:
            found = _FROM_RESPONSE.match(link.parameters.get(parameter, "")) if link.target == call.id else None
            if found:
                return self.of(self._surface.calls[link.source], steps(found[1])[-1])
        return None

    def of_expression(self, link: Link, text: str) -> str | None:
        """The variable that a runtime expression of a link stands for; None if the text is no such expression."""
        source = self._surface.calls[link.source]
        if found := _FROM_RESPONSE.match(text):
            return self.of(source, steps(found[1])[-1])
        found = _FROM_PATH.match(text)
        return (self.supplied(source, found[1]) or found[1]) if found else None


def camel_case(name: str) -> str:
    """The name in one word, as variables have it."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", name) if word]
    return words[0] + "".join(word[0].upper() + word[1:] for word in words[1:])


def handed_on(link: Link) -> list[tuple[str, ...]]:
    """What a link takes from the response's body, each as the steps to it."""
    found = (_FROM_RESPONSE.match(text) for text in _texts([link.parameters, link.body]))
    return [steps(match[1]) for match in found if match]


def steps(pointer: str) -> tuple[str, ...]:
    """The steps of a JSON pointer."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def reference(variable: str) -> str:
    """The place of a variable, as both clients write it."""
    return f"{{{{{variable}}}}}"


def linked(value: Any, link: Link, names: Names) -> Any:
    """A link's body with variables in place of its expressions."""
    if isinstance(value, str):
        variable = names.of_expression(link, value)
        return reference(variable) if variable else value
    return _each(value, lambda _, item: linked(item, link, names))


def received(value: Any) -> Any:
    """A body whose addresses lead to the receiver of whoever runs the collection."""
    if isinstance(value, str):
        return _ADDRESS.sub(reference(RECEIVER), value, count=1) if _ADDRESS.match(value) else value
    return _each(value, lambda _, item: received(item))


def unique(value: Any) -> Any:
    """A body whose identifying texts are others each time it is sent."""
    return _each(value, lambda name, item: _once(name, item) if isinstance(item, str) else unique(item))


def _once(name: str, text: str) -> str:
    form = next((form for end, form in _ONCE.items() if name.lower().endswith(end)), None)
    if form is None or text.startswith("{{"):
        return text
    user, at, domain = text.rpartition("@")
    return form.format(all=text, start=text[:_COUNTRY], name=user, domain=at + domain)


def _each(value: Any, change: Any) -> Any:
    """The value with each of its members changed; what has none stays as it is."""
    if isinstance(value, dict):
        return {name: change(name, item) for name, item in value.items()}
    if isinstance(value, list):
        return [change("", item) for item in value]
    return value


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in items for text in _texts(item)]
