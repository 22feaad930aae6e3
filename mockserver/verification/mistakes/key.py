"""The key: the text behind `whsec_`, all of it and nothing else (assumption A44)."""

import binascii
from base64 import b64decode
from collections.abc import Callable, Iterable

from mockserver.signing import SECRET_PREFIX
from mockserver.verification.case import Case, Mistake
from mockserver.verification.computation import Patch, as_bytes

BLANKS = ("\n", "\r\n", " ", "\t")
TEXT = "The key is the text of 64 characters behind `whsec_`, as ASCII bytes; it only looks like hex."


def _bare(secret: str) -> str:
    return secret.strip().strip("\"'").removeprefix(SECRET_PREFIX)


def _keys(*texts: str) -> list[Patch]:
    return [{"key": as_bytes(text)} for text in texts]


def _with_prefix(case: Case) -> list[Patch]:
    return _keys(SECRET_PREFIX + _bare(case.secret))


def _decoded(decode: Callable[[str], bytes]) -> Callable[[Case], Iterable[Patch]]:
    def patches(case: Case) -> list[Patch]:
        try:
            return [{"key": decode(_bare(case.secret))}]
        except (binascii.Error, ValueError):
            return []

    return patches


def _with_blanks(case: Case) -> list[Patch]:
    bare = _bare(case.secret)
    texts = [text for blank in BLANKS for text in (bare + blank, blank + bare, SECRET_PREFIX + bare + blank)]
    return _keys(case.secret.strip().removeprefix(SECRET_PREFIX), *texts)


def _quoted(case: Case) -> list[Patch]:
    bare = _bare(case.secret)
    return _keys(bare, *(f"{quote}{text}{quote}" for quote in "\"'" for text in (bare, SECRET_PREFIX + bare)))


KEY: tuple[Mistake, ...] = (
    Mistake(
        "key-older",
        "an older secret",
        "A rotation takes effect at once: put the secret that the last rotation returned into the receiver.",
        lambda case: _keys(*map(_bare, case.old_secrets)),
    ),
    Mistake(
        "key-prefix-kept",
        "the prefix `whsec_` left in the key",
        "Take `whsec_` off the secret before using it as the key.",
        _with_prefix,
        by_sender=True,
    ),
    Mistake("key-hex-decoded", "the key decoded from hex", TEXT, _decoded(bytes.fromhex), by_sender=True),
    Mistake("key-base64-decoded", "the key decoded from Base64", TEXT, _decoded(b64decode), by_sender=True),
    Mistake(
        "key-whitespace",
        "white space around the secret added or taken away",
        "Strip the secret after reading it from a file or an environment variable.",
        _with_blanks,
    ),
    Mistake(
        "key-quoted",
        "quotes around the secret added or taken away",
        "Take the quotes off: not every reader of `.env` files and no `docker --env-file` does.",
        _quoted,
    ),
    Mistake(
        "key-case",
        "the key in another case",
        "Use the secret as it was shown.",
        lambda case: _keys(_bare(case.secret).upper(), _bare(case.secret).lower()),
    ),
    Mistake(
        "key-empty",
        "an empty key",
        "The secret did not reach the code: look at the name of the environment variable or setting.",
        lambda _: _keys(""),
    ),
)
