"""The style in which a language writes JSON: how a body changes that is parsed and written again."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from mockserver.webhooks.signature_diagnosis.computation import as_bytes

COMPACT, SPACED, BROKEN = (",", ":"), (", ", ": "), (",", ": ")  # the last where lines are broken
_OUTSIDE_TEXTS = re.compile(rb'("(?:[^"\\]|\\.)*")|\s+|([,:])', re.DOTALL)
_ESCAPED_IN_C_SHARP = re.compile(r"\\(?:u[0-9a-f]{4}|.)|[<>&'+`]")
_ESCAPED_IN_GO = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


@dataclass(frozen=True, slots=True)
class JsonStyle:
    """A style of JSON. The defaults are those of Java, Kotlin and Ruby: no spaces, and as few escapes as possible.

    `whole_numbers` writes 10.0 as 10. `finish` adds the escapes that Python doesn't know.
    """

    separators: tuple[str, str] = COMPACT
    ensure_ascii: bool = False
    sort_keys: bool = False
    indent: int | None = None
    whole_numbers: bool = False
    finish: Callable[[str], str] = str

    def rewrite(self, body: bytes) -> bytes:
        """The body, parsed and written again. Raises ValueError if it is no JSON, RecursionError if it is too deep."""
        document = json.loads(body, parse_float=_whole if self.whole_numbers else None)
        text = json.dumps(
            document,
            ensure_ascii=self.ensure_ascii,
            indent=self.indent,
            separators=self.separators,
            sort_keys=self.sort_keys,
        )
        return as_bytes(self.finish(text))


def respaced(body: bytes, separators: tuple[str, str]) -> bytes:
    """The body with other spaces between its tokens; these stay as they are, with their escapes."""
    comma, colon = map(str.encode, separators)
    between = {b",": comma, b":": colon, None: b""}
    return _OUTSIDE_TEXTS.sub(lambda token: token[1] or between[token[2]], body)


def _whole(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() else number


def _as_php(text: str) -> str:
    return text.replace("/", "\\/")


def _as_go(text: str) -> str:
    return text.translate(_ESCAPED_IN_GO)


def _as_c_sharp(text: str) -> str:
    """Capitals in escapes, and escapes for quotes and what HTML has a use for, the plus of a time zone among it."""
    return _ESCAPED_IN_C_SHARP.sub(lambda found: _c_sharp_escape(found[0]), text)


def _c_sharp_escape(found: str) -> str:
    if found.startswith("\\u"):
        return "\\u" + found[2:].upper()
    if found == '\\"' or len(found) == 1:
        return f"\\u{ord(found[-1]):04X}"
    return found


JAVASCRIPT = JsonStyle(whole_numbers=True)
UNESCAPED = (JsonStyle(), JsonStyle(SPACED))
ESCAPED = (
    JsonStyle(SPACED, ensure_ascii=True),  # Python
    JsonStyle(ensure_ascii=True),  # the same, told to save space
    JsonStyle(ensure_ascii=True, finish=_as_c_sharp),  # System.Text.Json
)
PHP = tuple(JsonStyle(ensure_ascii=ascii_only, whole_numbers=True, finish=_as_php) for ascii_only in (True, False))
SORTED = (
    JsonStyle(SPACED, ensure_ascii=True, sort_keys=True),  # Python, where it is asked for
    JsonStyle(sort_keys=True),  # Rust: serde_json's Value
    JsonStyle(sort_keys=True, whole_numbers=True, finish=_as_go),  # Go, from a map
)
INDENTED = tuple(
    JsonStyle(BROKEN, ensure_ascii=ascii_only, indent=spaces) for ascii_only in (False, True) for spaces in (2, 4)
)
