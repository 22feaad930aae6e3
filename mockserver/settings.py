"""Settings of one mock: read once, then passed on. docs/settings.md lists them, and a test compares it with this file.

Each field is an option of `mockserver serve` (dashes for underscores) and an environment variable (`MOCKSERVER_` and
the name in upper case).
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Any, Literal, Self

from mockserver.errors import SettingsError
from mockserver.signing import Scheme

ENVIRONMENT_PREFIX = "MOCKSERVER_"
HIGHEST_PORT = 65_535
MAPPED = 96  # bits before an IPv4 address within IPv6
LONGEST_TTL = 3_153_600_000  # seconds: a hundred years
MOST_STORES = 20_000
LONGEST_STORE_CODE = 255  # characters
LONGEST_WAIT = 86_400  # seconds of a retry delay or of a time-out
MEMORY = "memory"
DATABASES = ("postgresql://", "postgres://")
UNSHARED = {"watch": "each replica would watch for itself", "save": "the database keeps the state anyway"}
ENGINES = ("compiled", "connexion")
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")
SCHEMES = tuple(scheme.value for scheme in Scheme)
CHOICES: Mapping[str, tuple[str, ...]] = {
    "webhook_signing": SCHEMES,
    "engine": ENGINES,
    "log_level": LOG_LEVELS,
    "log_format": LOG_FORMATS,
}


def _setting(
    default: Any, purpose: str, *, secret: bool = False, names: Literal["file", "folder"] | None = None
) -> Any:
    """A setting; `names` says what on disk its value names."""
    return field(default=default, repr=not secret, metadata={"purpose": purpose, "secret": secret, "names": names})


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one mock. A value given as text is read as that of an option is: `stores="A,B"`, `control="false"`.

    Raises SettingsError for a value that can't be used.
    """

    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8181, "Port to listen on; 0 lets the system choose.")
    tls_cert: str | None = _setting(
        None, "Path of the certificate (PEM, with its chain) to serve HTTPS with; HTTP if left out.", names="file"
    )
    tls_key: str | None = _setting(
        None, "Path of the private key (PEM) of that certificate; in the same file if left out.", names="file"
    )
    spec: str | None = _setting(
        None,
        "Path or URL of the OpenAPI document (3.0, 3.1 or 3.2) to serve; the contract of Open Loyalty if left out.",
        names="file",
    )
    spec_root: str | None = _setting(
        None,
        "Folder that the files of --spec may refer to, at any depth; the one that the contract is in if left out.",
        names="folder",
    )
    overlay: str | None = _setting(
        None,
        "Path or URL of an OpenAPI Overlay whose actions are applied to --spec first; none if left out.",
        names="file",
    )
    watch: bool = _setting(
        default=False, purpose="Serve the contract anew when one of its files changes; state and tokens stay."
    )
    memory: bool = _setting(
        default=True,
        purpose="Remember what is created, changed and deleted by another contract than that of Open Loyalty; off "
        "answers each request by an example.",
    )
    stores: tuple[str, ...] = _setting(("DEFAULT",), "Codes of the stores, separated by commas.")
    admin_username: str = _setting("admin", "User name of the admin.")
    admin_password: str = _setting("password", "Password of the admin.", secret=True)
    member_username: str = _setting("member", "User name of the member that each store has from the start.")
    member_password: str = _setting("password", "Password of that member.", secret=True)
    api_key: str = _setting("mock-api-key", "Permanent API key of the admin, for X-AUTH-TOKEN.", secret=True)
    token_ttl: int = _setting(86_400, "Seconds that a JWT is valid.")
    refresh_ttl: int = _setting(2_592_000, "Seconds that a refresh token is valid.")
    signing_key: str | None = _setting(
        None, "Path of the RSA private key (PEM) that signs JWTs; made at first need if left out.", names="file"
    )
    login_rate_limit: int = _setting(
        0,
        "Logins and refreshes that a client may make in a minute before it gets 429; 0 is off, the vendor's limit 20.",
    )
    trust_proxy: tuple[str, ...] = _setting(
        (),
        "Proxies whose X-Forwarded-For tells who logs in: addresses or CIDR, separated by commas; none if left out.",
    )
    state: str | None = _setting(
        None,
        "Path of a state file to start with: a description in YAML, or a snapshot (docs/state-files.md).",
        names="file",
    )
    save: bool = _setting(
        default=False, purpose="Write a snapshot to the file of --state at the end, and once a second while it changes."
    )
    presets: str | None = _setting(None, "Folder of state files; each is a preset, by its name.", names="folder")
    storage: str = _setting(
        "memory",
        "Where the state is kept: memory, or postgresql://USER:PASSWORD@HOST/DATABASE, which several mocks can share.",
    )
    storage_sync: bool = _setting(
        default=False,
        purpose="Let every change wait until the database has it on disk; else a crash of that may lose 0.6 s.",
    )
    deliver: bool = _setting(
        default=True,
        purpose="Make deliveries; off leaves them to others that share the database, as `mockserver delivery-worker`.",
    )
    webhook_allow: tuple[str, ...] = _setting(
        (), "Where deliveries may go besides loopback: HOST[:PORT] or CIDR, separated by commas."
    )
    webhook_signing: str | None = _setting(
        None,
        "How deliveries are signed: vendor, as Open Loyalty does; standard-webhooks; or none. If left out, vendor for "
        "its contract, standard-webhooks for others.",
    )
    webhook_secret: str | None = _setting(
        None,
        "Secret (whsec_…) that signs what callbacks and /_mock/receivers get; made from the seed if left out.",
        secret=True,
    )
    callbacks: bool = _setting(
        default=True, purpose="Send the callbacks that another contract declares when their operation succeeds."
    )
    retry_delay: float = _setting(1.0, "Seconds, on the mock's clock, before a failed delivery is tried again.")
    delivery_timeout: float = _setting(10.0, "Seconds that an attempt of a delivery may take.")
    ca_file: str | None = _setting(
        None,
        "Path of the certificates (PEM) that receivers' certificates are checked against; the system's if left out.",
        names="file",
    )
    client_timeout: float = _setting(
        30.0, "Seconds that a client may take to send a head, to send a body, and to fetch some of an answer."
    )
    seed: int | None = _setting(
        None, "Seed of ids, secrets and generated values; random if left out, and shown at the start."
    )
    cors_origin: tuple[str, ...] = _setting(
        (),
        "Origins whose pages may read answers, with cookies, separated by commas; any page, without, if left out.",
    )
    control: bool = _setting(default=True, purpose="Let tests steer the mock under /_mock.")
    control_token: str | None = _setting(
        None, "What calls to /_mock must send in X-Mock-Control-Token; anybody may call if left out.", secret=True
    )
    control_origin: tuple[str, ...] = _setting(
        (), "Origins whose pages may use /_mock, such as http://localhost:5173, separated by commas."
    )
    strict: bool = _setting(default=False, purpose="Answer 500 instead of an answer that leaves the contract.")
    engine: str = _setting(
        "compiled", "What serves the API: compiled, or connexion, the same handlers under stock Connexion."
    )
    cache_dir: str = _setting(
        "~/.cache/openloyalty-mockserver",
        "Folder that keeps what was made of a contract, for a quicker start; empty to do without.",
        names="folder",
    )
    log_level: str = _setting("info", "debug, info, warning or error; warning silences the line per request.")
    log_format: str = _setting("text", "text, for people, with colours on a terminal; or json, a line for each event.")

    def __post_init__(self) -> None:
        self._read_texts()
        if not 0 <= self.port <= HIGHEST_PORT:
            raise SettingsError(f"The port must be between 0 and {HIGHEST_PORT}, not {self.port}.")
        _check_stores(self.stores)
        if not (1 <= self.token_ttl <= LONGEST_TTL and 1 <= self.refresh_ttl <= LONGEST_TTL):
            raise SettingsError(f"The lifetime of a token must be between 1 and {LONGEST_TTL} seconds.")
        if not _fits_header(self.api_key):
            raise SettingsError("The API key must be of printable ASCII characters, as it is sent in a header.")
        if self.control_token is not None and not (self.control_token and _fits_header(self.control_token)):
            raise SettingsError("The control token must be of printable ASCII characters, as it is sent in a header.")
        self._check_limits()
        self._check_spec()
        _check_origins("cors_origin", self.cors_origin)
        _check_origins("control_origin", self.control_origin)
        if self.log_level not in LOG_LEVELS:
            raise SettingsError(f"The log level must be one of {', '.join(LOG_LEVELS)}, not {self.log_level!r}.")
        if self.log_format not in LOG_FORMATS:
            raise SettingsError(f"The log format must be one of {', '.join(LOG_FORMATS)}, not {self.log_format!r}.")
        self._check_webhooks()
        _check_proxies(self.trust_proxy)
        self._check_engine()
        self._check_storage()
        if self.save and not self.state:
            variables = environment_variable("save"), environment_variable("state")
            raise SettingsError("--save ({}) writes to the file that --state ({}) names: name one.".format(*variables))
        if self.save and self.watch:
            raise SettingsError("--save and --watch can't be combined: leave out one.")

    def _read_texts(self) -> None:
        """Read the values that are given as texts, and make tuples of lists."""
        for setting in fields(self):
            value = getattr(self, setting.name)
            if isinstance(value, str) and setting.type in _READERS:
                object.__setattr__(self, setting.name, _read(setting.name, value, setting.name))
            elif isinstance(value, list):
                object.__setattr__(self, setting.name, tuple(value))

    def _check_webhooks(self) -> None:
        scheme, secret = self.webhook_signing, self.webhook_secret
        if scheme is not None and scheme not in SCHEMES:
            raise SettingsError(f"The webhook signing must be one of {', '.join(SCHEMES)}, not {scheme!r}.")
        if secret is not None and not (secret and _fits_header(secret)):
            raise SettingsError("The webhook secret must be of printable ASCII characters, without blanks around it.")

    def _check_engine(self) -> None:
        if self.engine not in ENGINES:
            raise SettingsError(f"The engine must be one of {', '.join(ENGINES)}, not {self.engine!r}.")
        given = [name for name in ("spec", "watch", "strict") if getattr(self, name)]
        if self.engine == "connexion" and given:
            options = ", ".join(f"--{name} ({environment_variable(name)})" for name in given)
            engine = f"--engine connexion ({environment_variable('engine')})"
            raise SettingsError(f"{engine} can't be combined with {options}: leave out one or the other.")

    @property
    def is_shared(self) -> bool:
        """Whether the state is kept where other mocks can share it."""
        return self.storage != MEMORY

    def _check_storage(self) -> None:
        option = f"--storage ({environment_variable('storage')})"
        if not self.is_shared:
            if not self.deliver:
                raise SettingsError(
                    f"--no-deliver leaves deliveries to others, who share a database: name it by {option}."
                )
            if self.storage_sync:
                raise SettingsError(f"--storage-sync is for a database: name one by {option}.")
            return
        if not self.storage.startswith(DATABASES):
            raise SettingsError(
                f"{option} takes memory, or the URL of a PostgreSQL database, such as "
                "postgresql://mock:password@localhost/mock?schema=team_a."
            )
        for name, why in UNSHARED.items():
            if getattr(self, name):
                raise SettingsError(f"--{name} can't be combined with a database ({option}): {why}.")

    def _check_spec(self) -> None:
        if self.overlay and not self.spec:
            variables = f"({environment_variable('overlay')})", f"({environment_variable('spec')})"
            raise SettingsError("--overlay {} corrects a contract that --spec {} names.".format(*variables))
        if self.spec_root and not self.spec:
            variables = f"({environment_variable('spec_root')})", f"({environment_variable('spec')})"
            raise SettingsError("--spec-root {} is for a contract that --spec {} names.".format(*variables))

    def _check_limits(self) -> None:
        if self.login_rate_limit < 0:
            raise SettingsError("The login rate limit must be 0 (off) or a number of logins a minute.")
        if not (0 <= self.retry_delay <= LONGEST_WAIT and 0 < self.delivery_timeout <= LONGEST_WAIT):
            raise SettingsError(
                f"The retry delay must be between 0 and {LONGEST_WAIT} seconds, and the time-out of deliveries above 0."
            )
        if not 0 < self.client_timeout <= LONGEST_WAIT:
            raise SettingsError(f"The time-out of clients must be above 0 and at most {LONGEST_WAIT} seconds.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Settings from environment variables, by default those of this process. Empty variables count as absent, and
        those that name no setting are ignored. Raises SettingsError, which names the variable that can't be read."""
        environment = os.environ if environment is None else environment
        given = {setting.name: environment.get(environment_variable(setting.name)) for setting in fields(cls)}
        return cls(**{name: _read(name, text, environment_variable(name)) for name, text in given.items() if text})

    @classmethod
    def default(cls, name: str) -> Any:
        """Default of one setting."""
        return next(f.default for f in fields(cls) if f.name == name)


def environment_variable(name: str) -> str:
    """Environment variable of a setting: MOCKSERVER_TOKEN_TTL for `token_ttl`."""
    return ENVIRONMENT_PREFIX + name.upper()


def parsed(name: str, text: str) -> Any:
    """Value of a setting from its text on the command line or in a variable. Raises ValueError, which says what the
    text should be."""
    kind = next(setting.type for setting in fields(Settings) if setting.name == name)
    read, what = _READERS.get(kind, (str, "a text"))
    try:
        return read(text)
    except (KeyError, ValueError):
        raise ValueError(f"{text!r} is not {what}.") from None


def _read(name: str, text: str, shown: str) -> Any:
    """Value of a setting from its text. Raises SettingsError, which calls the setting as `shown`."""
    try:
        return parsed(name, text)
    except ValueError as error:
        raise SettingsError(f"Invalid value for {shown}: {error}") from None


def _flag(text: str) -> bool:
    return _FLAGS[text.strip().lower()]


def _items(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",")) if text else ()


_ORIGIN = r"[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]+)?"
_FLAGS = dict.fromkeys(("1", "true", "t", "yes", "y", "on"), True) | dict.fromkeys(
    ("0", "false", "f", "no", "n", "off"), False
)
_READERS: Mapping[Any, tuple[Callable[[str], Any], str]] = {
    bool: (_flag, "true or false"),
    int: (int, "a whole number"),
    int | None: (int, "a whole number"),
    float: (float, "a number"),
    tuple[str, ...]: (_items, "a list"),
}


def _fits_header(text: str) -> bool:
    return text.isascii() and text.isprintable() and text == text.strip()


def _check_origins(name: str, origins: tuple[str, ...]) -> None:
    for origin in origins:
        if not re.fullmatch(_ORIGIN, origin):
            option = f"--{name.replace('_', '-')} ({environment_variable(name)})"
            raise SettingsError(
                f"{option} takes origins as browsers send them, such as http://localhost:5173: scheme, host in lower "
                f"case and port, without a path, and no *. This is none: {origin!r}."
            )


def proxy_network(name: str) -> IPv4Network | IPv6Network:
    """The network of this name, or of one address. IPv4 within IPv6 is IPv4. Raises ValueError."""
    network = ip_network(name)
    if isinstance(network, IPv6Network):
        mapped = network.network_address.ipv4_mapped
        if mapped is not None and network.prefixlen >= MAPPED:
            return IPv4Network((mapped, network.prefixlen - MAPPED))
        return IPv6Network((int(network.network_address), network.prefixlen))
    return network


def _hold_everybody(networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Whether networks hold all addresses of IPv4, or all of IPv6, together."""
    found = [*networks]
    of_four = [*collapse_addresses(one for one in found if isinstance(one, IPv4Network))]
    of_six = [*collapse_addresses(one for one in found if isinstance(one, IPv6Network))]
    return IPv4Network("0.0.0.0/0") in of_four or IPv6Network("::/0") in of_six


def _check_proxies(names: tuple[str, ...]) -> None:
    option = f"--trust-proxy ({environment_variable('trust_proxy')})"
    try:
        networks = [*map(proxy_network, names)]
    except ValueError as error:
        raise SettingsError(
            f"{option} takes addresses, such as 127.0.0.1, and networks, such as 10.1.0.0/16 or fd00::/8. This is "
            f"none: {error}."
        ) from None
    if _hold_everybody(networks):
        raise SettingsError(f"{option} {','.join(names)}: every client could choose its address. Name your proxies.")


def _check_stores(codes: tuple[str, ...]) -> None:
    if not codes or not all(_is_store_code(code) for code in codes):
        raise SettingsError(
            "The stores must be comma-separated codes without slashes or spaces, of "
            f"{LONGEST_STORE_CODE} characters at most, not {','.join(codes)!r}."
        )
    if len(codes) > MOST_STORES:
        raise SettingsError(f"There may be {MOST_STORES} stores, not {len(codes)}.")
    if len(set(codes)) < len(codes):
        raise SettingsError(f"The stores must differ from each other, unlike {','.join(codes)!r}.")


def _is_store_code(code: str) -> bool:
    is_short = 0 < len(code) <= LONGEST_STORE_CODE
    return is_short and code.isprintable() and code not in (".", "..") and not set(code) & set("/ ?#%,")
