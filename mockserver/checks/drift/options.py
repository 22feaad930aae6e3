"""The options of a drift check: those of live, and those of the mock that is held beside it."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import ClassVar

from mockserver.checks.live.planning.options import Options
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError
from mockserver.settings import Settings

REPORTS = "mockserver-report/drift"
EXAMPLES, POLITE_EXAMPLES = 20, 5  # generated requests of each operation
ACCOUNTS = ("username", "password", "api_key", "member_username", "member_password")
_FOR_LIVE = {"rate": None, "max_requests": None, "max_time": None, "proxy": None, "ca_file": None, "insecure": False}


class LiveOptions(Options):
    """The options of live, which the command line names by `--live`."""

    url_option: ClassVar[str] = "--live"


class MockOptions(Options):
    """The options of the mock, some of which have names of their own on the command line."""

    url_option: ClassVar[str] = "--mock"
    store_option: ClassVar[str] = "--mock-store"


@dataclass(frozen=True)
class DriftOptions:
    """The options of a run: `live` and `mock` name both sides, with their credentials. `mock_store` is the store of the
    mock, where it isn't that of live."""

    live: Options
    mock: Options

    @classmethod
    def of(cls, live: Options, mock_url: str, credentials: Credentials, store: str | None = None) -> "DriftOptions":
        """The options for a live instance, beside the mock at a URL. Raises SettingsError."""
        if not mock_url:
            raise SettingsError("Which mock? Give --mock, the address of one, such as http://127.0.0.1:8181.")
        if not live.credentials.is_admin:
            raise SettingsError("Comparing takes an admin of live: give --username and --password, or --api-key.")
        ledger = str(Path(live.report_dir) / "ledger-mock.jsonl")
        hostile = live.is_hostile
        alike = _on_both_sides(credentials, live.credentials)
        own = {"url": mock_url, "credentials": alike, "store": store or live.store, "ledger": ledger}
        alike_else = {one.name: getattr(live, one.name) for one in fields(live)}
        return cls(live, MockOptions(**{**alike_else, **own, **_FOR_LIVE, "hostile": hostile}))

    def with_live(self, live: Options) -> "DriftOptions":
        """The same with other options of live, and the mock's ledger beside its reports."""
        return DriftOptions(live, replace(self.mock, ledger=str(Path(live.report_dir) / "ledger-mock.jsonl")))

    @property
    def examples(self) -> int:
        """Generated requests of each operation."""
        return self.live.max_examples or (EXAMPLES if self.live.is_here else POLITE_EXAMPLES)

    def check_consent(self) -> None:
        """Raises SettingsError unless both hosts are this machine, or were agreed to."""
        for side in (self.mock, self.live):
            side.check_consent()


def _on_both_sides(mine: Credentials, theirs: Credentials) -> Credentials:
    """These credentials, but for accounts that the other side has none of: who logs in on one side alone makes a
    difference that no contract is about."""
    lacking = [name for name in ACCOUNTS if getattr(theirs, name) is None]
    return replace(mine, **dict.fromkeys(lacking))  # type: ignore[arg-type] # each of them may be None


def usual_credentials() -> Credentials:
    """The credentials of `mockserver serve`, where nothing else was set."""
    usual = Settings()
    member = (usual.member_username, usual.member_password)
    return Credentials(usual.admin_username, usual.admin_password, usual.api_key, *member)
