"""mockserver.world.reserved_headers: names of headers, and cookies, that only the mock sets."""

import pytest

from mockserver.world.reserved_headers import SESSION, is_cookie, reserved_because


@pytest.mark.parametrize("name", ["Refresh", "content-length", "X-MOCK-anything", "Cross-Origin-Opener-Policy"])
def test_reserved_headers_have_a_reason(name: str) -> None:
    """A reserved name, in any case, has a reason that can stand behind "because"."""
    assert reserved_because(name)


@pytest.mark.parametrize("name", ["Location", "Retry-After", "Cache-Control", "X-Mocking"])
def test_other_headers_have_none(name: str) -> None:
    """Any other name has none."""
    assert reserved_because(name) is None


@pytest.mark.parametrize(("value", "expected"), [("a=b; Path=/", True), (f"{SESSION}=b", False), ("=a", False)])
def test_cookies_have_names_of_their_own(value: str, *, expected: bool) -> None:
    """A cookie has to have a name, another one than that of the mock's page."""
    assert is_cookie(value) is expected
