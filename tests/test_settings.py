"""mockserver.settings: what can be set, what is refused, and the page that lists it all."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import SettingsError
from mockserver.settings import Settings, environment_variable

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
CELL = re.compile(r"^\| `(--[a-z-]+)` \| `([A-Z_]+)` \| (?:`(.*?)`|none) \| (.*) \|$", re.MULTILINE)


@pytest.mark.parametrize(
    ("bad", "advice"),
    [
        ({"port": -1}, "The port must be between 0 and 65535, not -1."),
        ({"port": 65_536}, "The port must be between 0 and 65535, not 65536."),
        ({"stores": ()}, "The stores must be comma-separated codes"),
        ({"stores": ("A", "")}, "without slashes or spaces, of 255 characters at most, not 'A,'."),
        ({"stores": ("A/B",)}, "without slashes or spaces, of 255 characters at most, not 'A/B'."),
        ({"stores": ("A" * 256,)}, "of 255 characters at most, not 'AAA"),
        ({"stores": tuple(f"S{number}" for number in range(20_001))}, "There may be 20000 stores, not 20001."),
        ({"stores": ("A B",)}, "without slashes or spaces"),
        ({"stores": ("A?",)}, "without slashes or spaces"),
        ({"stores": ("A#",)}, "without slashes or spaces"),
        ({"stores": ("A%41",)}, "without slashes or spaces"),
        ({"stores": ("A\n",)}, "without slashes or spaces"),
        ({"stores": ("..",)}, "without slashes or spaces"),
        ({"stores": ("A\ud800",)}, "without slashes or spaces"),
        ({"stores": ("A", "B", "A")}, "The stores must differ from each other, unlike 'A,B,A'."),
        ({"token_ttl": 0}, "The lifetime of a token must be between 1 and"),
        ({"refresh_ttl": -5}, "The lifetime of a token must be between 1 and"),
        ({"login_rate_limit": -1}, "The login rate limit must be 0 (off) or a number of logins a minute."),
        ({"control_token": ""}, "The control token must be of printable ASCII characters"),
        ({"control_token": " t"}, "The control token must be of printable ASCII characters"),
        ({"retry_delay": -0.1}, "The retry delay must be between 0 and 86400 seconds"),
        ({"retry_delay": float("nan")}, "The retry delay must be between 0 and 86400 seconds"),
        ({"delivery_timeout": 0.0}, "the time-out of deliveries above 0"),
        ({"log_level": "loud"}, "The log level must be one of debug, info, warning, error, not 'loud'."),
        ({"log_format": "xml"}, "The log format must be one of text, json, not 'xml'."),
        ({"cors_origin": ("*",)}, "--cors-origin (MOCKSERVER_CORS_ORIGIN) takes origins as browsers send them"),
        ({"cors_origin": ("null",)}, "This is none: 'null'."),
        ({"control_origin": ("http://localhost:5173/",)}, "without a path, and no *."),
        ({"control_origin": ("http://Localhost",)}, "host in lower case"),
        ({"control_origin": ("http://a\r\nX: y",)}, "This is none:"),
        ({"port": "x"}, "Invalid value for port: 'x' is not a whole number."),
        ({"control": "maybe"}, "Invalid value for control: 'maybe' is not true or false."),
        ({"storage": "redis://h"}, "--storage (MOCKSERVER_STORAGE) takes memory, or the URL of a PostgreSQL database"),
        ({"deliver": False}, "--no-deliver leaves deliveries to others, who share a database: name it by --storage"),
        ({"storage_sync": True}, "--storage-sync is for a database: name one by --storage (MOCKSERVER_STORAGE)."),
        ({"storage": "postgresql://h/d", "watch": True}, "--watch can't be combined with a database"),
        ({"storage": "postgresql://h/d", "save": True, "state": "a"}, "--save can't be combined with a database"),
        ({"trust_proxy": ("10.1.2.3/8",)}, "This is none: 10.1.2.3/8 has host bits set."),
        ({"trust_proxy": ("proxy.test",)}, "--trust-proxy (MOCKSERVER_TRUST_PROXY) takes addresses, such as 127.0.0.1"),
        ({"trust_proxy": ("0.0.0.0/0",)}, "0.0.0.0/0: every client could choose its address. Name your proxies."),
        ({"trust_proxy": ("::/0",)}, "every client could choose its address"),
        ({"trust_proxy": ("0.0.0.0/1", "128.0.0.0/1")}, "0.0.0.0/1,128.0.0.0/1: every client could choose its address"),
        ({"trust_proxy": ("::/1", "127.0.0.1", "8000::/1")}, "every client could choose its address"),
        ({"trust_proxy": ("::ffff:0:0/96",)}, "every client could choose its address"),
        ({"log_level": "INFO"}, "The log level must be one of debug, info, warning, error, not 'INFO'."),
    ],
)
def test_bad_value_is_refused_with_advice(bad: dict[str, Any], advice: str) -> None:
    """A value that can't be used is refused in one line that says what would be right."""
    with pytest.raises(SettingsError) as refused:
        Settings(**bad)

    assert advice in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "good",
    [
        {"port": 0},
        {"port": 65_535},
        {"stores": ("DEFAULT", "default", "store-1.pl_ł")},
        {"token_ttl": 1, "refresh_ttl": 1},
        {"login_rate_limit": 0},
        {"log_level": "warning"},
        {"retry_delay": 0.0, "delivery_timeout": 0.001},
        {"webhook_allow": ()},
        {"trust_proxy": ("127.0.0.1", "10.0.0.0/8", "fd00::/8")},
        {"seed": 0},
    ],
)
def test_values_at_the_edge_are_taken(good: dict[str, Any]) -> None:
    """The smallest and the largest value that make sense can be set."""
    settings = Settings(**good)

    assert {name: getattr(settings, name) for name in good} == good


def test_settings_do_not_change() -> None:
    """Settings are read once: nothing can change them afterwards."""
    settings = Settings()

    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]  # what mypy refuses is what is tested


def test_default_of_one_setting() -> None:
    """The default of each setting can be asked for by its name."""
    names = [setting.name for setting in dataclasses.fields(Settings)]

    assert [Settings.default(name) for name in names] == [getattr(Settings(), name) for name in names]


def test_secrets_are_marked() -> None:
    """Passwords and keys are marked as secret, so that nothing shows them by mistake; the rest isn't."""
    marked = {setting.name for setting in dataclasses.fields(Settings) if setting.metadata["secret"]}

    assert marked == {"admin_password", "member_password", "api_key", "control_token", "webhook_secret"}


def test_environment_variable_is_named_after_the_setting() -> None:
    """The environment variable of a setting is its name in upper case behind MOCKSERVER_."""
    assert environment_variable("token_ttl") == "MOCKSERVER_TOKEN_TTL"


def test_settings_from_an_environment() -> None:
    """Each variable is read as its option would be; those that are empty or name no setting count for nothing."""
    environment = {
        "MOCKSERVER_STORES": "A, B",
        "MOCKSERVER_PORT": "9000",
        "MOCKSERVER_CONTROL": "Off",
        "MOCKSERVER_WATCH": "1",
        "MOCKSERVER_RETRY_DELAY": "0.5",
        "MOCKSERVER_SEED": "",
        "MOCKSERVER_URL": "http://localhost:8181",
        "PORT": "1",
    }

    settings = Settings.from_environment(environment)

    assert settings == Settings(stores=("A", "B"), port=9000, control=False, watch=True, retry_delay=0.5)


@pytest.mark.parametrize(
    ("name", "text", "advice"),
    [
        ("MOCKSERVER_PORT", "http", "Invalid value for MOCKSERVER_PORT: 'http' is not a whole number."),
        ("MOCKSERVER_PORT", "70000", "The port must be between 0 and 65535, not 70000."),
        ("MOCKSERVER_SEED", "1.5", "Invalid value for MOCKSERVER_SEED: '1.5' is not a whole number."),
        ("MOCKSERVER_RETRY_DELAY", "soon", "Invalid value for MOCKSERVER_RETRY_DELAY: 'soon' is not a number."),
        ("MOCKSERVER_STRICT", "maybe", "Invalid value for MOCKSERVER_STRICT: 'maybe' is not true or false."),
        ("MOCKSERVER_LOG_LEVEL", "loud", "The log level must be one of debug, info, warning, error, not 'loud'."),
    ],
)
def test_bad_variable_is_refused_with_advice(name: str, text: str, advice: str) -> None:
    """A variable that can't be used is refused in one line that names it, or the setting."""
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({name: text})

    assert str(refused.value) == advice


def test_page_lists_every_setting_and_no_other() -> None:
    """docs/settings.md names every setting with its option, variable, default and purpose, in the order of the code."""
    expected = [
        (
            "--" + setting.name.replace("_", "-"),
            environment_variable(setting.name),
            _as_text(setting.default),
            setting.metadata["purpose"],
        )
        for setting in dataclasses.fields(Settings)
    ]

    assert CELL.findall(PAGE.read_text(encoding="utf-8")) == expected


def test_page_has_no_row_that_is_not_compared() -> None:
    """Each row of the table in docs/settings.md has the form that the comparison reads."""
    text = PAGE.read_text(encoding="utf-8")

    rows = [line for line in text.splitlines() if line.startswith("|")]

    assert len(rows) == 2 + len(CELL.findall(text))


def _as_text(default: object) -> str:
    """A default as the page writes it; the empty text where there is none."""
    if default is None:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    return ",".join(default) if isinstance(default, tuple) else str(default)


def test_texts_are_read_as_options_are() -> None:
    """A value that is given as text means what it means on the command line; a list is as good as a tuple."""
    texts = {"stores": "A, B", "port": "0", "control": "false", "retry_delay": "0.5", "seed": "7"}
    given: dict[str, Any] = texts | {"cors_origin": "http://a.test:1"}
    read = Settings(**given)
    listed: dict[str, Any] = {"stores": ["A"]}

    assert (read.stores, read.port, read.control, read.retry_delay) == (("A", "B"), 0, False, 0.5)
    assert (read.cors_origin, read.seed) == (("http://a.test:1",), 7)
    assert Settings(**listed).stores == ("A",)
