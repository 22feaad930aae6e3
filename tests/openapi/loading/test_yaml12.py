"""mockserver.openapi.loading.yaml12: values by YAML 1.2, anchors within bounds, and bad YAML by its line."""

from pathlib import Path

import pytest

from tests.openapi.loading.documents import EMPTY, loaded, refused, write


def test_keys_are_strings(tmp_path: Path) -> None:
    """A status code without quotes is a string, and so is every other key, as it is written."""
    content = loaded(
        tmp_path, EMPTY + "x-keys: {200: a, 2XX: a, on: a, null: a, 1.0: a, 2020-01-01: a, true: a, ~: a}\n"
    )

    assert list(content["x-keys"]) == ["200", "2XX", "on", "null", "1.0", "2020-01-01", "true", "~"]


@pytest.mark.parametrize(
    "text",
    [
        "2020-01-01",
        "2020-01-01T10:00:00Z",
        "on",
        "Off",
        "yes",
        "NO",
        "y",
        "12:30",
        "1_000",
        "0b1",
        "3.0.3",
        "=",
        ".inf",
    ],
)
def test_yaml_1_2_strings_are_strings(tmp_path: Path, text: str) -> None:
    """What only YAML 1.1 takes for a date, a truth, a number or a time is a string."""
    assert loaded(tmp_path, EMPTY + f"x-value: {text}\n")["x-value"] == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("-7", -7),
        ("007", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("!!str 7", "7"),
        ('"7"', "7"),
    ],
)
def test_yaml_1_2_values_are_values(tmp_path: Path, text: str, value: object) -> None:
    """Numbers, truths and nulls are those of YAML 1.2, of the same type as in JSON."""
    found = loaded(tmp_path, EMPTY + f"x-value: {text}\n")["x-value"]

    assert found == value
    assert type(found) is type(value)


BOMB = (
    EMPTY
    + "x-0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    + "".join(f"x-{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 12))
)


CHAIN = EMPTY + "x-0: &a0 [1]\n" + "".join(f"x-{level}: &a{level} [*a{level - 1}]\n" for level in range(1, 1_000))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BOMB, "openapi.yaml:9: with its anchors written out, this has over 200000 values. Use `$ref`."),
        (CHAIN, "openapi.yaml:204: this is nested more than 200 levels deep. Flatten it."),
        (
            EMPTY + "x-a: " + "[" * 300 + "]" * 300,
            "openapi.yaml:4: this is nested more than 200 levels deep. Flatten it.",
        ),
        (
            EMPTY + "x-a: " + "[" * 100_000,
            "openapi.yaml:4: this is not YAML: exceeded maximum nesting depth. Correct it.",
        ),
        (
            '{"a": ' * 300 + "1" + "}" * 300,
            "openapi.yaml: the document is nested more than 200 levels deep. Flatten it.",
        ),
        ('{"a": ' * 100_000, "openapi.yaml: the document is nested too deeply. Flatten it."),
    ],
    ids=["billion laughs", "chain of anchors", "deep YAML", "too deep to parse", "deep JSON", "JSON too deep to parse"],
)
def test_document_without_bounds_is_refused(tmp_path: Path, text: str, told: str) -> None:
    """What would fill the memory once it is written out, or is deeper than JSON writers go, is refused at once."""
    assert refused(write(tmp_path, {"openapi.yaml": text})) == told


def test_anchors_and_merges_are_followed(tmp_path: Path) -> None:
    """`*` repeats; `<<` merges, and what stands beside it wins, as does the earlier of several."""
    text = "x-a: &a {one: 1, two: 1}\nx-b: &b {two: 2, three: 2}\nx-c: {<<: [*a, *b], one: 3}\nx-d: *a\n"

    content = loaded(tmp_path, EMPTY + text)

    assert content["x-c"] == {"one": 3, "two": 1, "three": 2}
    assert content["x-d"] == {"one": 1, "two": 1}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (EMPTY + "a: 1\nb: [1\nc: 2\n", 6, "not YAML"),
        (EMPTY + "\ta: 1\n", 4, "not YAML"),
        (EMPTY + "a: \x07\n", 4, "not YAML"),
        (EMPTY + "x: {a: 1,\n  b: 2,\n  a: 3}\n", 6, "the key 'a' is there twice"),
        (EMPTY + "? [a]\n: 1\n", 4, "a key must be a string"),
        (EMPTY + "x: !include a.yaml\n", 4, "the tag !include"),
        (EMPTY + "x: !!set {a}\n", 4, "the tag tag:yaml.org,2002:set"),
        (EMPTY + "x: &a\n  b: *a\n", 4, "contains itself"),
        (EMPTY + "x: {<<: 7}\n", 4, "merges mappings"),
        (EMPTY + f"x: {'9' * 5000}\n", 4, "number is too long"),
        (EMPTY + "---\nx: 1\n", 4, "not YAML"),
    ],
)
def test_bad_yaml_is_refused(tmp_path: Path, text: str, line: int, said: str) -> None:
    """What is no YAML, or no YAML that JSON can say, is refused with its line."""
    message = refused(write(tmp_path, {"openapi.yaml": text}), check=False)

    assert message.startswith(f"openapi.yaml:{line}: ")
    assert said in message
    assert "\n" not in message
