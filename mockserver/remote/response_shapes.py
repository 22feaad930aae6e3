"""The shape of a JSON response: it is checked by its type before anything is read from it.

The types are those of `answers` and `api_answers`, which tests hold to the contracts. Other properties are allowed, and
so is another text where a `Literal` lists some: a newer mock may have more of both.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

Test = Callable[[Any], bool]


def fits(value: Any, kind: Any) -> bool:
    """Whether a JSON value is of a type: a TypedDict, or what such ones are made of. Booleans are no numbers."""
    return _test(kind)(value)


@cache
def _test(kind: Any) -> Test:
    """The test for a type, which is made once."""
    if is_typeddict(kind):
        return _of_properties(kind)
    make: Callable[..., Test] = _OF_MANY.get(get_origin(kind), _plain)
    return make(*(get_args(kind) or [kind]))


def _plain(kind: Any) -> Test:
    allowed: Any = {Any: object, None: NoneType, float: (int, float)}.get(kind, kind)
    if kind in (int, float):
        return lambda value: isinstance(value, allowed) and not isinstance(value, bool)
    return lambda value: isinstance(value, allowed)


def _any_of(*kinds: Any) -> Test:
    tests = [_test(kind) for kind in kinds]
    return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)


def _like(*values: Any) -> Test:
    return _any_of(*{type(value) for value in values})


def _list_of(kind: Any) -> Test:
    test = _test(kind)
    return lambda value: isinstance(value, list) and all(map(test, value))


def _dict_of(_: Any, kind: Any) -> Test:
    test = _test(kind)
    return lambda value: isinstance(value, dict) and all(map(test, value.values()))


def _of_properties(kind: Any) -> Test:
    required = kind.__required_keys__
    tests = {name: _test(hint) for name, hint in get_type_hints(kind).items()}

    def test(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and required <= value.keys()
            and all(one(value[name]) for name, one in tests.items() if name in value)
        )

    return test


_OF_MANY: Mapping[Any, Callable[..., Test]] = {
    Literal: _like,
    Union: _any_of,
    UnionType: _any_of,
    list: _list_of,
    dict: _dict_of,
}
