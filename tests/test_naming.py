"""mockserver.naming: names in Python and in the contract."""

from mockserver.naming import camel_case


def test_names_are_those_of_the_contract() -> None:
    """A snake-case name becomes camelCase; what is none stays."""
    assert [camel_case(name) for name in ("store_code", "body", "at_least_1")] == ["storeCode", "body", "atLeast_1"]
