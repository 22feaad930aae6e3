"""mockserver.openapi.loading.overlays: actions change a contract before it is used; mistakes name the action."""

import logging
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import ContractError
from mockserver.openapi.cache import Cache
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import load
from tests.openapi.loading.documents import HEAD, write

ROOT = HEAD + (
    "tags: [{name: a}, {name: b}, {name: c}]\n"
    "paths:\n"
    "  /pets:\n"
    "    get: {summary: old, responses: {'200': {description: ok}}}\n"
    "    post: {responses: {default: {description: x}}}\n"
)
OVERLAY = "overlay: 1.0.0\ninfo: {title: o, version: '1'}\n"  # two lines


def _overlaid(folder: Path, actions: str, root: str = ROOT) -> Any:
    """The content of a document with these actions applied."""
    source = write(folder, {"openapi.yaml": root, "overlay.yaml": f"{OVERLAY}actions:\n{actions}"})
    return load(source, overlay=folder / "overlay.yaml").content


def _refused(folder: Path, overlay: str) -> str:
    source = write(folder, {"openapi.yaml": ROOT, "overlay.yaml": overlay})
    with pytest.raises(ContractError) as caught:
        load(source, overlay=folder / "overlay.yaml")
    return str(caught.value).replace(f"{folder}/", "")


def test_objects_are_merged(tmp_path: Path) -> None:
    """An update of an object adds and replaces members, at any depth, and keeps the others."""
    update = "{summary: new, x-a: {b: 1}, responses: {'404': {description: gone}}}"
    content = _overlaid(tmp_path, f"- {{target: \"$.paths['/pets'].get\", update: {update}}}")

    get = content["paths"]["/pets"]["get"]
    assert (get["summary"], get["x-a"], list(get["responses"])) == ("new", {"b": 1}, ["200", "404"])


def test_lists_are_added_to_and_values_replaced(tmp_path: Path) -> None:
    """An update of a list is added to it, one of any other value takes its place."""
    actions = "- {target: $.tags, update: {name: d}}\n- {target: $.info.title, update: other}"
    content = _overlaid(tmp_path, actions)

    assert [tag["name"] for tag in content["tags"]] == ["a", "b", "c", "d"]
    assert content["info"]["title"] == "other"


def test_all_that_a_target_matches_is_removed(tmp_path: Path) -> None:
    """`remove` removes members of objects and of lists, also several of one list."""
    actions = "- {target: \"$.tags[?@.name != 'b']\", remove: true}\n- {target: $.paths.*.post, remove: true}"
    content = _overlaid(tmp_path, actions)

    assert content["tags"] == [{"name": "b"}]
    assert list(content["paths"]["/pets"]) == ["get"]


def test_actions_are_applied_in_their_order(tmp_path: Path) -> None:
    """A later action finds what an earlier one has made."""
    actions = "- {target: $.info, update: {x-a: {n: 1}}}\n- {target: $.info.x-a, update: {m: 2}}"

    assert _overlaid(tmp_path, actions)["info"]["x-a"] == {"n": 1, "m": 2}


def test_anchors_stay_apart(tmp_path: Path) -> None:
    """What an anchor has put in two places is changed in the one that the target names."""
    root = HEAD + "x-a: &a {n: 1}\nx-b: *a\npaths: {}\n"
    content = _overlaid(tmp_path, "- {target: $.x-a, update: {n: 2}}", root)

    assert (content["x-a"], content["x-b"]) == ({"n": 2}, {"n": 1})


def test_updates_are_copies(tmp_path: Path) -> None:
    """An update that several places get is one of its own in each of them."""
    actions = "- {target: '$.tags[*]', update: {x-a: {n: 1}}}\n- {target: '$.tags[0].x-a', update: {n: 2}}"

    assert [tag["x-a"]["n"] for tag in _overlaid(tmp_path, actions)["tags"]] == [2, 1, 1]


def test_a_target_that_matches_nothing_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It changes nothing, and its line is logged."""
    with caplog.at_level(logging.WARNING):
        _overlaid(tmp_path, "- {target: $.paths.x, remove: true}")

    assert caplog.messages == [f"{tmp_path}/overlay.yaml:4: the target $.paths.x matches nothing"]


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        ("openapi: 3.0.3\n", "overlay.yaml:1: this is no overlay. It begins with `overlay: 1.0.0`."),
        (OVERLAY, "overlay.yaml:1: an overlay has a list of `actions`. Add it."),
        (OVERLAY + "actions: [3]\n", "overlay.yaml:3: action 1 has no `target`, a JSONPath such as $.paths['/pets']."),
        (OVERLAY + "actions:\n- {target: $, upd: 1}\n", "overlay.yaml:4: action 1 has 'upd', but knows target, update"),
        (OVERLAY + "actions:\n- {target: $}\n", "overlay.yaml:4: action 1 neither updates nor removes. Give it an"),
        (
            OVERLAY + "actions:\n- {target: 'paths[', update: 1}\n",
            "overlay.yaml:4: action 1 has the target 'paths[', which",
        ),
        (
            OVERLAY + "actions:\n- {target: $, remove: true}\n",
            "overlay.yaml:4: action 1 would remove the whole document.",
        ),
        (
            OVERLAY + "actions:\n- {target: $.info, update: 1}\n",
            "overlay.yaml:4: action 1 updates an object by something",
        ),
    ],
)
def test_mistakes_name_the_action(tmp_path: Path, overlay: str, message: str) -> None:
    """An overlay that can't be applied is refused with file, line, number of the action, and what to do."""
    assert message in _refused(tmp_path, overlay)


def test_what_an_overlay_makes_is_checked(tmp_path: Path) -> None:
    """A document that an overlay has made invalid is refused as any other."""
    assert "`paths`" in _refused(tmp_path, OVERLAY + "actions: [{target: $.paths, remove: true}]\n")


def test_an_overlay_cannot_grow_a_document_without_bound(tmp_path: Path) -> None:
    """What all updates add together has a limit."""
    values = ", ".join(["1"] * 300)
    actions = "".join(f"- {{target: '$..*', update: {{x-{number}: [{values}]}}}}\n" for number in range(2))

    assert "too many keys and values" in _refused(tmp_path, f"{OVERLAY}actions:\n{actions}")


def test_a_contract_with_an_overlay(tmp_path: Path) -> None:
    """A contract is that of the overlay, also as a text; its files name both; the cache holds nothing of it."""
    source = write(
        tmp_path, {"openapi.yaml": ROOT, "overlay.yaml": f"{OVERLAY}actions: [{{target: $.info.title, update: new}}]"}
    )
    cache, overlay = Cache(str(tmp_path / "cache")), tmp_path / "overlay.yaml"

    corrected = Contract.load(source, cache, overlay=overlay)
    plain = Contract.load(source, cache)
    assert (corrected.title, plain.title) == ("new 1", "t 1")
    assert b'"new"' in corrected.text
    assert set(corrected.files) == {source, overlay}
    assert Contract.load(source, cache, overlay=overlay).title == "new 1"


WRITTEN = """- {target: $.info, update: {title: other}}
- target: "$.paths['/pets']"
  update:
    x-a: {b: 1,
      c: [2]}
    get:
      tags: [d,
        e]
- {target: "$.paths['/pets'].x-a", update: {c: [3]}}
- {target: "$.tags[?@.name == 'a']", remove: true}
"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("/info/title", "overlay.yaml:4"),
        ("/paths/~1pets/x-a", "overlay.yaml:7"),
        ("/paths/~1pets/x-a/b", "overlay.yaml:7"),
        ("/paths/~1pets/x-a/c/0", "overlay.yaml:8"),
        ("/paths/~1pets/x-a/c/1", "overlay.yaml:12"),
        ("/paths/~1pets/get/tags/1", "overlay.yaml:11"),
        ("/paths/~1pets/get/summary", "openapi.yaml:6"),
    ],
)
def test_what_an_overlay_wrote_has_its_line(tmp_path: Path, pointer: str, line: str) -> None:
    """The place of a value is in the file that it was read from: the overlay's, at any depth, or the document's."""
    source = write(tmp_path, {"openapi.yaml": ROOT, "overlay.yaml": f"{OVERLAY}actions:\n{WRITTEN}"})

    assert load(source, overlay=tmp_path / "overlay.yaml").line(pointer) == f"{tmp_path}/{line}"
