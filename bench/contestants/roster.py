"""Who takes part, and how each is started."""

import importlib.metadata
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.contestants import peers
from bench.shared.cache import CACHE
from bench.shared.request import Request
from bench.shared.servers import Server
from bench.shared.work import ADMIN, EVENTS, LOGIN, Credentials
from mockserver import __version__
from mockserver.world.keys import SigningKey

KEY = CACHE / "key.pem"
API_KEY = {"X-AUTH-TOKEN": "mock-api-key"}
OURS, LINES, CONSTANT = "mock", "mock, a line per request", "the own constant"
FLOOR, LIMIT = "raw Starlette", "raw ASGI"
PEERS = ("stock", "openapi-backend", "scalar", "prism", "mockoon", "wiremock")


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server, its version, and what of its configuration matters for speed. `{port}` stands for the port."""

    name: str
    kind: str  # ours, constant, floor, limit or peer
    version: str
    command: tuple[str, ...]
    settings: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def server(self) -> Server:
        """A server that isn't started yet."""
        return Server(self.name, self.command, self.environment)

    @property
    def does_the_work(self) -> bool:
        """Whether it answers what it is asked, and no constant."""
        return self.kind in ("ours", "peer")


def mock(*options: str, level: str = "warning") -> tuple[str, ...]:
    """The command line of the mock, with the signing key that all contestants get."""
    return unsigned_mock("--signing-key", str(KEY), *options, level=level)


def unsigned_mock(*options: str, level: str = "warning") -> tuple[str, ...]:
    """The command line of the mock as people start it: it makes a key when somebody logs in. What it makes of the
    contract is kept among the other files of the benchmark."""
    words = (sys.executable, "-m", "mockserver", "serve", "--port", "{port}", "--log-level", level, "--seed", "1")
    return (*words, "--cache-dir", str(CACHE / "made"), *options)


def credentials() -> Credentials:
    """A JWT that the mock itself hands out, signed with a key that is made once and that all contestants get."""
    if not KEY.exists():
        KEY.parent.mkdir(parents=True, exist_ok=True)
        KEY.write_bytes(_new_key())
    with Server("mock, for a token", mock()) as server:
        server.start(Request(EVENTS, headers=API_KEY))
        token = server.ask(Request.post(LOGIN, ADMIN, {})).json()["token"]
    return Credentials(token, _public(KEY))


def ours() -> list[Contestant]:
    """The mock, with and without request lines."""
    all_on = "authentication, validation of requests and responses, and journal on (as always); `--log-level warning`"
    return [
        Contestant(OURS, "ours", __version__, mock(), all_on),
        Contestant(LINES, "ours", __version__, mock(level="info"), "the same; `--log-level info`, into a file"),
    ]


def own_constant() -> Contestant:
    """The limit of the mock's own HTTP layer."""
    settings = "`mockserver.http.protocol` under uvicorn's server, and no application; bodies are read, not parsed"
    command = (sys.executable, "-m", "bench.contestants.own_constant", "{port}")
    return Contestant(CONSTANT, "constant", __version__, command, settings)


def bounds() -> list[Contestant]:
    """Floor and limit."""
    versions = f"starlette {_python('starlette')}, uvicorn {_python('uvicorn')}"
    settings = "uvicorn with uvloop and httptools, no access log; constants, no authentication, validation or store"
    return [
        Contestant(FLOOR, "floor", versions, (sys.executable, "-m", "bench.contestants.floor", "{port}"), settings),
        Contestant(
            LIMIT,
            "limit",
            versions.partition(", ")[2],
            (sys.executable, "-m", "bench.contestants.limit", "{port}"),
            settings,
        ),
    ]


def others(chosen: tuple[str, ...], known: Credentials) -> tuple[list[Contestant], dict[str, str]]:
    """The peers, and those that can't be had, with the reason."""
    missing: dict[str, str] = {}
    wanted = [name for name in PEERS if name in chosen]
    if set(wanted) - {"stock"} and (reason := peers.install()):
        missing = dict.fromkeys(set(wanted) - {"stock"}, reason)
    if "wiremock" in wanted and "wiremock" not in missing and not shutil.which("java"):
        missing["wiremock"] = "java not found"
    contract = str(peers.contract())
    makers: dict[str, Callable[[], Contestant]] = {
        "stock": _stock,
        "openapi-backend": lambda: _openapi_backend(contract),
        "scalar": lambda: _scalar(contract),
        "prism": lambda: _prism(contract),
        "mockoon": lambda: _mockoon(known),
        "wiremock": lambda: _wiremock(known),
    }
    return [makers[name]() for name in wanted if name not in missing], missing


def _stock() -> Contestant:
    settings = "`--engine connexion`: AsyncApp with the handlers and the HTTP server of the mock; answers not validated"
    return Contestant("stock Connexion", "peer", _python("connexion"), mock("--engine", "connexion"), settings)


def _openapi_backend(contract: str) -> Contestant:
    handlers = "bench/contestants/npm/openapi_backend.mjs"
    settings = f"node:http, AJV validation on (`allErrors`), tokens remembered, handlers in {handlers}"
    command = ("node", str(peers.NODE / "openapi_backend.mjs"), contract, str(KEY), "{port}")
    return Contestant("openapi-backend", "peer", peers.version("openapi-backend"), command, settings, PRODUCTION)


def _scalar(contract: str) -> Contestant:
    command = ("node", str(peers.NODE / "scalar.mjs"), contract, "{port}")
    settings = "@hono/node-server, `logger: false`, request validation on (its default)"
    return Contestant("Scalar mock-server", "peer", peers.version("@scalar/mock-server"), command, settings, PRODUCTION)


def _prism(contract: str) -> Contestant:
    program = str(peers.MODULES / peers.PRISM / "dist" / "index.js")
    command = (
        "node",
        program,
        "mock",
        contract,
        "--port",
        "{port}",
        "--verboseLevel",
        "silent",
        "--multiprocess",
        "false",
    )
    version = peers.version(peers.PRISM)
    return Contestant(
        "Prism", "peer", version, command, "`--verboseLevel silent --multiprocess false`, static examples"
    )


def _mockoon(known: Credentials) -> Contestant:
    program = str(peers.MODULES / "@mockoon" / "cli" / "bin" / "run.js")
    options = ("--port", "{port}", "--disable-log-to-file", "--disable-admin-api", "--max-transaction-logs", "1")
    command = ("node", program, "start", "--data", str(peers.mockoon(known)), *options)
    settings = "rules for GET and POST, no templates, admin API or log file; its line per request can't be switched off"
    return Contestant("Mockoon", "peer", peers.version("@mockoon/cli"), command, settings, PRODUCTION)


def _wiremock(known: Credentials) -> Contestant:
    options = ("--no-request-journal", "--disable-request-logging", "--disable-gzip", "--disable-banner")
    root = ("--root-dir", str(peers.wiremock(known)), "--port", "{port}")
    command = ("java", "-jar", str(peers.wiremock_jar()), *root, *options, "--disable-response-templating")
    settings = f"stubs for GET and POST; `{' '.join(options)}`, no response templates"
    return Contestant("WireMock", "peer", peers.version("wiremock"), command, settings)


PRODUCTION = {"NODE_ENV": "production"}


def _python(package: str) -> str:
    return importlib.metadata.version(package)


def _new_key() -> bytes:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 (once in a life)
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _public(path: Path) -> str:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    public = SigningKey(str(path)).public
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
