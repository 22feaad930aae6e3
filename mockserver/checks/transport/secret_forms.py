"""Forms of a secret that no escape makes: its bytes, and what base64 makes of them; and a pattern for many of them."""

import re
from base64 import b64encode
from collections.abc import Iterator
from json import dumps


def in_bytes(value: str) -> set[bytes]:
    """The bytes of a text, and of its forms in JSON, of which base64 is made."""
    forms = {value, dumps(value)[1:-1], dumps(value, ensure_ascii=False)[1:-1]}
    forms |= {form.replace("/", "\\/") for form in forms}
    content = {form.encode("utf-8", "surrogatepass") for form in forms}
    return content | ({value.encode("latin-1")} if all(ord(char) < 256 for char in value) else set())  # noqa: PLR2004 (of Latin-1)


def cores(content: bytes) -> Iterator[str]:
    """The base64 characters that depend on the secret alone, for each of the three alignments."""
    for shift in range(3):
        encoded = b64encode(b"\0" * shift + content).decode()
        yield encoded[-(-8 * shift // 6) : 8 * (shift + len(content)) // 6]


def either(words: list[str]) -> str:
    """A pattern for any of these words, which are sorted; what they begin with is looked at once."""
    branches = []
    for first in dict.fromkeys(word[0] for word in words):
        rest = [word[1:] for word in words if word[0] == first]
        longer = [word for word in rest if word]
        inner = f"(?:{either(longer)})" if longer else ""
        branches.append(re.escape(first) + (f"{inner}?" if inner and "" in rest else inner))
    return "|".join(branches)
