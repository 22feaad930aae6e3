"""mockserver.http.tls: certificates and keys that the mock can be served with, and its clients."""

import os
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter  # noqa: TID251 (a bound in real time)

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mockserver.cli.serve import banner
from mockserver.errors import SettingsError
from mockserver.http.messages import Request, Response
from mockserver.http.server import Server, listen
from mockserver.http.tls import client_context, pinned_context, server_context
from mockserver.settings import Settings
from mockserver.testing import MockServer
from mockserver.testing.certificates import self_signed
from tests.support.bare import Bare
from tests.support.commands import ask

TIMEOUT = 10  # seconds; nothing waits for them unless it is broken


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A certificate and its key, another key, one with a passphrase, both in one file, and files that are neither."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = self_signed(folder)
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    locked = serialization.BestAvailableEncryption(b"passphrase")
    other = ec.generate_private_key(ec.SECP256R1())
    (folder / "other.pem").write_bytes(other.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    (folder / "locked.pem").write_bytes(other.private_bytes(pem, pkcs8, locked))
    (folder / "both.pem").write_bytes(key.read_bytes() + certificate.read_bytes())
    (folder / "text.pem").write_text("nothing")
    (folder / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    names = ("other", "locked", "both", "text", "broken", "missing")
    return {"cert": str(certificate), "key": str(key)} | {name: str(folder / f"{name}.pem") for name in names}


@pytest.fixture(scope="module")
def mock(files: dict[str, str], signing_key: str) -> Iterator[MockServer]:
    """A running mock that speaks HTTPS."""
    settings = Settings(tls_cert=files["cert"], tls_key=files["key"], signing_key=signing_key, seed=1)
    with MockServer(settings) as mock:
        yield mock


@pytest.mark.parametrize(
    ("certificate", "key", "advice"),
    [
        (None, "key", r"The TLS key \S+/key.pem needs its certificate. Give both by --tls-cert and --tls-key"),
        ("missing", "key", r"The TLS certificate \S+/missing.pem is not there, or no file. Give both"),
        ("cert", "missing", r"The TLS key \S+/missing.pem is not there, or no file. Give both"),
        ("cert", None, r"There is no key in PEM form in \S+/certificate.pem. Give both"),
        ("key", "cert", r"There is no certificate in PEM form in \S+/key.pem. Give both"),
        ("text", "key", r"There is no certificate in PEM form in \S+/text.pem. Give both"),
        ("broken", "key", r"The TLS certificate \S+/broken.pem with the key \S+/key.pem can't be used: "),
        ("cert", "other", r"The TLS key \S+/other.pem is not that of the certificate \S+/certificate.pem. Give both"),
        ("cert", "locked", r"The TLS key \S+/locked.pem has a passphrase. Write it without one: openssl pkey -in "),
    ],
)
def test_unusable_file_is_told(files: dict[str, str], certificate: str | None, key: str | None, advice: str) -> None:
    """What can't be served with is refused in one line that names the file and says what to do."""
    with pytest.raises(SettingsError, match=f"^{advice}") as refused:
        server_context(files.get(certificate or ""), files.get(key or ""))

    assert "\n" not in str(refused.value)


def test_pipe_is_not_waited_for(tmp_path: Path, files: dict[str, str]) -> None:
    """What isn't a file isn't read: a pipe would keep us waiting."""
    os.mkfifo(tmp_path / "pipe.pem")

    with pytest.raises(SettingsError, match=r"The TLS certificate \S+/pipe.pem is not there, or no file"):
        server_context(str(tmp_path / "pipe.pem"), files["key"])


def test_without_a_certificate_it_is_plain_http() -> None:
    """Neither certificate nor key means no TLS."""
    assert server_context(None, None) is None


def test_one_file_may_hold_both(files: dict[str, str]) -> None:
    """The key may stand in the certificate's file. Versions before TLS 1.2 aren't spoken."""
    context = server_context(files["both"], None)

    assert context
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_login_and_call(mock: MockServer, files: dict[str, str]) -> None:
    """A mock with a certificate is at an https:// address, for those who trust it."""
    with httpx2.Client(base_url=mock.url, verify=client_context(files["cert"]) or False) as http:
        login = http.post("/api/admin/login_check", json={"username": "admin", "password": "password"}).json()
        events = http.get("/api/DEFAULT/webhook/event", headers={"Authorization": f"Bearer {login['token']}"})

    assert mock.url.startswith("https://127.0.0.1:")
    assert events.status_code == 200


def test_contract_names_the_scheme(mock: MockServer, files: dict[str, str]) -> None:
    """The first server of the contract is this mock, by https: `/docs` and generated clients call that."""
    document = httpx2.get(f"{mock.url}/openapi.json", verify=client_context(files["cert"]) or False).json()

    assert document["servers"][0] == {"url": mock.url, "description": "This mock."}


def test_commands_ask_it(mock: MockServer, files: dict[str, str]) -> None:
    """Commands that ask a running mock take the certificate by --ca-file, and say so where it is missing."""
    told = ask(mock.url, "deliveries", "--ca-file", files["cert"])
    untold = ask(mock.url, "deliveries")

    assert told.exit_code == 0, told.output
    assert f"The certificate of {mock.url} is not trusted: " in str(untold.exception)
    assert "Name it, or who signed it, by --ca-file" in str(untold.exception)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.2 is no address of this machine")
def test_certificate_for_another_name_is_told_as_one(files: dict[str, str]) -> None:
    """Who asks by a name that the certificate doesn't have is told that, and not to trust it."""
    settings = Settings(host="127.0.0.2", tls_cert=files["cert"], tls_key=files["key"])
    with MockServer(settings) as mock:
        told = ask(mock.url, "deliveries", "--ca-file", files["cert"])

    assert "is for another name" in str(told.exception)


def test_banner_shows_a_line_that_works() -> None:
    """The line to copy has the certificate that curl needs."""
    shown = banner(Settings(tls_cert="my cert.pem"), "https://127.0.0.1:8181", 1)

    assert "\n  curl --cacert 'my cert.pem' https://127.0.0.1:8181/api/admin/login_check " in shown


class Silent(Bare):
    """An application that nobody gets to ask."""

    async def answer(self, request: Request) -> Response:
        """Nobody gets to ask."""
        raise NotImplementedError


def test_client_that_never_begins_tls_is_cut_off(files: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    """A client that connects and says nothing, or speaks plain HTTP, doesn't keep its connection, and is no defect."""
    ready = threading.Event()
    with listen("127.0.0.1", 0) as listener:
        server = Server(Silent(), ready.set, 0.1, server_context(files["cert"], files["key"]))
        thread = threading.Thread(target=server.run, args=[[listener]])
        thread.start()
        assert ready.wait(TIMEOUT)
        for said in (b"", b"GET / HTTP/1.1\r\nHost: mock\r\n\r\n"):
            with socket.create_connection(listener.getsockname(), timeout=TIMEOUT) as client:
                client.sendall(said)
                assert b"HTTP" not in client.recv(100)
        server.should_exit = True
        thread.join(TIMEOUT)

    assert not caplog.records


def test_mock_ends_while_a_client_keeps_its_connection(files: dict[str, str], signing_key: str) -> None:
    """A client that doesn't say goodbye in TLS doesn't keep the mock alive."""
    settings = Settings(tls_cert=files["cert"], tls_key=files["key"], signing_key=signing_key)
    with MockServer(settings) as mock:
        host, port = mock.url.removeprefix("https://").split(":")
        context = client_context(files["cert"]) or ssl.create_default_context()
        client = context.wrap_socket(socket.create_connection((host, int(port))), server_hostname=host)
        started = perf_counter()

    with client:
        assert perf_counter() - started < TIMEOUT / 2


def test_dropped_answer_is_seen(mock: MockServer, files: dict[str, str]) -> None:
    """A dropped response breaks off over TLS, too, even one without a body."""
    fault = {"operationId": "userGetTokenRevoke", "effect": "dropConnection", "times": 1}
    key = {"X-AUTH-TOKEN": "mock-api-key"}
    with httpx2.Client(base_url=mock.url, headers=key, verify=client_context(files["cert"]) or False) as http:
        http.post("/_mock/faults", json=fault).raise_for_status()

        with pytest.raises(httpx2.TransportError):
            http.get("/api/token/revoke")


def test_pinned_certificate_is_the_only_one(mock: MockServer, files: dict[str, str], tmp_path: Path) -> None:
    """A context for one's own server trusts its certificate under any name, and no other certificate."""
    other, _ = self_signed(tmp_path)

    assert httpx2.get(f"{mock.url}/_mock/health", verify=pinned_context(files["cert"])).status_code == 200
    for context in (pinned_context(str(other)), pinned_context(None)):
        with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx2.get(f"{mock.url}/_mock/health", verify=context)
