"""The options of a run of `check receiver`."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from mockserver.checks.findings.judge_options import JudgeOptions
from mockserver.checks.findings.receiver_promises import ReceiverPromise
from mockserver.checks.transport import access_options, consent, shell_lines
from mockserver.checks.transport.judged_address import JudgedAddress
from mockserver.checks.transport.routes import NetworkRoute, route_to
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError
from mockserver.escaping import masked
from mockserver.signing import (
    ALGORITHM_HEADER,
    REQUEST_ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    VERSION_HEADER,
    Scheme,
    SignedUrl,
)
from mockserver.standard_webhooks import HEADERS as STANDARD_HEADERS

SIGNINGS = (Scheme.VENDOR.value, Scheme.STANDARD_WEBHOOKS.value)  # a receiver that verifies nothing can't be judged
REPORTS = "mockserver-report/receiver"
NO_SECRET = (
    "Which secret does the receiver verify by? Give it by MOCKSERVER_WEBHOOK_SECRET; it is the one that the "  # noqa: S105
    "subscription was answered with."
)
_SHOWN_AGAIN = (
    *("url", "yes_host", "signed_url", "event", "signing", "effects", "effects_command", "state", "state_command"),
    *("break_command", "mend_command", "against_mock", "spec", "spec_root", "overlay", "ca_file", "insecure"),
)
OF_THE_WEBHOOK = {
    name.lower(): "it belongs to the webhook"
    for name in (
        *(SIGNATURE_HEADER, ALGORITHM_HEADER, TIMESTAMP_HEADER, REQUEST_ID_HEADER, VERSION_HEADER),
        *STANDARD_HEADERS,
    )
}


@dataclass(frozen=True)
class ReceiverOptions(JudgedAddress, JudgeOptions):
    """The options of one run. `signed_url` is the URL that was subscribed, if it is another one than `url`. `event` is
    the one that has an effect. `effects` tell what was done, and `state` what is known afterwards. `header`, lines of a
    name and a value, and `basic`, a name and a password, are for what stands in front of the receiver. Raises
    SettingsError for values that can't be used."""

    secret: str = field(default="", repr=False)
    old_secrets: tuple[str, ...] = field(default=(), repr=False)
    signed_url: str | None = None
    event: str | None = None
    signing: str | None = None
    store: str = "DEFAULT"
    effects: str | None = None
    effects_command: str | None = None
    effects_wait: float = 2.0
    state: str | None = None
    state_command: str | None = None
    break_command: str | None = None
    mend_command: str | None = None
    only: tuple[str, ...] = ()
    examples: int = 3
    seed: int | None = None
    timeout: float = 10.0
    plan: bool = False
    report_dir: str = field(default=REPORTS, kw_only=True)
    against_mock: str | None = None
    ca_file: str | None = None
    insecure: bool = False
    proxy: str | None = None
    header: tuple[str, ...] = field(default=(), repr=False)
    basic: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._check_addresses()
        self._check_secrets()
        if self.effects and self.effects_command:
            raise SettingsError("Give --effects or --effects-command, not both.")
        if self.state and self.state_command:
            raise SettingsError("Give --state or --state-command, not both.")
        if bool(self.break_command) != bool(self.mend_command):
            raise SettingsError("--break-command and --mend-command belong together: give both.")
        known = [promise.value for promise in ReceiverPromise]
        if unknown := [name for name in self.only if name not in known]:
            raise SettingsError(f"--only knows {', '.join(known)}, not {unknown[0]!r}.")
        JudgedAddress.__post_init__(self)
        JudgeOptions.__post_init__(self)
        if self.signing not in (None, *SIGNINGS):
            raise SettingsError(f"--signing is {' or '.join(SIGNINGS)}, not {self.signing!r}.")

    def _check_addresses(self) -> None:
        """Raises SettingsError for an address that can't be used."""
        if not self.url:
            raise SettingsError("Which receiver? Give --url, the address that gets the webhooks.")
        named = {"--signed-url": self.signed_url, "--effects": self.effects, "--state": self.state}
        for option, url in {"--url": self.url, **named}.items():
            if url is not None:
                _check_url(option, url)
        access_options.check_route(self.proxy, self.ca_file, insecure=self.insecure)
        access_options.check_basic(self.basic)
        access_options.parse_headers(self.header, self._taken)

    def _check_secrets(self) -> None:
        """Raises SettingsError unless there is a secret, which is no old one. A plan needs none."""
        if not self.secret and not self.plan:
            raise SettingsError(NO_SECRET)
        if self.secret and self.secret in self.old_secrets:
            raise SettingsError("The secret is among the old ones (MOCKSERVER_OLD_WEBHOOK_SECRETS): take it out there.")

    @property
    def _taken(self) -> dict[str, str]:
        return OF_THE_WEBHOOK | ({"authorization": "--basic makes one"} if self.basic is not None else {})

    @property
    def credentials(self) -> Credentials:
        """What opens the gate in front of the receiver."""
        return Credentials(headers=access_options.parse_headers(self.header, self._taken), basic=self.basic)

    @property
    def route(self) -> NetworkRoute:
        """The route to the receiver. To this machine no proxy leads that isn't asked for."""
        proxy, trusted, insecure = self.proxy, self.ca_file, self.insecure
        return route_to(self.url, proxy=proxy, ca_file=trusted, insecure=insecure, direct=self.is_here)

    @property
    def signed(self) -> SignedUrl:
        """The parts of the subscribed URL that are signed."""
        return SignedUrl.of(self.signed_url or self.url)

    @property
    def has_probe(self) -> bool:
        """Whether effects can be seen."""
        return bool(self.effects or self.effects_command)

    @property
    def has_state_probe(self) -> bool:
        """Whether a probe of its own shows the state."""
        return bool(self.state or self.state_command)

    @property
    def as_reported(self) -> dict[str, Any]:
        """The options on which findings depend."""
        names = ("signed_url", "event", "signing", "store", "only", "examples", "timeout", "spec", "overlay")
        chosen: dict[str, Any] = {name: getattr(self, name) for name in names} | {"hostile": self.is_hostile}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in chosen.items() if value}

    def again(self, check: str, seed: int) -> str:
        """The command that tries one check once more. Secrets, and what opens a gate, it takes from the environment."""
        names = [one for one in _SHOWN_AGAIN if getattr(self, one) not in (None, False, ())]
        given = [word for one in names for word in _as_words(one, getattr(self, one))]
        given += ["--store", self.store] if self.store != type(self).store else []
        given += ["--proxy", shell_lines.PROXY] if self.proxy else []
        given += ["--seed", str(seed)] if check == ReceiverPromise.EVERY_SHAPE else []
        return shell_lines.command(["mockserver", "check", "receiver", *given, "--only", check])

    def in_front_of(self, url: str) -> dict[str, str]:
        """The headers for the gate in front of a URL, with placeholders: none unless it is the receiver's server."""
        if urlsplit(url)[:2] != urlsplit(self.url)[:2]:
            return {}
        return self.credentials.headers_in_front(authorized=False)

    def check_consent(self) -> None:
        """Raises SettingsError unless receiver and probes are on this machine, or were agreed to."""
        urls = (self.url, self.effects, self.state, self.against_mock)
        hosts = (urlsplit(url).hostname or "" for url in urls if url)
        for host in hosts:
            consent.check_consent(host, self.yes_host)


def _as_words(name: str, value: Any) -> list[str]:
    """An option as it is given; one that is a list once for each."""
    option = f"--{name.replace('_', '-')}"
    if value is True:
        return [option]
    return [word for one in (value if isinstance(value, tuple) else (value,)) for word in (option, str(one))]


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
