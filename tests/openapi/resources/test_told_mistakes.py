"""mockserver.openapi.resources.told_mistakes: what is told and can't be is refused, by the field that is wrong."""

from typing import Any

import pytest

from mockserver.errors import ContractError
from mockserver.openapi.resources import recognise
from tests.support.remembering import contract_of, pets_document

PET = "/pets/{petId}"


def _mistake(path: str, method: str | None, said: Any) -> ContractError:
    document = pets_document()
    document["paths"]["/health"] = {"get": {"responses": {"200": {"description": ""}}}}
    item = document["paths"][path]
    (item if method is None else item[method])["x-mock-resource"] = said
    with pytest.raises(ContractError) as caught:
        recognise(contract_of(document))
    return caught.value


@pytest.mark.parametrize(
    ("path", "method", "said", "message", "field"),
    [
        (PET, None, {"key": "uid"}, "takes the field that holds {petId} as key, and not /uid", "key"),
        ("/pets", "get", {"items": "/data"}, "can't have items /data: its answer holds no list of these", "items"),
        ("/pets", "get", {"role": "patch", "item": PET}, "can't have the role patch: neither its path nor", "role"),
        ("/pets", "post", {"record": "/x"}, "has the record at /x, where its answer has nothing", "record"),
        ("/pets", "get", {"total": "n"}, "has the total at /n, where its answer has nothing", "total"),
        ("/health", "get", {"role": "list", "item": PET}, "can't have the role list: its answer is no list", "role"),
    ],
)
def test_the_wrong_field_is_named(path: str, method: str | None, said: Any, message: str, field: str) -> None:
    """The error says which field is wrong and why, and points to it."""
    error = _mistake(path, method, said)

    assert message in str(error)
    assert str(error.pointer).endswith(f"/x-mock-resource/{field}")


def test_a_role_nowhere_is_refused() -> None:
    """An operation on a path of no resource has to name one."""
    error = _mistake("/health", "get", {"role": "list"})

    assert "of GET /health belongs to no resource" in str(error)
    assert str(error.pointer).endswith("/x-mock-resource")
