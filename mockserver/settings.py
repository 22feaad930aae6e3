"""The settings of one mock: read once, then passed on. docs/settings.md lists them, and a test holds it to this file.

Each field is an option of `mockserver serve` (dashes for underscores) and an environment variable (`MOCKSERVER_` and
the name in upper case).
"""

from dataclasses import dataclass, field, fields
from typing import Any

from mockserver.errors import SettingsError

ENVIRONMENT_PREFIX = "MOCKSERVER_"
HIGHEST_PORT = 65_535
LONGEST_TTL = 3_153_600_000  # seconds: a hundred years
MOST_STORES = 20_000
LONGEST_STORE_CODE = 255  # characters
LONGEST_WAIT = 86_400  # seconds of a retry delay or of a time-out
LOG_LEVELS = ("debug", "info", "warning", "error")


def _setting(default: Any, purpose: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"purpose": purpose, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """How one mock behaves. Raises SettingsError for a value that can't be used."""

    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8181, "Port to listen on; 0 lets the system choose.")
    spec: str | None = _setting(
        None, "Path or URL of the OpenAPI 3.0 document to serve; the contract of Open Loyalty if left out."
    )
    watch: bool = _setting(
        default=False, purpose="Serve the contract anew when one of its files changes; state and tokens stay."
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
        None, "Path of the RSA private key (PEM) that signs JWTs; made at first need if left out."
    )
    login_rate_limit: int = _setting(
        0,
        "Logins and refreshes that a client may make in a minute before it gets 429; 0 is off, the vendor's limit 20.",
    )
    webhook_allow: tuple[str, ...] = _setting(
        (), "Where deliveries may go besides loopback: HOST[:PORT] or CIDR, separated by commas."
    )
    retry_delay: float = _setting(1.0, "Seconds, on the mock's clock, before a failed delivery is tried again.")
    delivery_timeout: float = _setting(10.0, "Seconds that an attempt of a delivery may take.")
    ca_file: str | None = _setting(
        None,
        "Path of the certificates (PEM) that receivers' certificates are checked against; the system's if left out.",
    )
    seed: int | None = _setting(
        None, "Seed of ids, secrets and generated values; random if left out, and shown at the start."
    )
    control: bool = _setting(default=True, purpose="Let tests steer the mock under /_mock.")
    control_token: str | None = _setting(
        None, "What calls to /_mock must send in X-Mock-Control-Token; anybody may call if left out.", secret=True
    )
    strict: bool = _setting(default=False, purpose="Answer 500 instead of an answer that leaves the contract.")
    cache_dir: str = _setting(
        "~/.cache/openloyalty-mockserver",
        "Folder that keeps what was made of a contract, for a quicker start; empty to do without.",
    )
    log_level: str = _setting("info", "debug, info, warning or error; warning silences the line per request.")

    def __post_init__(self) -> None:
        if not 0 <= self.port <= HIGHEST_PORT:
            raise SettingsError(f"The port must be between 0 and {HIGHEST_PORT}, not {self.port}.")
        _check_stores(self.stores)
        if not (1 <= self.token_ttl <= LONGEST_TTL and 1 <= self.refresh_ttl <= LONGEST_TTL):
            raise SettingsError(f"The lifetime of a token must be between 1 and {LONGEST_TTL} seconds.")
        if not _fits_header(self.api_key):
            raise SettingsError("The API key must be of printable ASCII characters, as it is sent in a header.")
        if self.control_token is not None and not (self.control_token and _fits_header(self.control_token)):
            raise SettingsError("The control token must be of printable ASCII characters, as it is sent in a header.")
        if self.login_rate_limit < 0:
            raise SettingsError("The login rate limit must be 0 (off) or a number of logins a minute.")
        if not (0 <= self.retry_delay <= LONGEST_WAIT and 0 < self.delivery_timeout <= LONGEST_WAIT):
            raise SettingsError(
                f"The retry delay must be between 0 and {LONGEST_WAIT} seconds, and the time-out of deliveries above 0."
            )
        if self.log_level not in LOG_LEVELS:
            raise SettingsError(f"The log level must be one of {', '.join(LOG_LEVELS)}, not {self.log_level!r}.")

    @classmethod
    def default(cls, name: str) -> Any:
        """The default of one setting."""
        return next(f.default for f in fields(cls) if f.name == name)


def environment_variable(name: str) -> str:
    """The environment variable of a setting: `token_ttl` is MOCKSERVER_TOKEN_TTL."""
    return ENVIRONMENT_PREFIX + name.upper()


def _fits_header(text: str) -> bool:
    return text.isascii() and text.isprintable() and text == text.strip()


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
