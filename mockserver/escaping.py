"""Escaping of untrusted text for a terminal, a log or an error message, and masking of secrets.

All output of commands passes `visible`, through `cli.terminal` and `screen`; all log lines pass it in `logs`.
"""

import re
from collections.abc import Container
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlsplit

if TYPE_CHECKING:
    from rich.console import Console

MASK = "********"  # what is shown of a secret
# Names of secrets in headers, JSON, forms and queries alike. Of a name only letters and digits are compared, in lower
# case: those that end so, and those that are so.
SECRET_ENDINGS = (
    *("apikey", "authorization", "jwt", "pass", "passwd", "password", "privatekey", "secret", "secretkey"),
    *("sessionid", "token"),
)
SECRET_NAMES = frozenset(
    {"cookie", "headervalue", "otp", "pin", "queueencryptionkey", "queuekey", "setcookie", "sig", "signature"}
    | {"xswitchuser"}  # which tells who acts
)
SHOWN_NAMES = frozenset({"compass", "referraltoken", "referrertoken"})  # which end so, and let nobody in
# Of a query or a form: in JSON, a key is that of a label, and a code that of an error or a coupon.
SECRET_PARAMETERS = frozenset({"code", "key", "xamzsignature", "xgoogsignature"})
_LONGEST_NAME = 100  # characters of a name that are compared, from its end
_MOST_ENCODINGS = 3  # one on the other
# Patterns that only some texts need are compiled with the first of those.
_USER = r"^([A-Za-z][A-Za-z0-9+.-]*:)?(//)?[^/?#]*@"
_VALUE = r"((?:^|&)(?:[^=&#]*+=)?+)[^&#]++"
_FRAGMENT = "(?s)#.+"
_HOST_AND_PORT = r"(?i)(localhost|[0-9.]+|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?"  # no user name
# What is secret by its shape, in any text. None of them is searched from each place of a long run of characters.
_USER_INFO = r"//[^\s/?#\"'<>\\]+@"
_PARAMETER = r"([?&;#])([^\s=&#?\"'<>;]{1,100}=[^\s&#\"'<>;]+)"
_WEB_TOKEN = r"(?<![\w-])eyJ[\w-]+\.[\w-]+(?:\.[\w-]*){0,3}"  # noqa: S105 (a pattern)
_BEARER = r"(?i)\b(bearer[ \t]{1,8})(?=[^\s\"]{0,200}\d|[^\s\"]{16})[\w.~+/-]+=*"
_ANYTHING = r"(?s)^([A-Za-z][A-Za-z0-9+.-]*:)?(//)?.*@"


def visible(text: str, kept: str = "") -> str:
    """A text that can neither control a terminal nor forge a line, and is allowed in XML: control characters (C1 too),
    line breaks, bidirectional marks and lone surrogates become escapes such as `\\x1b`. Characters in `kept` stay, such
    as a line feed in a text of several lines."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in kept else char.encode("unicode_escape").decode() for char in text
    )


def masked(url: str) -> str:
    """A URL with its possible secrets masked: query values, fragment, user name and password. If the text is no valid
    URL, or its host may be a user name (as before a password with a slash in it), all up to the last `@` is masked."""
    shown = re.sub(_USER if _is_plain(url) else _ANYTHING, rf"\1\2{MASK}@", url)
    address, mark, query = shown.partition("?")
    return re.sub(_FRAGMENT, f"#{MASK}", address + mark + re.sub(_VALUE, rf"\1{MASK}", query))


def is_secret(name: str) -> bool:
    """Whether the value of a header, property, field or parameter of this name is secret."""
    plain = name[-_LONGEST_NAME:].lower()
    if not plain.isalnum():
        plain = "".join(filter(str.isalnum, plain))
    return (plain.endswith(SECRET_ENDINGS) and plain not in SHOWN_NAMES) or plain in SECRET_NAMES


def masked_query(text: str, keys: Container[str] = ()) -> str:
    """A query, or a form, with its secret values masked; all else stays as it was sent. `keys` are further secret
    names, in lower case."""
    return "&".join([_masked_field(field, keys) for field in text.split("&")])


def masked_header(name: str, value: str, keys: Container[str] = ()) -> str:
    """The value of a header, masked if its name is that of a secret; in any other the query and the fragment of a URL
    are masked as `masked_query` does, and the rest as `masked_shapes` does."""
    if is_secret(name):
        return MASK
    address, *parts = re.split("([?#])", value)
    return masked_shapes(address + "".join([masked_query(part, keys) for part in parts]))


def masked_shapes(text: str) -> str:
    """A text without what is secret by its shape, whatever its name: user names and passwords in URLs, secret
    parameters of their queries, JSON web tokens, and what follows `Bearer`."""
    if "//" in text:
        text = re.sub(_USER_INFO, f"//{MASK}@", text)
    if "=" in text:
        text = re.sub(_PARAMETER, lambda found: found[1] + _masked_field(found[2], ()), text)
    if "eyJ" in text:
        text = re.sub(_WEB_TOKEN, MASK, text)
    return re.sub(_BEARER, rf"\1{MASK}", text)


def decoded(text: str) -> str:
    """A text without its percent-encodings, even if they were encoded in their turn."""
    for _ in range(_MOST_ENCODINGS):
        plain = unquote_plus(text)
        if plain == text:
            break
        text = plain
    return text


def _masked_field(field: str, keys: Container[str]) -> str:
    name, equals, value = field.partition("=")
    if not (equals and value):
        return field
    plain = decoded(name)
    steps = plain.replace("]", "").replace(".", "[").split("[")  # member[password], member.password
    letters = "".join(filter(str.isalnum, plain[-_LONGEST_NAME:].lower()))
    is_hidden = plain.lower() in keys or letters in SECRET_PARAMETERS or any(map(is_secret, steps))
    return f"{name}={MASK}" if is_hidden else field


def masked_source(name: str) -> str:
    """Path or URL of a contract for people: a URL masked, a path unchanged."""
    return masked(name) if name.lower().startswith(("http:", "https:")) else name


def screen(**options: Any) -> "Console":
    """A rich console that prints visible characters only, without markup or line wrapping. `options` are rich's.

    It is the safety net below `visible`: in styled texts, whose styles depend on positions, an unprintable character
    becomes a replacement character.
    """
    from rich.console import Console, NewLine
    from rich.control import Control
    from rich.text import Text

    def harmless(thing: object) -> object:
        if isinstance(thing, Control | NewLine):
            return thing  # what draws anew in its place
        if isinstance(thing, Text):
            plain = "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in thing.plain)
            return thing if plain == thing.plain else Text(plain, spans=thing.spans, style=thing.style)
        return Text(visible(str(thing), kept="\n"))

    class EscapingConsole(Console):
        def print(self, *objects: Any, **how: Any) -> None:
            super().print(*map(harmless, objects), **how)

    return EscapingConsole(**{"highlight": False, "markup": False, "emoji": False, "soft_wrap": True} | options)


def _is_plain(text: str) -> bool:
    """Whether a text is a URL whose host can't be a user name."""
    try:
        parts = urlsplit(text)
        if parts.port is None and not (parts.scheme and parts.hostname):
            return False
    except ValueError:
        return False
    host = parts.netloc.rpartition("@")[2]
    is_domain = "." in host and ":" not in host
    return is_domain or "@" not in "".join(parts[2:]) or bool(re.fullmatch(_HOST_AND_PORT, host))
