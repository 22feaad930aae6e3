"""mockserver.openapi.record_names: what paths tell of records."""

import pytest

from mockserver.openapi.record_names import RecordNames

NAMES = RecordNames(
    [
        "/pets",
        "/pets/{petId}",
        "/pets/{petId}/toys",
        "/pets/{petId}/toys/{toy}/",
        "/loans/{loan}/return",
        "/{tenant}/orders",
        "/{tenant}/orders/{id}",
        "/files/{name}.{ext}",
    ]
)


@pytest.mark.parametrize(
    ("path", "record"),
    [
        ("/pets", None),
        ("/pets/{petId}", "petId"),
        ("/pets/{petId}/toys", "petId"),
        ("/pets/{petId}/toys/{toy}/wash", "toy"),
        ("/loans/{loan}/return", None),
        ("/{tenant}/orders", None),
        ("/{tenant}/orders/{id}", "id"),
        ("/files/{name}.{ext}", None),
    ],
)
def test_a_parameter_at_an_end_names_a_record(path: str, record: str | None) -> None:
    """What no path ends with is a context, as a tenant is; of several records the last one is meant."""
    assert NAMES.of(path) == record


@pytest.mark.parametrize(
    ("collection", "first"),
    [
        ("/pets", ["petId", "id"]),
        ("/pets/{petId}/toys/", ["toy", "id"]),
        ("/{tenant}/orders", ["id", "id"]),
        ("/x", []),
    ],
)
def test_an_id_has_the_name_of_its_parameter(collection: str, first: list[str]) -> None:
    """Else it is called `id`, or the like; what is posted where no record has a path has no id."""
    assert list(NAMES.id_properties(collection))[:2] == first


def test_an_id_may_be_named_after_its_kind() -> None:
    """`order_id` of what is posted to /orders is its id, though the path calls it otherwise."""
    assert {"orderId", "order_id"} <= set(NAMES.id_properties("/{tenant}/orders"))
