"""mockserver.openapi.contract.validation and compiling: validators, compiled at their first use or at the start."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import ContractError
from mockserver.openapi.cache import Cache
from mockserver.openapi.contract import Contract
from mockserver.openapi.contract.document import MOST_COMPILED

ROOT = "/components/schemas/Root"
NO_PATTERN = "([a-z"


def document(root: Any, **others: Any) -> dict[str, Any]:
    """A document with these component schemas; the first one is `Root`."""
    schemas = {"schemas": {"Root": root, **others}}
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}, "components": schemas}


def test_our_own_mistakes_are_still_refused() -> None:
    """A contract that wasn't loaded from elsewhere is compiled at once: its mistakes are found at start-up."""
    contract = Contract(b"", document({"type": "string", "pattern": NO_PATTERN}))

    with pytest.raises(ContractError, match="can't stand there"):
        contract.validator(ROOT)


def test_ours_is_compiled_later_once_it_was_served(tmp_path: Path) -> None:
    """The shipped contract is stored when all of it was compiled, not before: only then the next process compiles each
    schema at its first use."""
    first = Contract.load(cache=Cache(str(tmp_path)))
    was_stored_at_once = any(tmp_path.iterdir())
    first.keep("as always")
    second = Contract.load(cache=Cache(str(tmp_path)))
    schema = f"/components/schemas/{next(iter(first.document['components']['schemas']))}"
    at_first = [contract.validator(schema).is_valid for contract in (first, second)]
    compiled = [contract.validator(schema).compiled().is_valid for contract in (first, second)]

    assert not was_stored_at_once
    assert second.document == first.document
    assert [second.was_kept(how) for how in ("as always", "otherwise")] == [True, False]
    assert [early == late for early, late in zip(at_first, compiled, strict=True)] == [True, False]


def test_a_lost_document_is_kept_again(tmp_path: Path) -> None:
    """Where the stored document is gone, the next start is a first one: it compiles, and stores it again."""
    Contract.load(cache=Cache(str(tmp_path))).keep("as always")
    entries = {path: path.stat().st_size for path in tmp_path.iterdir()}
    document = max(entries, key=entries.__getitem__)
    document.unlink()

    second = Contract.load(cache=Cache(str(tmp_path)))
    was_kept = second.was_kept("as always")
    second.keep("as always")

    assert (was_kept, document.stat().st_size) == (False, entries[document])
    assert Contract.load(cache=Cache(str(tmp_path))).was_kept("as always")


def test_one_schema_is_compiled_once() -> None:
    """The same schema has one validator, for requests and responses, directly or by a reference."""
    contract = Contract(b"", document({"$ref": "#/components/schemas/Pet"}, Pet={"type": "string"}), is_repaired=True)

    assert contract.validator(ROOT, sent=True) is contract.validator("/components/schemas/Pet", strict=True)


@pytest.mark.parametrize("is_repaired", [True, False])
def test_compiled_code_is_called_directly(is_repaired: bool) -> None:  # noqa: FBT001 (both ways are compared)
    """Ours from the start, another one after the first use: `is_valid` is the compiled validator's own."""
    validator = Contract(b"", document({"type": "string"}), is_repaired=is_repaired).validator(ROOT)
    before = validator.is_valid

    assert validator.is_valid("a")
    assert (before == validator.compiled().is_valid) is not is_repaired
    assert validator.is_valid == validator.compiled().is_valid


def test_schemas_are_compiled_again_when_they_were_forgotten() -> None:
    """Of a document with more schemas than are kept compiled, each validator still works."""
    schemas = {f"S{number}": {"type": "integer", "minimum": number} for number in range(2 * MOST_COMPILED)}
    contract = Contract(b"", document({}, **schemas), is_repaired=True)
    validators = [contract.validator(f"/components/schemas/{name}") for name in schemas]

    for _ in range(2):
        assert all(validator.is_valid(number) for number, validator in enumerate(validators))
        assert not any(validator.is_valid(number - 1) for number, validator in enumerate(validators))


def test_a_name_that_is_no_uri_is_refused() -> None:
    """Where schemas can't be known by their names, it is an error of the contract, as for any that doesn't compile."""
    schemas = {"A": {"$id": "a b", "$dynamicAnchor": "n"}}
    contract = Contract(b"", {"openapi": "3.1.0", "paths": {}, "components": {"schemas": schemas}})

    with pytest.raises(ContractError, match="a name that a schema gives itself"):
        contract.validator("/components/schemas/A")
