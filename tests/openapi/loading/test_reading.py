"""mockserver.openapi.loading: one document from files and URLs, and a refusal that says where and what to do."""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Document, Source, fetching, load, reading
from mockserver.openapi.structure import at, steps_of
from tests.support.web import Moved, Web, serving

ROOT = Path(__file__).parent.parent.parent.parent
HEAD = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n"  # two lines
EMPTY = HEAD + "paths: {}\n"  # three


def _write(folder: Path, files: dict[str, str]) -> Path:
    """Write files; return the first."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder / next(iter(files))


def _loaded(folder: Path, root: str, **files: str) -> Any:
    """The content of a document whose root is `root`; `a="…"` is the file a.yaml beside it. It needn't be valid."""
    names = {f"{name}.yaml": text for name, text in files.items()}
    return load(_write(folder, {"openapi.yaml": root, **names}), check=False).content


def _refused(source: str | Path, *, check: bool = True) -> str:
    """The message, without the folder."""
    with pytest.raises(ContractError) as caught:
        load(source, check=check)
    folder = f"{source.parent}/" if isinstance(source, Path) else ""
    return str(caught.value).replace(folder, "") if folder else str(caught.value)


def _references(node: Any) -> Iterator[str]:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if key == "$ref":
            yield value
        yield from _references(value)


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server of this test."""
    with serving() as server:
        yield server


# ---------------------------------------------------------------- what a document is
def test_own_contract_is_unchanged() -> None:
    """The contract of the mock says the same to who serves it and to who reads it like anybody's, in the same order."""
    document = load(ROOT / "openapi.yaml", check=False)

    assert json.dumps(document.content) == json.dumps(Contract.load().document)


def test_own_contract_is_valid() -> None:
    """The contract of the mock passes every check, callbacks that refer to x-webhooks included."""
    assert load(ROOT / "openapi.yaml").content["x-webhooks"]


def test_document_knows_its_source(tmp_path: Path) -> None:
    """A document says where it was read, keeps the text as it is, and names every file that it needs."""
    files = {
        "api/openapi.yaml": EMPTY + "components: {schemas: {A: {$ref: ../a.yaml}}} # !\n",
        "a.yaml": "type: object",
    }
    root = _write(tmp_path, files)

    document = load(str(root), root=tmp_path)

    assert isinstance(document, Document)
    assert document.source == str(root)
    assert document.text == root.read_bytes()
    assert document.files == (root, tmp_path / "a.yaml")


# ---------------------------------------------------------------- JSON and YAML
@pytest.mark.parametrize("name", ["openapi.yaml", "openapi.json", "openapi", "openapi.txt"])
def test_json_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    """JSON is JSON under any name."""
    text = json.dumps({"openapi": "3.0.3", "info": {"title": "\U0001f600", "version": "1"}, "paths": {}})

    assert load(_write(tmp_path, {name: "\n\t " + text})).content == json.loads(text)


def test_yaml_is_known_by_its_content(tmp_path: Path) -> None:
    """YAML is YAML under the name of a JSON file; a YAML file may begin with a brace."""
    assert load(_write(tmp_path, {"openapi.json": EMPTY})).content["paths"] == {}
    assert load(_write(tmp_path, {"openapi.yaml": "{openapi: 3.0.3, info: {title: t, version: '1'}, paths: {}}"}))


@pytest.mark.parametrize("text", [EMPTY, '{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}}'])
def test_byte_order_mark_is_no_part_of_the_text(tmp_path: Path, text: str) -> None:
    """A UTF-8 byte order mark is skipped, but kept in the text."""
    path = tmp_path / "openapi.yaml"
    path.write_bytes(codecs.BOM_UTF8 + text.encode())

    document = load(path)

    assert document.content["openapi"] == "3.0.3"
    assert document.text.startswith(codecs.BOM_UTF8)


def test_keys_are_strings(tmp_path: Path) -> None:
    """A status code without quotes is a string, and so is every other key, as it is written."""
    content = _loaded(
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
    assert _loaded(tmp_path, EMPTY + f"x-value: {text}\n")["x-value"] == text


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
    found = _loaded(tmp_path, EMPTY + f"x-value: {text}\n")["x-value"]

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
    assert _refused(_write(tmp_path, {"openapi.yaml": text})) == told


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (EMPTY + "}", ["openapi.yaml"]),
        (HEAD + "paths: {/a: {$ref: lost.yaml}}", ["openapi.yaml", "lost.yaml"]),
        (HEAD + "paths: {/a: {$ref: 'lost.yaml#/A'}}", ["openapi.yaml", "lost.yaml"]),
    ],
)
def test_refusal_knows_the_files(tmp_path: Path, text: str, files: list[str]) -> None:
    """A refusal lists the files that mending it may concern, those included that aren't there."""
    with pytest.raises(ContractError) as caught:
        load(_write(tmp_path, {"openapi.yaml": text}))

    assert caught.value.files == tuple(tmp_path / name for name in files)


def test_anchors_and_merges_are_followed(tmp_path: Path) -> None:
    """`*` repeats; `<<` merges, and what stands beside it wins, as does the earlier of several."""
    text = "x-a: &a {one: 1, two: 1}\nx-b: &b {two: 2, three: 2}\nx-c: {<<: [*a, *b], one: 3}\nx-d: *a\n"

    content = _loaded(tmp_path, EMPTY + text)

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
    message = _refused(_write(tmp_path, {"openapi.yaml": text}), check=False)

    assert message.startswith(f"openapi.yaml:{line}: ")
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{\n"a": 1,\n}', 3, "not JSON: Expecting property name"),
        ('{"a": 1}\n}', 2, "not JSON: Extra data"),
        ('{"a": "\\ud83d\\ude00",\n"b": {"c": 1,\n"c": 2}}', 3, "the key 'c' is there twice"),
        ('{\n"a": %s}' % ("9" * 5000), 2, "number is too long"),
    ],
)
def test_bad_json_is_refused(tmp_path: Path, text: str, line: int, said: str) -> None:
    """What is no JSON is refused with its line, as is a key that is there twice."""
    message = _refused(_write(tmp_path, {"openapi.json": text}))

    assert message.startswith(f"openapi.json:{line}: ")
    assert said in message


def test_no_number_is_refused(tmp_path: Path) -> None:
    """NaN is no JSON."""
    assert "NaN is no number" in _refused(_write(tmp_path, {"openapi.json": '{"a": NaN}'}))


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    """A file that is not UTF-8 is refused with its line."""
    path = tmp_path / "openapi.yaml"
    path.write_bytes(EMPTY.encode() + "x-name: Käse\n".encode("latin-1"))

    assert _refused(path) == "openapi.yaml:4: this is not UTF-8. Save the file as UTF-8."


@pytest.mark.parametrize("text", ['{"a":' * 100_000, EMPTY + "x: " + "[" * 5_000 + "]" * 5_000])
def test_deep_nesting_is_refused(tmp_path: Path, text: str) -> None:
    """A document that is nested without measure is refused like any other."""
    assert "openapi.yaml" in _refused(_write(tmp_path, {"openapi.yaml": text}))


# ---------------------------------------------------------------- what is served at all
def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A file that isn't there is named, with the reason."""
    assert _refused(tmp_path / "no.yaml") == "no.yaml can't be read: No such file or directory. Check the path."


def test_folder_is_refused(tmp_path: Path) -> None:
    """A folder is no contract."""
    assert "can't be read: Is a directory" in _refused(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "the document is empty"), ("[]", "holds a list, not an object"), ("hello", "holds a str, not an object")],
)
def test_other_things_than_objects_are_refused(tmp_path: Path, text: str, said: str) -> None:
    """A document is an object."""
    message = _refused(_write(tmp_path, {"openapi.yaml": text}))

    assert message.startswith("openapi.yaml:1: ")
    assert said in message


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("swagger: '2.0'", "Swagger 2.0; OpenAPI 3.0 is served. Convert it: npx swagger2openapi"),
        ("openapi: 3.1.0", "OpenAPI 3.1.0; OpenAPI 3.0 is served. Convert it: npx @apiture/openapi-down-convert"),
        ("openapi: 3.2.0", "OpenAPI 3.2.0; OpenAPI 3.0 is served. Set it to 3.1.0"),
        ("openapi: 3.0", "OpenAPI 3.0; OpenAPI 3.0 is served. Write the full version, in quotes: '3.0.3'"),
        ("openapi: 4.0.0", "OpenAPI 4.0.0; OpenAPI 3.0 is served. Write it as OpenAPI 3.0"),
    ],
)
def test_other_versions_are_refused(tmp_path: Path, version: str, said: str) -> None:
    """Another version is named, with the line and the way to convert it."""
    message = _refused(_write(tmp_path, {"openapi.yaml": f"info: {{}}\n{version}\npaths: {{}}\n"}))

    assert message.startswith("openapi.yaml:2: this is ")
    assert said in message


def test_no_version_is_refused(tmp_path: Path) -> None:
    """An object without a version may be anything."""
    assert "`openapi: 3.0.3` is missing" in _refused(_write(tmp_path, {"openapi.yaml": "name: x"}))


@pytest.mark.parametrize(("rest", "line"), [("", 1), ("paths: []\n", 3), ("paths:\n", 3)])
def test_paths_are_needed(tmp_path: Path, rest: str, line: int) -> None:
    """A document without paths is refused even if it isn't checked."""
    message = _refused(_write(tmp_path, {"openapi.yaml": HEAD + rest}), check=False)

    assert (
        message
        == f"openapi.yaml:{line}: the document needs an object `paths`. `paths: {{}}` will do if there are none."
    )


# ---------------------------------------------------------------- validity
OPERATION = "    get: {operationId: a, responses: {'200': {description: ok}}}\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (HEAD + "paths:\n  pets: {}\n", 4, "#/paths/pets: Additional properties are not allowed"),
        (HEAD + "paths:\n  /a:\n    get:\n      responses: {}\n", 6, "has less than 1 property"),
        (
            HEAD + "paths:\n  /a:\n    get:\n      responses:\n        200: {}\n",
            7,
            '"description" is a required property',
        ),
        ("openapi: 3.0.3\ninfo:\n  version: 1.0\n  title: t\npaths: {}\n", 3, '1.0 is not of type "string"'),
        (HEAD + "paths:\n  /a/{id}:\n" + OPERATION, 5, "Path parameter 'id' for 'get' operation in '/a/{id}'"),
        (
            HEAD + "paths:\n  /a:\n" + OPERATION + "  /b:\n" + OPERATION,
            7,
            "Operation ID 'a' for 'get' in '/b' is not unique",
        ),
        (
            EMPTY + "components:\n  schemas:\n    A:\n      type: integer\n      default: x\n",
            8,
            "'x' is not of type 'integer'",
        ),
        (EMPTY + "components:\n  schemas:\n    A:\n      enum:\n      - 1\n      - 1\n", 7, "has non-unique elements"),
    ],
)
def test_invalid_documents_are_refused(tmp_path: Path, text: str, line: int, said: str) -> None:
    """What openapi-spec-validator finds is told with its line and where in the document that is."""
    message = _refused(_write(tmp_path, {"openapi.yaml": text}))

    assert message.startswith("openapi.yaml is no valid OpenAPI 3.0 document.")
    assert f"\n  openapi.yaml:{line}: #/" in message
    assert said in message


def test_problem_is_told_where_it_was_written(tmp_path: Path) -> None:
    """A problem in another file is told with the name and the line of that file."""
    root = HEAD + "paths:\n  /a: {$ref: paths/a.yaml}\ncomponents: {schemas: {X: {$ref: x.yaml}}}\n"
    files = {"paths/a.yaml": "get:\n  responses:\n    200: {}\n", "x.yaml": "type: object\nfoo: 1\n"}

    message = _refused(_write(tmp_path, {"openapi.yaml": root, **files}))

    assert '\n  paths/a.yaml:3: #/get/responses/200: "description" is a required property' in message
    assert "\n  x.yaml:2: #/foo: Additional properties are not allowed" in message


def test_first_five_problems_are_told(tmp_path: Path) -> None:
    """Of many problems, the first five."""
    text = HEAD + "paths:\n" + "".join(f"  /{name}: {{get: {{}}}}\n" for name in "abcdefgh")

    assert _refused(_write(tmp_path, {"openapi.yaml": text})).count("\n") == reading.MAX_PROBLEMS == 5


def test_long_problems_are_cut_in_the_middle(tmp_path: Path) -> None:
    """A message tells what is wrong with a long value, and not all of it."""
    text = EMPTY + f"components: {{schemas: {{A: {{enum: [{'a, ' * 500}b]}}}}}}\n"

    message = _refused(_write(tmp_path, {"openapi.yaml": text}))

    assert message.endswith("has non-unique elements")
    assert len(message) < 400


def test_invalid_document_is_read_without_check(tmp_path: Path) -> None:
    """Without `check`, a document that could be better is read."""
    assert _loaded(tmp_path, HEAD + "paths:\n  pets: {}\n")["paths"] == {"pets": {}}


def test_reference_to_the_wrong_kind_is_refused(tmp_path: Path) -> None:
    """A parameter that refers to a schema makes no traceback."""
    wrong = "paths:\n  /a:\n    parameters: [{$ref: '#/components/schemas/A'}]\n" + OPERATION
    text = HEAD + wrong + "components: {schemas: {A: {type: string}}}\n"

    assert "reference lead to another kind of object?" in _refused(_write(tmp_path, {"openapi.yaml": text}))


def test_recursive_schema_is_valid(tmp_path: Path) -> None:
    """A schema that contains itself is checked, even where the checker itself would go on without end."""
    node = "{type: object, required: [next], allOf: [{type: array, items: {$ref: '#/components/schemas/N'}}]}"

    assert load(_write(tmp_path, {"openapi.yaml": EMPTY + f"components: {{schemas: {{N: {node}}}}}\n"}))


# ---------------------------------------------------------------- several files
def test_whole_file_becomes_a_component(tmp_path: Path) -> None:
    """A schema in a file of its own gets the name of the file, or of the entry that refers to it."""
    root = EMPTY + "components: {schemas: {Pets: {items: {$ref: pet.yaml}}, Owner: {$ref: ./owner.yaml}}}\n"

    schemas = _loaded(tmp_path, root, pet="type: object\n", owner="type: string\n")["components"]["schemas"]

    assert schemas["Owner"] == {"type": "string"}
    assert schemas["Pets"] == {"items": {"$ref": "#/components/schemas/pet"}}
    assert schemas["pet"] == {"type": "object"}


@pytest.mark.parametrize(
    ("kind", "section", "place"),
    [
        ("parameter", "parameters", "parameters: [{$ref: 'c.yaml#/X'}]"),
        ("requestBody", "requestBodies", "post: {requestBody: {$ref: 'c.yaml#/X'}}"),
        ("response", "responses", "get: {responses: {200: {$ref: 'c.yaml#/X'}}}"),
        ("header", "headers", "get: {responses: {200: {headers: {x-a: {$ref: 'c.yaml#/X'}}}}}"),
        ("link", "links", "get: {responses: {200: {links: {a: {$ref: 'c.yaml#/X'}}}}}"),
        ("example", "examples", "get: {responses: {200: {content: {a/b: {examples: {a: {$ref: 'c.yaml#/X'}}}}}}}"),
        ("callback", "callbacks", "get: {callbacks: {a: {$ref: 'c.yaml#/X'}}}"),
        ("schema", "schemas", "parameters: [{schema: {not: {$ref: 'c.yaml#/X'}}}]"),
    ],
)
def test_each_kind_goes_where_it_belongs(tmp_path: Path, kind: str, section: str, place: str) -> None:
    """What is taken from a file stands under the components of its kind."""
    content = _loaded(tmp_path, HEAD + f"paths: {{/a: {{{place}}}}}\n", c=f"X: {{x-kind: {kind}}}\n")

    assert list(_references(content)) == [f"#/components/{section}/X"]
    assert content["components"] == {section: {"X": {"x-kind": kind}}}


def test_path_items_are_put_in_place(tmp_path: Path) -> None:
    """A path item in a file stands under its path, with what stood beside the reference; its references are its own."""
    root = HEAD + "paths:\n  /a:\n    summary: here\n    $ref: paths/a.yaml#/item\n"
    item = "item: {summary: there, get: {responses: {200: {$ref: ../r.yaml}}}}\n"

    content = load(_write(tmp_path, {"o.yaml": root, "paths/a.yaml": item, "r.yaml": "description: ok\n"})).content

    responses = {"200": {"$ref": "#/components/responses/r"}}
    assert content["paths"] == {"/a": {"summary": "here", "get": {"responses": responses}}}
    assert content["components"]["responses"]["r"] == {"description": "ok"}


def test_indexes_are_put_in_place(tmp_path: Path) -> None:
    """A file for all paths, an operation or a section of components: no rule of OpenAPI, but a habit of many."""
    root = HEAD + "paths: {$ref: paths.yaml}\ncomponents: {schemas: {$ref: schemas.yaml}}\n"
    paths = "/a: {$ref: a.yaml}\n/b: {get: {$ref: a.yaml#/get}}\n"
    schema = "get: {x-s: 1, parameters: [{schema: {$ref: pet.yaml}}]}\n"

    content = _loaded(tmp_path, root, paths=paths, a=schema, schemas="Pet: {$ref: pet.yaml}\n", pet="type: object\n")

    operation = {"x-s": 1, "parameters": [{"schema": {"$ref": "#/components/schemas/Pet"}}]}
    assert content["paths"] == {"/a": {"get": operation}, "/b": {"get": operation}}
    assert content["components"] == {"schemas": {"Pet": {"type": "object"}}}


def test_references_are_relative_to_their_file(tmp_path: Path) -> None:
    """Each file refers from where it is, up and down, with or without escapes."""
    files = {
        "api/v1/openapi.yaml": EMPTY + "components: {schemas: {A: {items: {$ref: '../common/a%20b.yaml#/x~1y'}}}}\n",
        "api/common/a b.yaml": "x/y: {items: {$ref: ./deep/c.json}}\nz: {}\n",
        "api/common/deep/c.json": '{"items": {"$ref": "../a%20b.yaml#/z"}}',
    }

    schemas = load(_write(tmp_path, files), root=tmp_path).content["components"]["schemas"]

    assert list(schemas) == ["A", "x_y", "c", "z"]


def test_root_may_be_referred_to(tmp_path: Path) -> None:
    """A file that refers back to the root means what is there, and no copy."""
    root = EMPTY + "components: {schemas: {A: {items: {$ref: b.yaml}}, C: {type: string}}}\n"

    content = _loaded(tmp_path, root, b="{items: {$ref: 'openapi.yaml#/components/schemas/C'}}\n")

    assert content["components"]["schemas"]["b"] == {"items": {"$ref": "#/components/schemas/C"}}
    assert len(content["components"]["schemas"]) == 3


def test_recursion_stays_recursion(tmp_path: Path) -> None:
    """Files that refer to each other, and a file that refers to itself, become references and nothing endless."""
    root = EMPTY + "components: {schemas: {A: {items: {$ref: b.yaml}}}}\n"

    content = _loaded(
        tmp_path, root, b="{properties: {c: {$ref: c.yaml}, b: {$ref: '#'}}}\n", c="{items: {$ref: b.yaml}}"
    )

    assert content["components"]["schemas"] == {
        "A": {"items": {"$ref": "#/components/schemas/b"}},
        "b": {"properties": {"c": {"$ref": "#/components/schemas/c"}, "b": {"$ref": "#/components/schemas/b"}}},
        "c": {"items": {"$ref": "#/components/schemas/b"}},
    }


def test_names_do_not_collide(tmp_path: Path) -> None:
    """What has the same name in two files, or in the root, keeps apart; every reference leads to its own."""
    root = EMPTY + "components: {schemas: {Pet: {properties: {a: {$ref: 'a.yaml#/Pet'}, b: {$ref: 'b.yaml#/Pet'}}}}}\n"
    files = {
        f"{name}": f"Pet: {{title: {name}, items: {{$ref: '#/more/Pet'}}}}\nmore: {{Pet: {{title: {name}{name}}}}}\n"
        for name in "ab"
    }

    content = _loaded(tmp_path, root, **files)

    titles = [at(content, steps_of(reference))["title"] for reference in _references(content)]
    assert sorted(titles) == ["a", "aa", "b", "bb"]
    assert len(content["components"]["schemas"]) == 5


def test_discriminators_are_followed(tmp_path: Path) -> None:
    """What a discriminator names by a reference moves along; a mere name, or one that leads nowhere, stays."""
    mapping = "{a: b.yaml, b: '#/components/schemas/A', c: Cat, d: gone.yaml}"
    root = EMPTY + f"components: {{schemas: {{A: {{discriminator: {{propertyName: t, mapping: {mapping}}}}}}}}}\n"

    found = _loaded(tmp_path, root, b="type: object\n")["components"]["schemas"]["A"]["discriminator"]["mapping"]

    assert found == {"a": "#/components/schemas/b", "b": "#/components/schemas/A", "c": "Cat", "d": "gone.yaml"}


def test_callbacks_may_lead_back(tmp_path: Path) -> None:
    """The path item of a callback stays a reference: it may be the one that holds the callback."""
    webhook = "{post: {callbacks: {again: {'{$url}': {$ref: hook.yaml}}}}}\n"

    content = _loaded(tmp_path, HEAD + "paths: {/a: {post: {callbacks: {c: {x: {$ref: hook.yaml}}}}}}\n", hook=webhook)

    assert set(_references(content)) == {"#/x-bundled/hook"}
    assert content["x-bundled"]["hook"]["post"]["callbacks"]


@pytest.mark.parametrize(
    "text",
    [
        "components: {examples: {A: {value: {$ref: nowhere.yaml}}}}\n",
        "components: {schemas: {A: {example: {$ref: nowhere.yaml}, default: {$ref: '#/no'}, enum: [{$ref: x}]}}}\n",
        "components: {schemas: {A: {properties: {$ref: {type: string}}}}}\n",
        "x-anything: [{$ref: nowhere.yaml}, {$ref: '#/no'}, {$ref: 'urn:x'}]\n",
    ],
)
def test_not_every_ref_is_a_reference(tmp_path: Path, text: str) -> None:
    """`$ref` in a value, as the name of a property, or in an extension that means something else is left alone."""
    assert _loaded(tmp_path, EMPTY + text) == Source("a.yaml", (EMPTY + text).encode()).content


def test_extensions_are_bundled(tmp_path: Path) -> None:
    """An extension that refers to a file keeps its reference; what it leads to stands where no kind is claimed."""
    content = _loaded(
        tmp_path, EMPTY + "x-hooks: {a: {$ref: a.yaml}}\n", a="{post: {x: {$ref: b.yaml}}}\n", b="{c: 1}\n"
    )

    assert content["x-hooks"] == {"a": {"$ref": "#/x-bundled/a"}}
    assert content["x-bundled"] == {"a": {"post": {"x": {"$ref": "#/x-bundled/b"}}}, "b": {"c": 1}}


def test_references_may_pass_through_others(tmp_path: Path) -> None:
    """A pointer may go on behind a reference, as it does once all is in place."""
    root = (
        HEAD + "paths: {/a: {$ref: a.yaml}, /b: {get: {responses: {200: {$ref: '#/paths/~1a/get/responses/200'}}}}}\n"
    )

    content = _loaded(tmp_path, root, a="get: {responses: {200: {description: ok}}}\n")

    assert at(content, steps_of(next(_references(content)))) == {"description": "ok"}


def test_shared_anchors_are_rewritten_once(tmp_path: Path) -> None:
    """A reference that an anchor repeats leads to the same thing everywhere."""
    file = "one: &a {items: {$ref: '#/two'}}\ntwo: {properties: {x: *a}}\n"

    content = _loaded(tmp_path, EMPTY + "components: {schemas: {A: {$ref: 'f.yaml#/one'}}}\n", f=file)

    assert set(_references(content)) == {"#/components/schemas/two"}


def test_each_file_is_read_once(web: Web) -> None:
    """However often and however it is referred to, a file is asked for once."""
    refs = "{a: {$ref: a.yaml}, b: {$ref: ./a.yaml}, c: {$ref: '../api/a.yaml#/x'}, d: {$ref: '/api/o.yaml#/info'}}"
    web.files["/api/o.yaml"] = EMPTY + f"components: {{schemas: {{A: {{properties: {refs}}}}}}}\n"
    web.files["/api/a.yaml"] = "x: {items: {$ref: 'o.yaml#/components/schemas/A'}}\n"

    load(f"{web.url}/api/o.yaml", check=False)

    assert web.asked == ["/api/o.yaml", "/api/a.yaml"]


# ---------------------------------------------------------------- references that fail
def _schemas(*entries: str) -> str:
    """A document with one schema per line, from line 6 on."""
    return EMPTY + "components:\n  schemas:\n" + "".join(f"    {entry}\n" for entry in entries)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{$ref: '#/components/schemas/No'}", "leads nowhere: openapi.yaml has no 'No' in #/components/schemas."),
        ("{$ref: 'b.yaml#/c/1'}", "leads nowhere: b.yaml has no '1' in #/c."),
        ("{$ref: 'b.yaml#/c/x'}", "leads nowhere: b.yaml has no 'x' in #/c."),
        ("{$ref: '#No'}", "must be a JSON pointer"),
        ("{$ref: no.yaml}", "the reference 'no.yaml' fails: no.yaml can't be read: No such file"),
        ("{$ref: No}", "A schema of this file is '#/components/schemas/No'."),
        ("{$ref: bad.yaml}", "fails: bad.yaml:3: this is not YAML"),
        ("{$ref: 'http://127.0.0.1:9/a.yaml'}", "a file may not refer to the web, nor to any URL. Download"),
    ],
)
def test_failing_references_are_refused(tmp_path: Path, entry: str, said: str) -> None:
    """A reference that leads nowhere is told with its line, itself, and why."""
    text = _schemas("A: {type: string}", "B:", "  items:", f"    {entry}")
    path = _write(tmp_path, {"openapi.yaml": text, "b.yaml": "c: [1]", "bad.yaml": "a: 1\n[\n"})

    message = _refused(path, check=False)

    assert message.startswith("openapi.yaml:9: the reference ")
    assert said in message


def test_failing_reference_in_another_file_is_refused(tmp_path: Path) -> None:
    """The file that holds the reference is the one that is named."""
    files = {"openapi.yaml": _schemas("A: {$ref: s/a.yaml}"), "s/a.yaml": "type: object\nitems:\n  $ref: '#/x'\n"}

    assert _refused(_write(tmp_path, files)).startswith(
        "s/a.yaml:3: the reference '#/x' leads nowhere: s/a.yaml has no 'x'"
    )


@pytest.mark.parametrize(
    ("entries", "line"),
    [
        (["A: {$ref: '#/components/schemas/B'}", "B: {$ref: '#/components/schemas/A'}"], 6),
        (["A: {$ref: '#/components/schemas/A'}"], 6),
        (["A: {$ref: '#/components/schemas/A/items'}"], 6),
        (["A: {$ref: 'x.yaml#/a'}"], None),
        (["B: {type: object}", "A: {allOf: [{$ref: '#/components/schemas/A'}]}"], 7),
        (["A: {allOf: [{allOf: [", "  {$ref: '#/components/schemas/B'}]}]}", "B: {$ref: '#/components/schemas/A'}"], 7),
        (["A: {not: {$ref: '#/components/schemas/A'}}"], 6),
    ],
)
def test_endless_references_are_refused(tmp_path: Path, entries: list[str], line: int | None) -> None:
    """References that lead back to themselves, and schemas that consist of themselves, are refused with their line."""
    files = {"openapi.yaml": _schemas(*entries), "x.yaml": "a: {$ref: '#/b'}\nb: {$ref: '#/a'}\n"}

    message = _refused(_write(tmp_path, files), check=False)

    assert "leads back to itself. Break the cycle." in message
    assert message.startswith(f"openapi.yaml:{line}: " if line else "x.yaml:1: ")


def test_endless_places_are_refused(tmp_path: Path) -> None:
    """What would have to stand within itself is refused too."""
    path = _write(tmp_path, {"openapi.yaml": HEAD + "paths:\n  /a:\n    $ref: '#/paths'\n"})

    assert _refused(path, check=False).startswith("openapi.yaml:5: the reference '#/paths' leads back to itself")


@pytest.mark.parametrize(
    "schema",
    [
        "{items: {$ref: '#/components/schemas/A'}}",
        "{oneOf: [{type: string}, {$ref: '#/components/schemas/B'}]}",
        "{allOf: [{properties: {a: {$ref: '#/components/schemas/A'}}}]}",
    ],
)
def test_recursion_that_ends_is_served(tmp_path: Path, schema: str) -> None:
    """Lists of itself, and a base that names its variants while they name the base, are what people write."""
    child = "B: {allOf: [{$ref: '#/components/schemas/A'}]}"

    assert load(_write(tmp_path, {"openapi.yaml": _schemas(f"A: {schema}", child)}))


# ---------------------------------------------------------------- URLs
def test_urls_are_read(web: Web) -> None:
    """A document on a web server is read with the files that it refers to, and no local file is named."""
    web.files["/api/openapi.yaml"] = EMPTY + "components: {schemas: {A: {items: {$ref: ../s/b.json#/B}}}}\n"
    web.files["/s/b.json"] = '{"B": {"type": "string"}}'

    document = load(f"{web.url}/api/openapi.yaml")

    assert document.source == f"{web.url}/api/openapi.yaml"
    assert document.files == ()
    assert document.content["components"]["schemas"]["B"] == {"type": "string"}


def test_redirects_are_followed(web: Web) -> None:
    """References are relative to where a redirect ended, and may lead back there."""
    web.files |= {
        "/latest": Moved("/v2/openapi.yaml"),
        "/v2/a.yaml": "items: {$ref: 'openapi.yaml#/components/schemas/A'}\n",
    }
    web.files["/v2/openapi.yaml"] = EMPTY + "components: {schemas: {A: {items: {$ref: a.yaml}}}}\n"

    content = load(f"{web.url}/latest").content

    assert content["components"]["schemas"]["a"] == {"items": {"$ref": "#/components/schemas/A"}}
    assert web.asked == ["/latest", "/v2/openapi.yaml", "/v2/a.yaml"]


def test_failing_urls_are_refused(web: Web) -> None:
    """A URL that doesn't answer well is named, with the reason and what to do."""
    message = _refused(f"{web.url}/no.yaml")

    assert (
        message
        == f"{web.url}/no.yaml can't be fetched: HTTP Error 404: Not Found. Check the URL, or download the file."
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://127.0.0.1:port/x", "http://"])
def test_bad_urls_are_refused(url: str) -> None:
    """A URL that can't be asked is refused without a traceback."""
    assert _refused(url).startswith(f"{url} can't be fetched: ")


def test_silent_servers_are_given_up(web: Web) -> None:
    """A server that says nothing for long is given up."""
    web.shutdown()  # its socket still takes connections

    with pytest.raises(ContractError, match=r"can't be fetched: .*timed out"):
        load(f"{web.url}/openapi.yaml", web=fetching.Web(silence=0.05))


def test_large_answers_are_refused(web: Web) -> None:
    """More than 20 MB isn't read from the web."""
    web.files["/openapi.yaml"] = b" " * (fetching.MAX_DOWNLOAD + 1)

    assert "has more than 20 MB. Download it and serve the file." in _refused(f"{web.url}/openapi.yaml")


def test_failing_reference_on_the_web_is_refused(web: Web) -> None:
    """A reference to a URL that fails is told with the line of the reference."""
    web.files["/openapi.yaml"] = _schemas("A: {$ref: no.yaml}")

    message = _refused(f"{web.url}/openapi.yaml")

    assert message.startswith(
        f"{web.url}/openapi.yaml:6: the reference 'no.yaml' fails: {web.url}/no.yaml can't be fetched"
    )


@pytest.mark.parametrize(
    "reference", ["http://127.0.0.1:9/a.yaml", "https://127.0.0.1/a", "//127.0.0.2/a", "file:///a"]
)
def test_other_servers_are_not_asked(web: Web, reference: str) -> None:
    """A document from the web can't make the mock ask another server, nor read a local file."""
    web.files["/openapi.yaml"] = _schemas(f"A: {{$ref: '{reference}'}}")

    message = _refused(f"{web.url}/openapi.yaml")

    assert message.startswith(f"{web.url}/openapi.yaml:6: ")
    assert "it is not on the server of the contract. Download all files" in message


@pytest.mark.parametrize(
    "source",
    [
        "http://127.0.0.1:1/?token=secret",
        "http://user:p/secret@127.0.0.1:1/",
        "http://secret:1/b@127.0.0.1:1/",
        "http:user:secret@h/",
    ],
)
def test_no_error_shows_what_is_secret_in_a_url(source: str) -> None:
    """User name, password and the values of a query stay out of what is said about a contract."""
    with pytest.raises(ContractError) as caught:
        load(source)

    assert "secret" not in str(caught.value)
