"""What follows from the address of who is judged."""

import pytest

from mockserver.checks.transport.judged_address import JudgedAddress
from mockserver.errors import SettingsError


@pytest.mark.parametrize(
    ("url", "host", "is_here"),
    [
        ("http://127.0.0.1:8181", "127.0.0.1", True),
        ("http://[::1]:80/hook", "::1", True),
        ("https://App.localhost", "app.localhost", True),
        ("https://shop.example.com:8443", "shop.example.com", False),
    ],
)
def test_this_machine_gets_all_at_once_and_others_are_spared(url: str, host: str, *, is_here: bool) -> None:
    """Elsewhere ten requests a second, and nothing hostile."""
    address = JudgedAddress(url)

    assert (address.host, address.is_here, address.is_hostile) == (host, is_here, is_here)
    assert address.requests_a_second == (None if is_here else 10.0)


def test_what_is_asked_for_goes_before() -> None:
    """Also where the address says something else."""
    here = JudgedAddress("http://127.0.0.1", rate="90/m", hostile=False)
    there = JudgedAddress("https://shop.example.com", rate="2/s", hostile=True)

    assert (here.requests_a_second, here.is_hostile) == (1.5, False)
    assert (there.requests_a_second, there.is_hostile) == (2.0, True)


def test_another_host_needs_consent() -> None:
    """By its name; and a rate has to be one."""
    with pytest.raises(SettingsError, match=r"--yes-host shop\.example\.com"):
        JudgedAddress("https://shop.example.com").check_consent()
    JudgedAddress("https://shop.example.com", yes_host=("shop.example.com",)).check_consent()
    with pytest.raises(SettingsError, match="10/s or 90/m"):
        JudgedAddress("http://127.0.0.1", rate="fast")


def test_a_plan_says_that_an_address_counts_as_this_machine() -> None:
    """With what follows from that: at the other end of a tunnel there may be an instance that others use."""
    here, there = "http://127.0.0.1:8181", "https://shop.example.com"

    assert JudgedAddress(there).planned() == []
    (line,) = JudgedAddress(here).planned()
    assert line.startswith(
        "host        counts as this machine: no consent, any rate, hostile requests; behind a tunnel"
    )
    assert line.endswith("give --rate 10/s --no-hostile")
    assert JudgedAddress(here).planned(sends_hostile=False)[0].endswith("instance, give --rate 10/s")
    assert JudgedAddress(here, rate="10/s", hostile=False).planned() == [
        "host        counts as this machine: no consent"
    ]
