"""mockserver.openapi.loading.bundling: several files become one document; broken references are refused."""

from pathlib import Path

import pytest

from mockserver.openapi.dialects import dialect_of
from mockserver.openapi.loading import Source, load
from mockserver.openapi.loading.bundling import Bundler
from mockserver.openapi.structure import at, steps_of
from tests.openapi.loading.documents import EMPTY, HEAD, loaded, references, refused, with_schemas, write


def test_whole_file_becomes_a_component(tmp_path: Path) -> None:
    """A schema in a file of its own gets the name of the file, or of the entry that refers to it."""
    root = EMPTY + "components: {schemas: {Pets: {items: {$ref: pet.yaml}}, Owner: {$ref: ./owner.yaml}}}\n"

    schemas = loaded(tmp_path, root, pet="type: object\n", owner="type: string\n")["components"]["schemas"]

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
    content = loaded(tmp_path, HEAD + f"paths: {{/a: {{{place}}}}}\n", c=f"X: {{x-kind: {kind}}}\n")

    assert list(references(content)) == [f"#/components/{section}/X"]
    assert content["components"] == {section: {"X": {"x-kind": kind}}}


def test_path_items_are_put_in_place(tmp_path: Path) -> None:
    """A path item in a file stands under its path, with what stood beside the reference; its references are its own."""
    root = HEAD + "paths:\n  /a:\n    summary: here\n    $ref: paths/a.yaml#/item\n"
    item = "item: {summary: there, get: {responses: {200: {$ref: ../r.yaml}}}}\n"

    content = load(write(tmp_path, {"o.yaml": root, "paths/a.yaml": item, "r.yaml": "description: ok\n"})).content

    responses = {"200": {"$ref": "#/components/responses/r"}}
    assert content["paths"] == {"/a": {"summary": "here", "get": {"responses": responses}}}
    assert content["components"]["responses"]["r"] == {"description": "ok"}


def test_indexes_are_put_in_place(tmp_path: Path) -> None:
    """A file for all paths, an operation or a section of components: no rule of OpenAPI, but a habit of many."""
    root = HEAD + "paths: {$ref: paths.yaml}\ncomponents: {schemas: {$ref: schemas.yaml}}\n"
    paths = "/a: {$ref: a.yaml}\n/b: {get: {$ref: a.yaml#/get}}\n"
    schema = "get: {x-s: 1, parameters: [{schema: {$ref: pet.yaml}}]}\n"

    content = loaded(tmp_path, root, paths=paths, a=schema, schemas="Pet: {$ref: pet.yaml}\n", pet="type: object\n")

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

    schemas = load(write(tmp_path, files), root=tmp_path).content["components"]["schemas"]

    assert list(schemas) == ["A", "x_y", "c", "z"]


def test_root_may_be_referred_to(tmp_path: Path) -> None:
    """A file that refers back to the root means what is there, and no copy."""
    root = EMPTY + "components: {schemas: {A: {items: {$ref: b.yaml}}, C: {type: string}}}\n"

    content = loaded(tmp_path, root, b="{items: {$ref: 'openapi.yaml#/components/schemas/C'}}\n")

    assert content["components"]["schemas"]["b"] == {"items": {"$ref": "#/components/schemas/C"}}
    assert len(content["components"]["schemas"]) == 3


def test_recursion_stays_recursion(tmp_path: Path) -> None:
    """LocalFiles that refer to each other, and a file that refers to itself, become references and nothing endless."""
    root = EMPTY + "components: {schemas: {A: {items: {$ref: b.yaml}}}}\n"

    content = loaded(
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

    content = loaded(tmp_path, root, **files)

    titles = [at(content, steps_of(reference))["title"] for reference in references(content)]
    assert sorted(titles) == ["a", "aa", "b", "bb"]
    assert len(content["components"]["schemas"]) == 5


def test_discriminators_are_followed(tmp_path: Path) -> None:
    """What a discriminator names by a reference moves along; a mere name, or one that leads nowhere, stays."""
    mapping = "{a: b.yaml, b: '#/components/schemas/A', c: Cat, d: gone.yaml}"
    root = EMPTY + f"components: {{schemas: {{A: {{discriminator: {{propertyName: t, mapping: {mapping}}}}}}}}}\n"

    found = loaded(tmp_path, root, b="type: object\n")["components"]["schemas"]["A"]["discriminator"]["mapping"]

    assert found == {"a": "#/components/schemas/b", "b": "#/components/schemas/A", "c": "Cat", "d": "gone.yaml"}


def test_callbacks_may_lead_back(tmp_path: Path) -> None:
    """The path item of a callback stays a reference: it may be the one that holds the callback."""
    webhook = "{post: {callbacks: {again: {'{$url}': {$ref: hook.yaml}}}}}\n"

    content = loaded(tmp_path, HEAD + "paths: {/a: {post: {callbacks: {c: {x: {$ref: hook.yaml}}}}}}\n", hook=webhook)

    assert set(references(content)) == {"#/x-bundled/hook"}
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
    assert loaded(tmp_path, EMPTY + text) == Source("a.yaml", (EMPTY + text).encode()).content


def test_extensions_are_bundled(tmp_path: Path) -> None:
    """An extension that refers to a file keeps its reference; what it leads to stands where no kind is claimed."""
    content = loaded(
        tmp_path, EMPTY + "x-hooks: {a: {$ref: a.yaml}}\n", a="{post: {x: {$ref: b.yaml}}}\n", b="{c: 1}\n"
    )

    assert content["x-hooks"] == {"a": {"$ref": "#/x-bundled/a"}}
    assert content["x-bundled"] == {"a": {"post": {"x": {"$ref": "#/x-bundled/b"}}}, "b": {"c": 1}}


def test_references_may_pass_through_others(tmp_path: Path) -> None:
    """A pointer may go on behind a reference, as it does once all is in place."""
    root = (
        HEAD + "paths: {/a: {$ref: a.yaml}, /b: {get: {responses: {200: {$ref: '#/paths/~1a/get/responses/200'}}}}}\n"
    )

    content = loaded(tmp_path, root, a="get: {responses: {200: {description: ok}}}\n")

    assert at(content, steps_of(next(references(content)))) == {"description": "ok"}


def test_shared_anchors_are_rewritten_once(tmp_path: Path) -> None:
    """A reference that an anchor repeats leads to the same thing everywhere."""
    file = "one: &a {items: {$ref: '#/two'}}\ntwo: {properties: {x: *a}}\n"

    content = loaded(tmp_path, EMPTY + "components: {schemas: {A: {$ref: 'f.yaml#/one'}}}\n", f=file)

    assert set(references(content)) == {"#/components/schemas/two"}


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
    text = with_schemas("A: {type: string}", "B:", "  items:", f"    {entry}")
    path = write(tmp_path, {"openapi.yaml": text, "b.yaml": "c: [1]", "bad.yaml": "a: 1\n[\n"})

    message = refused(path, check=False)

    assert message.startswith("openapi.yaml:9: the reference ")
    assert said in message


def test_failing_reference_in_another_file_is_refused(tmp_path: Path) -> None:
    """The file that holds the reference is the one that is named."""
    files = {"openapi.yaml": with_schemas("A: {$ref: s/a.yaml}"), "s/a.yaml": "type: object\nitems:\n  $ref: '#/x'\n"}

    assert refused(write(tmp_path, files)).startswith(
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
    files = {"openapi.yaml": with_schemas(*entries), "x.yaml": "a: {$ref: '#/b'}\nb: {$ref: '#/a'}\n"}

    message = refused(write(tmp_path, files), check=False)

    assert "leads back to itself. Break the cycle." in message
    assert message.startswith(f"openapi.yaml:{line}: " if line else "x.yaml:1: ")


def test_endless_places_are_refused(tmp_path: Path) -> None:
    """What would have to stand within itself is refused too."""
    path = write(tmp_path, {"openapi.yaml": HEAD + "paths:\n  /a:\n    $ref: '#/paths'\n"})

    assert refused(path, check=False).startswith("openapi.yaml:5: the reference '#/paths' leads back to itself")


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

    assert load(write(tmp_path, {"openapi.yaml": with_schemas(f"A: {schema}", child)}))


@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_an_unknown_anchor_is_refused_with_advice(tmp_path: Path, keyword: str) -> None:
    """Since OpenAPI 3.1 what follows # may be the name of an anchor, too."""
    text = with_schemas(f"A: {{{keyword}: '#nope'}}").replace("3.0.3", "3.1.0")

    message = refused(write(tmp_path, {"openapi.yaml": text}), check=False)

    assert message.startswith("openapi.yaml:6: the reference '#nope' leads nowhere")
    assert "a JSON pointer, like #/components/schemas/Pet, or an `$anchor` of that file" in message


class _SearchedText(bytes):
    """A text that counts how often it was searched."""

    searches = 0

    def __contains__(self, part: object) -> bool:
        self.searches += 1
        return super().__contains__(part)  # type: ignore[operator]


@pytest.mark.parametrize("named", ["", ", $id: 'https://example.com/x'"])
def test_a_text_is_searched_for_names_once(named: str) -> None:
    """However many references a file has, its text is searched for names once."""
    uses = ", ".join(f"S{number}: {{$ref: '#/components/schemas/X'}}" for number in range(50))
    schemas = f"{{X: {{type: string{named}}}, {uses}}}"
    text = f"openapi: 3.1.0\ninfo: {{title: a, version: '1'}}\ncomponents: {{schemas: {schemas}}}\n"
    root = Source("a.yaml", text.encode())
    root.text = searched = _SearchedText(root.text)

    Bundler(root, lambda source, _: source, dialect_of(root.content)).bundle()

    assert 0 < searched.searches <= 4  # for each mark of a name
