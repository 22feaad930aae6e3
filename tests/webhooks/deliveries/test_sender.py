"""mockserver.webhooks.deliveries.sender: requests and responses over HTTP and TLS."""

import asyncio
from dataclasses import replace

import pytest

from mockserver.clock import Clock
from mockserver.errors import SettingsError
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.testing import Receiver, Respond
from mockserver.world import World
from tests.support.deliveries import PATIENCE, delivered, delivery_of, emitted
from tests.support.subscriptions import EVENT, subscribe_in

pytestmark = pytest.mark.anyio


async def test_event_arrives(world: World, receiver: Receiver) -> None:
    """An event is posted to its subscription in the vendor's envelope, with the default headers."""
    await subscribe_in(world, f"{receiver.url}/hook?tenant=1")
    delivery = await delivered(world)

    (arrived,) = receiver.captured
    assert (arrived.method, arrived.path, arrived.query) == ("POST", "/hook", "tenant=1")
    assert list(arrived.payload) == ["messageId", "requestId", "eventName", "storeCode", "createdAt", "data"]
    assert (arrived.payload["eventName"], arrived.payload["storeCode"]) == (EVENT, "DEFAULT")
    assert arrived.payload["createdAt"] == "2026-01-15T10:30:00+00:00"
    assert arrived.data["customerData"]["email"] == "jo@example.com"
    assert (arrived.headers["Content-Type"], arrived.headers["User-Agent"]) == ("application/json", "OpenLoyalty")
    assert arrived.headers["Host"] == f"localhost:{receiver.port}"
    assert delivery.status == "delivered"
    assert delivery.message.message_id == arrived.payload["messageId"]


@pytest.mark.parametrize("tls", [False, True], ids=["refuses", "TLS error"])
async def test_receivers_that_cant_be_reached(world: World, clock: Clock, receiver: Receiver, *, tls: bool) -> None:
    """A refused connection, and one that is no TLS, are tried twice; the error says what was wrong."""
    with Receiver() as gone:
        port = gone.port
    await subscribe_in(world, f"https://localhost:{receiver.port}" if tls else f"http://localhost:{port}")
    ticket = await emitted(world)
    await world.deliveries.drain(PATIENCE)
    clock.advance(world.settings.retry_delay)
    await world.deliveries.drain(PATIENCE)

    delivery = await delivery_of(world, ticket)
    assert delivery.status == "failed"
    assert [one.response for one in delivery.attempts] == [None, None]
    assert ("SSL" if tls else "Connection refused") in delivery.reason


@pytest.mark.parametrize("answer", [b"no HTTP\r\n\r\n", b""], ids=["no HTTP", "nothing"])
async def test_what_a_broken_receiver_does_is_named(world: World, answer: bytes) -> None:
    """Of a receiver that answers no HTTP, or nothing, the error names the kind of fault and what is known of it."""

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(answered, "127.0.0.1", 0) as server:
        await subscribe_in(world, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        error = (await delivered(world)).attempts[0].error or ""

    assert error.startswith("RemoteProtocolError: ")
    assert len(error) > 30


async def test_unknown_certificate_is_refused(world: World) -> None:
    """A receiver whose certificate nobody has vouched for gets nothing."""
    with Receiver(tls=True) as receiver:
        await subscribe_in(world, receiver.url)
        delivery = await delivered(world)

        assert delivery.status == "attempted"
        assert "--ca-file" in (delivery.attempts[0].error or "")
        assert receiver.captured == []


async def test_ca_file_is_trusted(settings: Settings, contract: Contract, clock: Clock) -> None:
    """With the CA file of a private receiver, deliveries reach it by TLS."""
    with Receiver(tls=True) as receiver:
        world = World.build(replace(settings, ca_file=receiver.ca_file), contract, clock)
        await subscribe_in(world, receiver.url)

        assert (await delivered(world)).status == "delivered"
        assert receiver.captured[0].payload["eventName"] == EVENT
        await world.deliveries.stop()


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_bad_ca_file_stops_the_world(
    settings: Settings, contract: Contract, tmp_path_factory: pytest.TempPathFactory, content: str | None
) -> None:
    """A CA file that can't be used is noticed when the world is built."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    if content:
        path.write_text(content)

    with pytest.raises(SettingsError, match="can't be read as PEM certificates"):
        World.build(replace(settings, ca_file=str(path)), contract)


async def test_endless_answers_are_cut(world: World) -> None:
    """Of a long answer only the beginning is kept."""
    with Receiver(Respond(200, b"x" * 1_000_000)) as receiver:
        await subscribe_in(world, receiver.url)
        delivery = await delivered(world)

        response = delivery.attempts[0].response
        assert response is not None
        assert (response.status, len(response.body)) == (200, 2048)


async def test_long_headers_of_a_response_are_cut(world: World, receiver: Receiver) -> None:
    """Of what a receiver answers only so much is kept."""
    receiver.answer_with(Respond(200, headers={f"X-{number}": "x" * 1_900 for number in range(40)}))
    await subscribe_in(world, receiver.url)
    response = (await delivered(world)).attempts[0].response

    assert response
    assert response.size < 9_000
