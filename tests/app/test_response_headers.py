"""mockserver.app.response_headers: reserved headers are not sent, whatever a contract declares."""

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World


@pytest.mark.parametrize(
    ("name", "is_sent"),
    [
        *[(name, False) for name in ("Set-Cookie", "Refresh", "Content-Encoding", "Clear-Site-Data", "Alt-Svc")],
        *[(name, False) for name in ("Access-Control-Allow-Origin", "content-security-policy", "Proxy-Connection")],
        *[(name, False) for name in ("X-Mock-Fault", "Strict-Transport-Security", "Cross-Origin-Opener-Policy")],
        *[(name, True) for name in ("Location", "X-Total", "ETag", "Link", "Retry-After", "WWW-Authenticate")],
    ],
)
def test_headers_that_steer_browsers_are_the_mock_s_to_set(
    name: str, *, is_sent: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A contract's example sets none of them, though it says that it is required. The log tells that once."""
    headers = {name: {"required": True, "schema": {"type": "string"}, "example": "x"}}
    get = {
        "responses": {"200": {"description": "", "headers": headers}, "201": {"description": "", "headers": headers}}
    }
    document = {"openapi": "3.0.3", "info": {"title": "", "version": ""}, "paths": {"/x": {"get": get}}}
    with TestClient(create_app(World.build(Settings(strict=True), Contract(b"", document)))) as client:
        answer = client.get("/x")

    assert (answer.status_code, answer.headers.get(name) == "x") == (200, is_sent)
    warnings = [record for record in caplog.records if record.levelname == "WARNING"]
    told = [record.getMessage().count(f"{name.lower()} (") for record in warnings]
    assert told == ([] if is_sent else [1])
