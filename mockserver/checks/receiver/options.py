"""The options of a run of `check receiver`."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from mockserver.checks.findings.receiver_promises import ReceiverPromise
from mockserver.checks.findings.report import SEVERITIES
from mockserver.checks.transport import consent
from mockserver.checks.transport.rate_limiting import parse_rate
from mockserver.errors import SettingsError
from mockserver.escaping import masked
from mockserver.signing import Scheme, SignedUrl

POLITE_RATE = "10/s"  # where the host is not this machine
SIGNINGS = (Scheme.VENDOR.value, Scheme.STANDARD_WEBHOOKS.value)  # a receiver that verifies nothing can't be judged
REPORTS = "mockserver-report/receiver"
NO_SECRET = (
    "Which secret does the receiver verify by? Give it by MOCKSERVER_WEBHOOK_SECRET; it is the one that the "  # noqa: S105
    "subscription was answered with."
)


@dataclass(frozen=True)
class ReceiverOptions:
    """The options of one run. `signed_url` is the URL that was subscribed, if it is another one than `url`. `event` is
    the one that has an effect. Raises SettingsError for values that can't be used."""

    url: str = ""
    secret: str = field(default="", repr=False)
    old_secrets: tuple[str, ...] = field(default=(), repr=False)
    signed_url: str | None = None
    event: str | None = None
    signing: str | None = None
    store: str = "DEFAULT"
    effects: str | None = None
    effects_command: str | None = None
    effects_wait: float = 2.0
    break_command: str | None = None
    mend_command: str | None = None
    only: tuple[str, ...] = ()
    examples: int = 3
    seed: int | None = None
    rate: str | None = None
    hostile: bool | None = None
    yes_host: tuple[str, ...] = ()
    timeout: float = 10.0
    plan: bool = False
    spec: str | None = None
    spec_root: str | None = None
    baseline: str | None = None
    compare: str | None = None
    fail_on: str = SEVERITIES[-1]
    report_dir: str = REPORTS
    against_mock: str | None = None
    ca_file: str | None = None
    insecure: bool = False

    def __post_init__(self) -> None:
        self._check_addresses()
        self._check_secrets()
        if self.effects and self.effects_command:
            raise SettingsError("Give --effects or --effects-command, not both.")
        if bool(self.break_command) != bool(self.mend_command):
            raise SettingsError("--break-command and --mend-command belong together: give both.")
        known = [promise.value for promise in ReceiverPromise]
        if unknown := [name for name in self.only if name not in known]:
            raise SettingsError(f"--only knows {', '.join(known)}, not {unknown[0]!r}.")
        if self.rate is not None:
            parse_rate(self.rate)
        if self.signing not in (None, *SIGNINGS):
            raise SettingsError(f"--signing is {' or '.join(SIGNINGS)}, not {self.signing!r}.")
        if self.fail_on not in SEVERITIES:
            raise SettingsError(f"fail-on must be one of {', '.join(SEVERITIES)}, not {self.fail_on!r}.")

    def _check_addresses(self) -> None:
        """Raises SettingsError for an address that can't be used."""
        if not self.url:
            raise SettingsError("Which receiver? Give --url, the address that gets the webhooks.")
        for option, url in (("--url", self.url), ("--signed-url", self.signed_url), ("--effects", self.effects)):
            if url is not None:
                _check_url(option, url)
        if self.ca_file and self.insecure:
            raise SettingsError("--ca-file says whom to trust, and --insecure to trust everybody: give one of them.")

    def _check_secrets(self) -> None:
        """Raises SettingsError unless there is a secret, which is no old one. A plan needs none."""
        if not self.secret and not self.plan:
            raise SettingsError(NO_SECRET)
        if self.secret and self.secret in self.old_secrets:
            raise SettingsError("The secret is among the old ones (MOCKSERVER_OLD_WEBHOOK_SECRETS): take it out there.")

    @property
    def host(self) -> str:
        """The host of the receiver, without its port."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_here(self) -> bool:
        """Whether the receiver is on this machine."""
        return consent.is_here(self.host)

    @property
    def is_hostile(self) -> bool:
        """Whether huge bodies and bursts are sent."""
        return self.is_here if self.hostile is None else self.hostile

    @property
    def requests_a_second(self) -> float | None:
        """The rate; None is as fast as the receiver answers."""
        if self.rate is None:
            return None if self.is_here else parse_rate(POLITE_RATE)
        return parse_rate(self.rate)

    @property
    def signed(self) -> SignedUrl:
        """The parts of the subscribed URL that are signed."""
        return SignedUrl.of(self.signed_url or self.url)

    @property
    def has_probe(self) -> bool:
        """Whether effects can be seen."""
        return bool(self.effects or self.effects_command)

    @property
    def as_reported(self) -> dict[str, Any]:
        """The options on which findings depend."""
        names = ("signed_url", "event", "signing", "store", "only", "examples", "timeout", "spec")
        chosen: dict[str, Any] = {name: getattr(self, name) for name in names} | {"hostile": self.is_hostile}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in chosen.items() if value}

    def check_consent(self) -> None:
        """Raises SettingsError unless receiver and probe are on this machine, or were agreed to."""
        hosts = (urlsplit(url).hostname or "" for url in (self.url, self.effects, self.against_mock) if url)
        for host in hosts:
            consent.check_consent(host, self.yes_host)


def _check_url(option: str, url: str) -> None:
    """Raises SettingsError unless this is an address of http or https without a user name."""
    try:
        parts = urlsplit(url)
        good = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
        )
    except ValueError:
        good = False
    if not good or urlsplit(url).fragment:
        raise SettingsError(f"{option} must be like http://127.0.0.1:3000/webhooks, not {masked(url)!r}.")
