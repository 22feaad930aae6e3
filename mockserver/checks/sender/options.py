"""The options of `check sender`: those of every judge of an instance, and those of the catcher and of its patience."""

import ipaddress
import shlex
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mockserver.checks.live.planning.options import Options
from mockserver.checks.sender.sequence_rules import Patience
from mockserver.checks.transport import shell_lines
from mockserver.errors import SettingsError
from mockserver.escaping import masked

REPORTS = "mockserver-report/sender"
WAIT = 10.0  # seconds for a delivery
REPEATS = 10.0  # seconds for a repeat that nobody promised a time for
QUIET_HERE, QUIET = 2.5, 10.0  # seconds in which nothing must come any more; a repeat takes one by assumption A67
LONGEST_BASE = 120  # characters of the catcher's address, so that a subscription's URL is a text of 255 at most


@dataclass(frozen=True)
class SenderOptions:
    """The options of a run. Raises SettingsError for values that can't be used."""

    target: Options
    events: tuple[str, ...] = ()
    catcher_url: str | None = None
    catcher_listen: str = "127.0.0.1:0"
    trigger_command: str | None = None
    wait: float = WAIT
    wait_repeats: float | None = None
    wait_quiet: float | None = None
    command: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        _host_and_port(self.catcher_listen)
        if self.catcher_url is not None:
            _check_address(self.catcher_url)
        try:
            object.__setattr__(self, "command", tuple(shlex.split(self.trigger_command or "")))
        except ValueError as error:
            raise SettingsError(f"--trigger-command can't be read: {error}.") from error
        if not self.target.credentials.is_admin:
            raise SettingsError("Subscribing takes an admin: give --username and --password, or --api-key.")

    def check_reachable(self) -> None:
        """Raises SettingsError where the instance can't reach the catcher."""
        if self.catcher_url is None and not self.target.is_here and _is_loopback(self.listen[0]):
            raise SettingsError(
                f"{self.target.host} can't send to this machine's own {self.catcher_listen}. Give --catcher-url, the "
                "address by which it reaches this machine, as that of a tunnel, and --catcher-listen, where that leads."
            )

    def again(self, event: str) -> str:
        """The command that judges one event once more. Who logs in it takes from the environment."""
        target = self.target
        given = {"--url": target.url, "--other-store": target.other_store, "--catcher-url": self.catcher_url}
        given |= {"--allow-residue": ",".join(target.allow_residue), "--trigger-command": self.trigger_command}
        is_usual = self.catcher_listen == type(self).catcher_listen
        listen = [] if is_usual else ["--catcher-listen", self.catcher_listen]
        hosts = [word for one in target.yes_host for word in ("--yes-host", one)]
        words = [word for name, value in given.items() if value for word in (name, value)]
        return shell_lines.command(["mockserver", "check", "sender", *words, *listen, *hosts, "--event", event])

    @property
    def listen(self) -> tuple[str, int]:
        """Host and port to listen on."""
        return _host_and_port(self.catcher_listen)

    @property
    def patience(self) -> Patience:
        """How long to wait."""
        repeats = REPEATS if self.wait_repeats is None else self.wait_repeats
        return Patience(self.wait, repeats, promised=self.wait_repeats is not None)

    @property
    def quiet(self) -> float:
        """Seconds for which nothing must come any more at the end."""
        if self.wait_quiet is not None:
            return self.wait_quiet
        return QUIET_HERE if self.target.is_here else QUIET


def _host_and_port(text: str) -> tuple[str, int]:
    """Raises SettingsError."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or int(port) > 65_535:  # noqa: PLR2004 (the last port)
        raise SettingsError(f"--catcher-listen must be like 0.0.0.0:8000, not {text!r}.")
    return host, int(port)


def _check_address(url: str) -> None:
    """Raises SettingsError."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or "@" in url or "?" in url or "#" in url:
        raise SettingsError(f"--catcher-url must be like https://hooks.example.com, not {masked(url)!r}.")
    if len(url) > LONGEST_BASE:
        raise SettingsError(f"--catcher-url has more than {LONGEST_BASE} characters, and a URL of a subscription 255.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
