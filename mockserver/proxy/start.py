"""A proxy from its settings: what it needs, put together."""

from collections.abc import Sequence
from typing import NamedTuple

from mockserver.app import create_app
from mockserver.openapi.cache import Cache
from mockserver.openapi.contract import Contract
from mockserver.proxy.application import ProxyApplication, ProxyOptions
from mockserver.proxy.fallback import Fallback, with_guests
from mockserver.proxy.har import Archive
from mockserver.proxy.live import Live
from mockserver.proxy.live_address import LiveAddress
from mockserver.settings import Settings
from mockserver.world import World
from mockserver.world.redaction import Redaction

TIMEOUT = 60.0  # seconds


class ProxySettings(NamedTuple):
    """The instance, how it is reached, and what is done beside passing on.

    With `fallback` the mock answers what the instance lacks, and, without it, too, what `fallback_for` names. `har` is
    the path of a file. `timeout` is in seconds.
    """

    to: str
    ca_file: str | None = None
    insecure: bool = False
    timeout: float = TIMEOUT
    strict: bool = False
    fallback: bool = False
    fallback_for: Sequence[str] = ()
    har: str | None = None


class Proxy(NamedTuple):
    """A proxy that can be served. `has_mock` says whether a mock answers what the instance lacks."""

    application: ProxyApplication
    world: World
    address: LiveAddress
    has_mock: bool

    @classmethod
    def build(cls, settings: Settings, own: ProxySettings, listens_at: tuple[str, int] | None = None) -> "Proxy":
        """The proxy that listens at this host and port. Raises SettingsError for what can't be used, and
        ContractError."""
        address = LiveAddress.of(own.to)
        if listens_at is not None:
            address.require_another(*listens_at)
        live = Live(address, own.timeout, own.ca_file, insecure=own.insecure)
        contract = Contract.load(settings.spec, Cache(settings.cache_dir), settings.spec_root, settings.overlay)
        world = with_guests(World.build(settings, contract))
        if listens_at is not None:
            world.deliveries.egress_policy.add_own_address(*listens_at)
        standing_in = Fallback(contract, own.fallback_for) if own.fallback or own.fallback_for else None
        application = create_app(world)
        archive = Archive(own.har, address.url, Redaction.of(contract)) if own.har else None
        options = ProxyOptions(own.strict, standing_in, archive, listens_at[1] if listens_at else None)
        return cls(ProxyApplication(world, application, live, options), world, address, standing_in is not None)
