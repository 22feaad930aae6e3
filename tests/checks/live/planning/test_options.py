"""What a run may be asked to do, and where it needs consent."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.live import run
from mockserver.checks.live.planning.options import Options, combined, from_files
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError

KEY = Credentials(api_key="key")


def _options(url: str, *yes: str) -> Options:
    return Options(url, KEY, yes_host=yes)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8181", "http://localhost", "http://[::1]:80", "http://127.8.0.1"])
def test_this_machine_needs_no_consent(url: str) -> None:
    """A loopback address may be tested hard, and at once."""
    options = _options(url)

    options.check_consent()
    assert (options.is_hostile, options.requests_a_second) == (True, None)


@pytest.mark.parametrize("store", ["DEFAULT", "default"])
def test_another_store_is_another_one(store: str) -> None:
    """That a store sees its own records would be five false alarms."""
    with pytest.raises(SettingsError, match="--other-store must be another store"):
        Options("http://127.0.0.1:8181", KEY, other_store=store)


def test_other_hosts_need_consent() -> None:
    """Anything else needs its name, or a pattern, and is treated kindly."""
    with pytest.raises(SettingsError, match=r"--yes-host ol\.staging\.example\.org"):
        _options("https://ol.staging.example.org").check_consent()

    _options("https://ol.staging.example.org", "ol.staging.example.org").check_consent()
    options = _options("https://ol.staging.example.org", "*.staging.example.org")
    options.check_consent()
    assert (options.is_hostile, options.requests_a_second, options.seconds) == (False, 10.0, 540.0)


@pytest.mark.parametrize(
    "host", ["staging.shop.com", "shop-test.com", "a.example", "example.org", "qa1.shop.dev", "a.test"]
)
def test_hosts_of_tests_may_be_named_by_a_pattern(host: str) -> None:
    """A name that says so, or one that is reserved; in whatever letter case, as hosts have none."""
    _options(f"https://{host.upper()}", f"*{host[2:].title()}").check_consent()
    _options(f"https://{host}", host.upper()).check_consent()


PRODUCTION = [
    "loyalty.shop.com",
    "api.prod.shop.com",
    "www.shop.com",
    "live.shop.com",
    "shop.dev",
    "example.shop.com",
    "a-example.com",
]


@pytest.mark.parametrize("host", PRODUCTION)
def test_production_must_be_named_exactly(host: str) -> None:
    """A host whose name says nothing of tests isn't covered by a pattern."""
    with pytest.raises(SettingsError, match="looks like production"):
        _options(f"https://{host}", "*").check_consent()

    _options(f"https://{host}", host).check_consent()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "Which instance"),
        ("127.0.0.1:8181", "--url must be like"),
        ("ftp://host", "--url must be like"),
        ("https://me:secret@host", "user name or password"),
        ("http://[", "--url must be like"),
        ("https://host/?key=1", "--url must be like"),
    ],
)
def test_urls_that_cannot_be_used(url: str, words: str) -> None:
    """What is wrong with an address is said."""
    with pytest.raises(SettingsError, match=words):
        _options(url)


def test_somebody_must_call() -> None:
    """Without a credential nothing can be judged."""
    with pytest.raises(SettingsError, match="OL_USERNAME"):
        Options("http://127.0.0.1", Credentials(username="admin"))


def test_settings_stand_in_a_file(tmp_path: Path) -> None:
    """mockserver-check.toml, or a table of pyproject.toml; dashes and underscores are the same."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.mockserver.check]\nother-store = "B"\nyes-host = ["a", "b"]', "utf-8"
    )
    assert from_files(tmp_path) == {"other_store": "B", "yes_host": ("a", "b")}

    (tmp_path / "mockserver-check.toml").write_text('store = "A"', "utf-8")
    assert from_files(tmp_path) == {"store": "A"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('password = "x"', "OL_PASSWORD"),
        ("colour = 1", "colour is no setting"),
        ("store = ", "can't be read"),
        ("rate = 5", "rate can't be 5"),
        ("tag = 'x'", "tag can't be"),
    ],
)
def test_settings_files_are_checked(tmp_path: Path, content: str, words: str) -> None:
    """Secrets and misspelt names are refused."""
    (tmp_path / "mockserver-check.toml").write_text(content, "utf-8")

    with pytest.raises(SettingsError, match=words):
        from_files(tmp_path)


@pytest.mark.parametrize(
    "consent", [{"yes_host": ("b",)}, {"allow_residue": ("member",)}, {"allow_revoke": True}, {"hostile": True}]
)
def test_a_file_consents_only_for_a_url_of_the_command_line(consent: dict[str, Any]) -> None:
    """Who writes a file that comes with a repository must not choose where credentials go; nor does what is only
    restricted need a URL."""
    file = {"url": "http://b", "store": "A", **consent}
    with pytest.raises(SettingsError, match="Give --url"):
        combined(file, {})

    assert combined(file, {"url": "http://c"}) == {**file, "url": "http://c"}
    assert combined(file, consent) == file
    assert combined({"url": "http://b", "hostile": False}, {}) == {"url": "http://b", "hostile": False}


def test_unknown_operations_are_named() -> None:
    """A filter that matches nothing is an error, not an empty run."""
    with pytest.raises(SettingsError, match="no operation 'nope'"):
        run.plan(Options("http://127.0.0.1", KEY, operation=("nope",)))
    with pytest.raises(SettingsError, match="--allow-residue knows member"):
        run.plan(Options("http://127.0.0.1", KEY, allow_residue=("order",)))


def test_a_plan_says_what_is_written_and_left_out() -> None:
    """Members and transactions aren't created, the account isn't logged out; subscriptions are."""
    plan = run.plan(Options("http://127.0.0.1", KEY))

    assert "_webhookSubscriptionPost" in plan.writes
    assert "_memberPost" not in plan.writes
    assert any("userGetTokenRevoke" in line for line in plan.left_out)
    assert 500 < run.expected(plan).requests < 5000
    assert plan.summary(run.expected(plan))[0].startswith("host        counts as this machine: ")
