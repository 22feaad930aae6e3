"""mockserver.pipeline.json_pieces: a large object, cut into pieces, says what it says as a whole."""

import random  # noqa: TID251 (texts, the same in every run)
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from mockserver.pipeline.json_pieces import LONGEST_VALUE, Items, members

DEEPEST = 10
TEXTS = ("", "a", "é\\u20ac", '\\"', "\\\\", "[{]},:", "\\n\\t", "\\ud83d\\ude00", " ")


def _joined(text: bytes, piece: int = 1) -> dict[str, Any]:
    """All members, put together again."""
    whole: dict[str, Any] = {}
    for name, value in members(text, DEEPEST, piece):
        if isinstance(value, Items):
            whole.setdefault(name, []).extend(value)
        else:
            whole[name] = value
    return whole


def _space(chance: random.Random) -> str:
    return chance.choice(("", "", " ", "\n\t "))


def _written(chance: random.Random, levels: int) -> str:
    """A JSON value as somebody may write it, spaces included."""
    kind = chance.randrange(5 if levels else 3)
    inner = [_written(chance, levels - 1) for _ in range(chance.randrange(5))] if kind > 2 else []
    if kind == 4:
        inner = [f'"{number}{chance.choice(TEXTS)}"{_space(chance)}:{value}' for number, value in enumerate(inner)]
    text = {
        0: chance.choice(("0", "-1.5e3", "12345678901234567890123", "true", "false", "null")),
        1: f'"{chance.choice(TEXTS)}"',
        2: chance.choice(("[]", "{}", "[ ]", "{\n}")),
        3: f"[{','.join(inner)}]",
        4: f"{{{','.join(inner)}}}",
    }[kind]
    return _space(chance) + text + _space(chance)


def _objects(count: int) -> Iterator[bytes]:
    chance = random.Random(1)  # noqa: S311 (nobody's secret)
    for _ in range(count):
        names = [f'"{number}{chance.choice(TEXTS)}"{_space(chance)}:{_written(chance, 4)}' for number in range(4)]
        yield f"{_space(chance)}{{{','.join(names)}}}{_space(chance)}".encode()


def test_pieces_say_what_the_whole_says() -> None:
    """Whatever an object holds and however it is spaced, its pieces put together are what the JSON library reads."""
    for text in _objects(300):
        assert _joined(text) == _joined(text, 30) == orjson.loads(text), text


def _judged(text: bytes) -> object:
    """What the JSON library makes of a text; None if it is no object."""
    try:
        whole = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return whole if isinstance(whole, dict) else None


def test_damaged_text_is_refused() -> None:
    """A text in which a character was lost, changed or added says the same as to the JSON library, or is refused where
    that refuses it; a member that stands twice is refused besides."""
    chance = random.Random(2)  # noqa: S311 (nobody's secret)
    refused = 0
    for text in _objects(1_000):
        place, mark = chance.randrange(len(text)), bytes([chance.choice(b'{}[],:"\\ 0a\x00\xff')])
        damaged = text[:place] + chance.choice((b"", mark)) + text[place + chance.randrange(2) :]
        try:
            read: object = _joined(damaged)
        except ValueError as error:
            refused += 1
            read = _judged(damaged) if "twice" in str(error) else None
        assert read == _judged(damaged), damaged

    assert 300 < refused < 900


BROKEN: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is missing"),
    "a list": (b"[1]", "is missing"),
    "two objects": (b"{}{}", "something follows"),
    "no name": (b"{1:2}", "the name of a member is missing"),
    "a comma too many": (b'{"a":[1,]}', "a value is missing"),
    "no end": (b'{"a":[{"b":1}', "is missing"),
    "no end of a text": (b'{"a":"b', "ends too early"),
    "no end of a name": (b'{"a', "ends too early"),
    "two commas": (b'{"a":[1,,2]}', "a value is missing"),
    "a comma first": (b'{"a":[,1]}', "a value is missing"),
    "no value": (b'{"a":,"b":1}', "a value is missing"),
    "no last value": (b'{"a":}', "a value is missing"),
    "a bracket of another kind": (b'{"a":[1,}', "a value is missing"),
    "twice": (b'{"a":[1],"a":[2]}', "the member a stands twice"),
    "too deep": (b'{"a":[' + b"[" * 9 + b"]" * 9 + b"]}", "nested more than 10 levels"),
    "never closed": (b'{"a":[' + b"[" * 99_999, "nested more than 10 levels"),
    "a long text": (b'{"a":"' + b"b" * LONGEST_VALUE + b'"}', "a value of more than 8388608 bytes"),
    "a long name": (b'{"' + b"b" * LONGEST_VALUE + b'":1}', "a value of more than 8388608 bytes"),
    "a long row": (b'{"a":[{"b":"' + b"b" * LONGEST_VALUE + b'"}]}', "a value of more than 8388608 bytes"),
    "a long number": (b'{"a":' + b"1" * (LONGEST_VALUE + 1) + b"}", "a value of more than 8388608 bytes"),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=BROKEN)
def test_broken_text_is_refused_in_words(text: bytes, words: str) -> None:
    """What is no object, or too large a piece of one, is refused in words that say what is wrong."""
    with pytest.raises(ValueError, match=words):
        _joined(text)


@pytest.mark.parametrize("text", ['{"a":[1,,2]}', '{"a":,"b":1}', '{"a":}', "{1:2}", '{"a":1 "b":2}', '{"a":[1 2]}'])
def test_error_is_the_same_in_a_large_text(text: str) -> None:
    """What is wrong is told by what stands there, however much follows it."""
    told = []
    for more in ("", " " * (LONGEST_VALUE + 1)):
        with pytest.raises(ValueError, match="not valid JSON") as caught:
            _joined((text + more).encode())
        told.append(str(caught.value))

    assert told[0] == told[1]


def test_depth_is_that_of_the_whole() -> None:
    """As many levels as are allowed are fine, the object and its lists counted."""
    text = b'{"a":[' + b"[" * 8 + b"]" * 8 + b'],"b":' + b"[" * 9 + b"]" * 9 + b"}"

    assert _joined(text) == orjson.loads(text)


def test_pieces_are_small() -> None:
    """A long list comes in pieces of the size that was asked for, whatever its items are."""
    for item in (b'{"a":"b"}', b"12345678", b'"]},{[\\""'):
        text = b'{"a":[' + b",".join([item] * 5_000) + b"]}"

        lengths = [len(orjson.dumps(value)) for _, value in members(text, DEEPEST, 1_000)]

        assert 40 < len(lengths) < 60
        assert max(lengths) < 1_100
