"""bench.memory.truth: the files that were written by hand."""

from bench.memory.truth import Call, documents, place, value_at
from tests.bench.memory.shelf import books


def test_ten_documents_are_read_by_hand() -> None:
    """Each has resources, whose parents are resources of it, and is pinned."""
    found = documents()

    assert len(found) >= 10
    for one in found:
        names = {each.name for each in one.resources}
        assert names
        assert all(each.parent in (None, *names) for each in one.resources)
        assert len(one.digest) == 64


def test_a_role_is_where_it_usually_is_or_elsewhere() -> None:
    """A file says only what is unusual."""
    one = books(elsewhere={"list": "GET /library?kind=book"})

    assert one.calls["read"] == Call("GET", "/books/{bookId}")
    assert one.calls["list"] == Call("GET", "/library", "kind=book")


def test_a_place_is_looked_up() -> None:
    """What isn't there is None."""
    assert value_at({"data": {"id": 1}}, place("data.id")) == 1
    assert value_at({"data": []}, place("data.id")) is None
    assert value_at(7, place("")) == 7
