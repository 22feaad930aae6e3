"""The options of a run, its settings files, and the consent that a host needs that is not this machine."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import ceil
from pathlib import Path
from typing import Any, ClassVar, get_args, get_origin

from mockserver.checks.findings.judge_options import JudgeOptions
from mockserver.checks.transport.access_options import check_basic, check_route
from mockserver.checks.transport.guarded_transport import MOST_AT_ONCE
from mockserver.checks.transport.instance_url import address_of
from mockserver.checks.transport.judged_address import JudgedAddress
from mockserver.checks.transport.routes import NetworkRoute, route_to
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError
from mockserver.escaping import masked

SETTINGS_FILES = ("mockserver-check.toml", "pyproject.toml")
# what lets a run do more, and who sees what it sends
CONSENT = ("yes_host", "allow_residue", "allow_revoke", "hostile", "proxy", "ca_file", "insecure")
EXAMPLES, POLITE_EXAMPLES = 240, 60
POLITE_SECONDS = 540.0
MOST_A_SECOND = 100  # requests of one run, where nothing else limits them
HEADROOM = 3  # so that the rate is kept up although what comes between two requests takes time, too
MOST_UNASKED = 8  # requests at once
REPORTS = "mockserver-report"
SECRETS = (
    *("credentials", "username", "password", "api_key", "member_username", "member_password", "expired_token"),
    *("header", "basic"),
)


@dataclass(frozen=True)
class Options(JudgedAddress, JudgeOptions):
    """The options of one run. Raises SettingsError for values that can't be used.

    `url_option` and `store_option` are what the command line calls two of them."""

    url_option: ClassVar[str] = "--url"
    store_option: ClassVar[str] = "--store"
    credentials: Credentials = field(default_factory=Credentials)
    store: str = "DEFAULT"
    other_store: str | None = None
    path_value: tuple[str, ...] = ()
    read_only: bool = False
    plan: bool = False
    seed: int | None = None
    max_time: float | None = None
    max_requests: int | None = None
    max_examples: int | None = None
    concurrency: int | None = None
    latency: float | None = None  # milliseconds
    operation: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    report_dir: str = field(default=REPORTS, kw_only=True)
    ledger: str | None = None
    allow_residue: tuple[str, ...] = ()
    allow_revoke: bool = False
    timeout: float = 10.0
    proxy: str | None = None
    ca_file: str | None = None
    insecure: bool = False

    def __post_init__(self) -> None:
        if not self.url:
            raise SettingsError(f"Which instance? Give {self.url_option}, the part of its address before /api.")
        if "@" in self.url:
            said = "must not hold a user name or password; use --username or OL_USERNAME."
            raise SettingsError(f"{self.url_option} {said}")
        try:  # what compares URLs has those of requests beside it
            object.__setattr__(self, "url", address_of(self.url))
        except ValueError as error:
            shown = f"https://host or http://127.0.0.1:8181, not {masked(self.url)!r}"
            raise SettingsError(f"{self.url_option} must be like {shown}.") from error
        if not self.credentials.is_admin and not self.credentials.has_member:
            raise SettingsError(
                "Who am I? Give --username and --password, --api-key, or a member's account (or OL_USERNAME, "
                "OL_PASSWORD, OL_API_KEY, OL_MEMBER_USERNAME, OL_MEMBER_PASSWORD)."
            )
        if self.other_store is not None and self.other_store.casefold() == self.store.casefold():
            raise SettingsError(f"--other-store must be another store than --store, which is {self.store!r}, too.")
        if wrong := next((one for one in self.path_value if not re.fullmatch(r"[^=/{}]+=[^/]+", one)), None):
            raise SettingsError(f"--path-value must be like tenant=acme, a parameter and its value, not {wrong!r}.")
        check_basic(self.credentials.basic)
        check_route(self.proxy, self.ca_file, insecure=self.insecure)
        JudgedAddress.__post_init__(self)
        JudgeOptions.__post_init__(self)

    @property
    def examples(self) -> int:
        """Generated cases for each operation."""
        return self.max_examples or (EXAMPLES if self.is_here else POLITE_EXAMPLES)

    def at_once(self, latency: float) -> int:
        """The number of requests on the way at once where an answer takes so many seconds: as many as were asked for,
        or as keep up the rate although each answer takes its time."""
        rate = self.requests_a_second or MOST_A_SECOND
        fitting = min(ceil(latency * rate * HEADROOM), MOST_UNASKED)
        return max(1, min(self.concurrency or fitting, MOST_AT_ONCE))

    @property
    def seconds(self) -> float | None:
        """The budget of time."""
        return self.max_time or (None if self.is_here else POLITE_SECONDS)

    @property
    def as_reported(self) -> dict[str, Any]:
        """The options on which findings depend, under the names that settings have; of secrets their names."""
        names = (
            "store",
            "other_store",
            "path_value",
            "operation",
            "tag",
            "allow_residue",
            "allow_revoke",
            "read_only",
            "spec",
            "overlay",
        )
        chosen: dict[str, Any] = {name: getattr(self, name) for name in names}
        chosen |= {"hostile": self.is_hostile, "max_examples": self.examples, "timeout": self.timeout}
        chosen["credentials"] = self.credentials.given
        return {name: list(value) if isinstance(value, tuple) else value for name, value in chosen.items() if value}

    @property
    def contexts(self) -> dict[str, str]:
        """The values of path parameters that name where the run goes on, and no record of it."""
        return dict(one.split("=", 1) for one in self.path_value)

    @property
    def route(self) -> NetworkRoute:
        """The route to the instance. To this machine no proxy leads that isn't asked for."""
        proxy, trusted, insecure = self.proxy, self.ca_file, self.insecure
        return route_to(self.url, proxy=proxy, ca_file=trusted, insecure=insecure, direct=self.is_here)

    @property
    def ledger_path(self) -> Path:
        """The path of the ledger."""
        return Path(self.ledger) if self.ledger else Path(self.report_dir) / "ledger.jsonl"


def from_files(folder: Path) -> dict[str, Any]:
    """The settings of mockserver-check.toml, or of [tool.mockserver.check] in pyproject.toml. Raises SettingsError."""
    for name in SETTINGS_FILES:
        path = folder / name
        if path.is_file():
            content = _read(path)
            if name == "pyproject.toml":
                content = content.get("tool", {}).get("mockserver", {}).get("check", {})
            if content:
                return _checked(path, content)
    return {}


def combined(from_file: Mapping[str, Any], chosen: Mapping[str, Any], url_option: str = "--url") -> dict[str, Any]:
    """The settings of a file, and those of the command line over them.

    Raises SettingsError if a file both names the instance and consents: it may have come with somebody's repository,
    and would send the credentials of whoever runs the check to a host of its choice.
    """
    consents = [name for name in CONSENT if from_file.get(name) and name not in chosen]
    if consents and "url" not in chosen:
        option = consents[0].replace("_", "-")
        raise SettingsError(
            f"{option} stands in a settings file, where it counts only for an instance that the command line names. "
            f"Give {url_option}, or take {option} out."
        )
    return {**from_file, **chosen}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} can't be read: {error}.") from error


def _checked(path: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    known = {one.name: one.type for one in fields(Options)}
    settings = {name.replace("-", "_"): value for name, value in content.items()}
    for secret in SECRETS:
        if secret in settings:
            raise SettingsError(f"{path}: {secret} doesn't belong in a file. Use the environment: OL_{secret.upper()}.")
    if unknown := sorted(settings.keys() - known.keys()):
        raise SettingsError(f"{path}: {unknown[0]} is no setting of `mockserver check live`.")
    for name, value in settings.items():
        if not _fits(value, known[name]):
            raise SettingsError(f"{path}: {name} can't be {value!r}.")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value of TOML can be that of a setting."""
    if get_origin(kind) is tuple:
        return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
    if isinstance(value, bool):
        return bool in (kind, *get_args(kind))
    number = isinstance(value, int) and float in (kind, *get_args(kind))
    return number or isinstance(value, kind)
