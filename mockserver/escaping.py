"""What strangers wrote, shown without harm: on a terminal, in a log, in an error.

Whatever a command prints passes `visible`, by `terminal` and by `screen`; whatever is logged, by `logs`.
"""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from rich.console import Console

MASK = "********"
_USER = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:)?(//)?[^/?#]*@")
_VALUE = re.compile(r"((?:^|&)(?:[^=&#]*+=)?+)[^&#]++")
_FRAGMENT = re.compile("#.+", re.DOTALL)
_HOST_AND_PORT = re.compile(r"(localhost|[0-9.]+|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?", re.IGNORECASE)  # no user name
_ANYTHING = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:)?(//)?.*@", re.DOTALL)


def visible(text: str, kept: str = "") -> str:
    """A text without what could steer a terminal or forge a line, or has no place in XML: control characters (C1 too),
    line breaks, marks that turn the direction of writing, and halves of surrogate pairs become escapes such as `\\x1b`.
    Those in `kept` stay: a line feed in a text of several lines."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in kept else char.encode("unicode_escape").decode() for char in text
    )


def masked(url: str) -> str:
    """A URL without what may be secret in it: the values of its query, its fragment, user name and password; a token
    may stand in place of either. Of what is no URL, all up to the last `@` may be one of them, and so where what looks
    like the host may be a user name, as one does before a password with a slash in it."""
    shown = (_USER if _is_plain(url) else _ANYTHING).sub(rf"\1\2{MASK}@", url)
    address, mark, query = shown.partition("?")
    return _FRAGMENT.sub(f"#{MASK}", address + mark + _VALUE.sub(rf"\1{MASK}", query))


def masked_source(name: str) -> str:
    """The path or URL of a contract for people: a URL masked, a path as it is."""
    return masked(name) if name.lower().startswith(("http:", "https:")) else name


def screen(**options: Any) -> "Console":
    """A rich console that prints nothing but visible lines, takes no markup, and breaks no lines. `options` are rich's.

    This is the net below `visible`: in texts with styles, which are tied to places, what isn't printable becomes a
    replacement character.
    """
    from rich.console import Console
    from rich.text import Text

    def harmless(thing: object) -> object:
        if isinstance(thing, Text):
            plain = "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in thing.plain)
            return thing if plain == thing.plain else Text(plain, spans=thing.spans, style=thing.style)
        return Text(visible(str(thing), kept="\n"))

    class Screen(Console):
        def print(self, *objects: Any, **how: Any) -> None:
            super().print(*map(harmless, objects), **how)

    return Screen(**{"highlight": False, "markup": False, "emoji": False, "soft_wrap": True} | options)


def _is_plain(text: str) -> bool:
    """Whether it is a URL whose host nobody could take for a user name."""
    try:
        parts = urlsplit(text)
        if parts.port is None and not (parts.scheme and parts.hostname):
            return False
    except ValueError:
        return False
    host = parts.netloc.rpartition("@")[2]
    is_told = "." in host and ":" not in host
    return is_told or "@" not in "".join(parts[2:]) or bool(_HOST_AND_PORT.fullmatch(host))
