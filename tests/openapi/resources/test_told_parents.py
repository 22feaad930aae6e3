"""mockserver.openapi.resources.told_parents: the resource that a contract says the records of another one are in."""

import pytest

from mockserver.errors import ContractError
from mockserver.openapi.resources import RecognisedResource, recognise
from tests.support.contracts_of import Json
from tests.support.remembering import contract_of, told_loans, with_cards

PET, LOAN = "/pets/{petId}", "/loans/{loanId}"


def _resource(document: Json, name: str) -> RecognisedResource:
    return next(one for one in recognise(contract_of(document)) if one.name == name)


@pytest.mark.parametrize("parent", ["/account/{id}", "id"])
def test_a_path_may_name_the_parent_by_another_word(parent: str) -> None:
    """As many parameters lead to it, and the last one stands behind the same word."""
    cards = _resource(with_cards(parent), "cards")

    assert (cards.parent, cards.holder) == ("account", None)


@pytest.mark.parametrize("parent", ["/pets/{petId}/toys/{toyId}", "toyId"])
def test_a_field_may_name_the_parent(parent: str) -> None:
    """Where no path does; the parent may be meant by its path or by the parameter there."""
    loans = _resource(told_loans(parent), "loans")

    assert (loans.parent, loans.holder, loans.named_by) == (None, "toys", (None, ("toyId",)))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (told_loans("/people/{id}"), "'/people/{id}' as parent, which is no other resource; there are /pets/{petId}"),
        (told_loans(LOAN), "which is no other resource"),
        (told_loans(PET), "and not /pets/{petId}"),
        (told_loans(PET, petId={"type": "object"}), "or a field of its records, and not /pets/{petId}"),
        (told_loans(3), "takes a text as parent, and not 3"),
    ],
)
def test_a_parent_that_cannot_be_is_refused(document: Json, message: str) -> None:
    """The error names the path, and what to write."""
    with pytest.raises(ContractError) as caught:
        recognise(contract_of(document))

    assert message in str(caught.value)
    assert "x-mock-resource of " in str(caught.value)
    assert "/x-mock-resource" in str(caught.value.pointer)
