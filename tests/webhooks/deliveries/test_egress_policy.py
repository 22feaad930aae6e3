"""mockserver.webhooks.deliveries.egress_policy: where deliveries may go, however an address is spelled."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mockserver.clock import Clock
from mockserver.errors import SettingsError
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.testing import Receiver, redirect
from mockserver.webhooks.deliveries.egress_policy import DestinationRefused, EgressPolicy, host_of
from mockserver.world import World
from tests.support.deliveries import delivered
from tests.support.subscriptions import subscribe_in

pytestmark = pytest.mark.anyio


class Names:
    """A resolver that knows these names, each with the answers that it gives one after another; it counts questions."""

    def __init__(self, **names: Sequence[Sequence[str]]) -> None:
        self._answers = {name.replace("_", "."): list(answers) for name, answers in names.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The next answer."""
        assert port
        self.asked.append(host)
        answers = self._answers[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]


FORBIDDEN = [
    # literal IPv4, in all the forms that systems read
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "8.8.8.8",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "2852039166",
    "0xA9FEA9FE",
    "0xa9.0xfe.0xa9.0xfe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "10.1",
    "0",
    # IPv6
    "::",
    "fd00::1",
    "fe80::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "::169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    # names
    "private.test",
    "PRIVATE.test.",
    "example.com",
    "localhost.example.com",
    "127.0.0.1.nip.io",
    "localtest.me",
    "metadata.google.internal",
]


# What systems take for 0.0.0.0, and connect to loopback.
UNSPECIFIED = ["0", "0.0", "0.0.0.0", "0x0", "00.0x0.0", "::ffff:0.0.0.0", "::ffff:0:0", "0:0:0:0:0:ffff:0:0"]


@pytest.mark.parametrize("host", FORBIDDEN)
async def test_forbidden_hosts(host: str) -> None:
    """Nothing but loopback is allowed by default; names aren't even asked for."""
    names = Names()

    with pytest.raises(DestinationRefused, match="To allow it, start the mock with `--webhook-allow"):
        await EgressPolicy(resolver=names).addresses(host, 80)

    assert names.asked == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "127.8.9.10", "::1", "::ffff:127.0.0.1"]
)
async def test_loopback_is_allowed(host: str) -> None:
    """Loopback is allowed in any form."""
    (address,) = await EgressPolicy(resolver=Names()).addresses(host, 80)

    assert address in ("127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost.", "app.localhost"])
async def test_localhost_needs_no_looking_up(host: str) -> None:
    """`localhost` and the names below it are loopback, whatever a name server would say."""
    assert await EgressPolicy(resolver=Names()).addresses(host, 80) == ["127.0.0.1", "::1"]


@pytest.mark.parametrize(
    ("allow", "answer"),
    [
        ("198.51.100.0/24", "10.0.0.1"),
        ("198.51.100.0/24", "::ffff:10.0.0.1"),
        ("198.51.100.0/24:443", "198.51.100.7"),
        ("198.51.100.7:8080", "198.51.100.7"),
        ("other.test", "198.51.100.7"),
        ("hooks.test:443", "198.51.100.7"),
        ("hooks.test", "169.254.169.254"),
        ("hooks.test", "::ffff:169.254.169.254"),
        ("hooks.test", "0.0.0.0"),
        ("hooks.test", "fe80::1"),
        ("hooks.test", "224.0.0.1"),
    ],
)
async def test_names_are_judged_by_their_address(allow: str, answer: str) -> None:
    """An entry is for what it names: a network for its addresses, a port for that alone; and a name may not lead to
    addresses that no name should."""
    policy = EgressPolicy([allow], Names(hooks_test=[[answer]]))

    with pytest.raises(DestinationRefused):
        await policy.addresses("hooks.test", 80)


@pytest.mark.parametrize(
    ("allow", "host", "port"),
    [
        ("hooks.test", "hooks.test", 80),
        ("hooks.test", "HOOKS.test.", 443),
        ("Hooks.Test:8080", "hooks.test", 8080),
        ("hooks.test.", "hooks.test", 80),
        ("hooks.test:1", "hooks.test", 1),
        ("hooks.test:65535", "hooks.test", 65535),
        ("10.0.0.0/8", "hooks.test", 80),
        ("10.1.2.3", "hooks.test", 80),
        ("10.1.2.3:80", "10.1.2.3", 80),
        ("10.0.0.0/8", "0xa010203", 80),
        ("10.0.0.0/8", "::ffff:10.1.2.3", 80),
        ("0.0.0.0/0", "169.254.169.254", 80),
        ("fd00::/8", "fd00::1", 80),
        ("[fd00::1]:8443", "fd00::1", 8443),
        ("fd00::1", "fd00::1", 80),
    ],
)
async def test_allow_list(allow: str, host: str, port: int) -> None:
    """What the allow-list names is allowed: hosts, addresses and networks, with or without a port."""
    assert await EgressPolicy(["192.0.2.1", allow], Names(hooks_test=[["10.1.2.3"]])).addresses(host, port)


async def test_every_address_is_checked() -> None:
    """A name with a good and a bad address is refused."""
    policy = EgressPolicy(["198.51.100.0/24"], Names(both_test=[["198.51.100.7", "10.0.0.1"]]))

    with pytest.raises(
        DestinationRefused, match=r"both\.test \(10\.0\.0\.1\) is neither loopback nor on the allow-list"
    ):
        await policy.addresses("both.test", 80)


async def test_name_without_an_address() -> None:
    """A name that has no address is nobody's fault."""
    with pytest.raises(OSError, match=r"gone\.test has no address"):
        await EgressPolicy(["gone.test"], Names(gone_test=[[]])).addresses("gone.test", 80)


@pytest.mark.parametrize(
    ("own", "host"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "localhost"),
        ("127.0.0.1", "me.localhost"),
        ("127.0.0.1", "2130706433"),
        ("127.0.0.1", "::ffff:127.0.0.1"),
        ("::1", "::1"),
        ("::1", "localhost"),
        ("0.0.0.0", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.2"),
        ("0.0.0.0", "::1"),
        ("0.0.0.0", "0.0.0.0"),
        ("::", "127.0.0.1"),
        ("::", "::"),
        ("127.0.0.1", "me.test"),
        ("127.0.0.1", "unspecified.test"),
        ("::1", "::"),
        ("::1", "0::0"),
        *[(own, spelled) for own in ("127.0.0.1", "0.0.0.0", "::") for spelled in UNSPECIFIED],
        *[("0.0.0.0", f"127.{n}.0.{n}") for n in (1, 8, 255)],
    ],
)
async def test_the_mock_itself_is_forbidden(own: str, host: str) -> None:
    """Whatever is allowed, and however it is spelled, the mock delivers nothing to itself; other ports are fine."""
    names = Names(me_test=[["127.0.0.1"]], unspecified_test=[["0.0.0.0"]])
    policy = EgressPolicy(["0.0.0.0/0", "::/0", "me.test"], names)
    policy.add_own_address(own, 8181)

    with pytest.raises(DestinationRefused, match="is the mock itself"):
        await policy.addresses(host, 8181)
    assert await policy.addresses(host, 8182)


async def test_another_address_of_loopback_is_somebody_else() -> None:
    """A mock that listens on one address isn't what listens on another with the same port."""
    policy = EgressPolicy()
    policy.add_own_address("127.0.0.1", 8181)

    assert await policy.addresses("127.0.0.2", 8181) == ["127.0.0.2"]
    assert await policy.addresses("::1", 8181) == ["::1"]


@pytest.mark.parametrize("own", ["::1", "127.0.0.1"])
async def test_own_addresses_of_the_machine(own: str) -> None:
    """A mock that listens on all addresses is reached by each of this machine's, one on a single address by that."""
    everywhere, here = EgressPolicy(["0.0.0.0/0", "::/0"]), EgressPolicy(["0.0.0.0/0", "::/0"])
    everywhere.add_own_address("::", 8181)
    here.add_own_address("192.0.2.1", 8181)

    with pytest.raises(DestinationRefused, match="is the mock itself"):
        await everywhere.addresses(own, 8181)
    assert await here.addresses(own, 8181) == [own]


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
async def test_addresses_of_other_machines(address: str) -> None:
    """What isn't this machine's is somebody else, also for a mock that listens on all (RFC 5737, 3849)."""
    everywhere = EgressPolicy(["0.0.0.0/0", "::/0"])
    everywhere.add_own_address("0.0.0.0", 8181)
    everywhere.add_own_address("::", 8181)

    assert await everywhere.addresses(address, 8181) == [address]


@pytest.mark.parametrize(
    "entry",
    ["", "http://x", "a b", "user@host", "host:port", "10.0.0.0/99", "[::1", ":80", "x/24", "-x", "bücher.test", "a/"],
)
def test_senseless_entries(entry: str) -> None:
    """An entry that is neither a host nor a network is refused with what would be one."""
    with pytest.raises(SettingsError, match="takes HOST, HOST:PORT and networks"):
        EgressPolicy([entry])


@pytest.mark.parametrize(
    ("entry", "advice"),
    [
        ("1.2.3.4/0", "write 0.0.0.0/0 to allow every IPv4 address, or 1.2.3.4 for this one"),
        ("1.2.3.4/0:80", "write 0.0.0.0/0 to allow every IPv4 address"),
        ("10.1.2.3/8", "write 10.0.0.0/8 to allow this network, or 10.1.2.3 for this one"),
        ("fd00::1/8", "write fd00::/8 to allow this network"),
        ("[::1/0]", "write ::/0 to allow every IPv6 address"),
        ("*", "there are no wildcards; write 0.0.0.0/0,::/0 to allow every address"),
        ("*.hooks.test", "there are no wildcards"),
        ("*:80", "there are no wildcards"),
        ("hooks.test:99999", "a port is between 1 and 65535"),
        ("hooks.test:0", "a port is between 1 and 65535"),
        ("10.0.0.0/8:65536", "a port is between 1 and 65535"),
        ("10.0.0.0/255.0.0.0", "write 10.0.0.0/8"),
        ("10.0.0.0/0.255.255.255", "write 10.0.0.0/8"),
        ("::ffff:10.0.0.0/104", "write these IPv4 addresses as 10.0.0.0/8"),
        ("::ffff:0.0.0.0/96", "write these IPv4 addresses as 0.0.0.0/0"),
        ("*.hooks.test", "there are no wildcards; write 0.0.0.0/0,::/0 to allow every address"),
        ("a b", "that is no host name."),
        ("a b:80", "that is no host name."),
        ("10.0.0.0/99", "that is no network."),
        ("10.1", "write 10.0.0.1 for this address"),
        ("0x7f000001", "write 127.0.0.1 for this address"),
    ],
)
def test_entries_that_arent_what_they_seem(entry: str, advice: str) -> None:
    """An entry that would allow more, less or something else than one reads is refused with what to write instead."""
    with pytest.raises(SettingsError) as told:
        EgressPolicy([entry])

    takes = "The webhook allow-list takes HOST, HOST:PORT and networks such as 10.0.0.0/8, not"
    assert str(told.value).startswith(f"{takes} {entry!r}: ")
    assert advice in str(told.value)


@pytest.mark.parametrize("entry", ["0.0.0.0/0", "::/0", "0.0.0.0/0:443"])
async def test_everything_may_be_allowed(entry: str) -> None:
    """Whoever writes that every address is allowed gets that."""
    assert await EgressPolicy([entry]).addresses("2001:db8::1" if ":/" in entry else "198.51.100.7", 443)


# ---------------------------------------------------------------- on the way
async def test_what_is_checked_is_connected_to(settings: Settings, contract: Contract, clock: Clock) -> None:
    """A name that changes between check and connection changes nothing: it is asked once, and the answer is used."""
    names = Names(rebound_test=[["127.0.0.1"], ["10.0.0.1"]])
    world = World.build(replace(settings, webhook_allow=("127.0.0.0/8",)), contract, clock, resolver=names)
    with Receiver() as receiver:
        await subscribe_in(world, f"http://rebound.test:{receiver.port}")
        first = await delivered(world)
        await world.deliveries.stop()
        second = await delivered(world)
        await world.deliveries.stop()

        assert (first.status, len(receiver.captured), names.asked) == ("delivered", 1, ["rebound.test"] * 2)
        assert second.status == "blocked"
        assert "rebound.test (10.0.0.1)" in second.reason


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "https://10.0.0.1/", "http://hooks.test/", "http://[fe80::1]:8080/"]
)
async def test_blocked_deliveries(world: World, url: str) -> None:
    """What may not be sent is blocked, without an attempt, and with the way to allow it."""
    await subscribe_in(world, url)
    delivery = await delivered(world)
    await world.deliveries.stop()

    assert delivery.status == "blocked"
    assert delivery.attempts == ()
    assert "--webhook-allow" in delivery.as_json()["reason"]


async def test_redirects_lead_nowhere(world: World) -> None:
    """A receiver can't send the mock to a place where it may not go, or may."""
    with Receiver() as elsewhere, Receiver(redirect(f"{elsewhere.url}/hook")) as receiver:
        await subscribe_in(world, receiver.url)
        delivery = await delivered(world)
        await world.deliveries.stop()

        assert delivery.status == "failed"
        assert elsewhere.captured == []


async def test_proxies_of_the_environment_dont_count(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that the environment names gets nothing: it would resolve names by itself."""
    with Receiver() as proxy, Receiver() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy.url)
        await subscribe_in(world, receiver.url)
        await delivered(world)
        await world.deliveries.stop()

        assert (len(proxy.captured), len(receiver.captured)) == (0, 1)


@pytest.mark.parametrize("url", ["http://me:secret@A:80/x@y?z", "http://A:80/x", "http://A:80"])
def test_a_receiver_is_told_by_its_host_alone(url: str) -> None:
    """`Host` never has a user name or a password."""
    assert host_of(url) == "http://a:80"
