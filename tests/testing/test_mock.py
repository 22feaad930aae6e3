"""mockserver.testing.mock: a mock for tests serves what it is told."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.errors import ContractError, SettingsError
from mockserver.settings import Settings
from mockserver.testing import MockServer, Receiver, Refused, RemoteError
from mockserver.testing.certificates import self_signed

SPEC = """
openapi: 3.0.3
info: {title: Zoo, version: '1'}
servers: [{url: /v1}]
paths:
  /animals:
    get: {responses: {'200': {description: ok, content: {application/json: {example: [Tom]}}}}}
"""


@pytest.fixture
def spec(tmp_path: Path) -> str:
    """The path of another contract than ours."""
    path = tmp_path / "zoo.yaml"
    path.write_text(SPEC)
    return str(path)


def test_contract_of_the_settings_is_served(spec: str) -> None:
    """The contract that settings or arguments name is served, and not Open Loyalty's."""
    for mock in (MockServer(Settings(spec=spec, cache_dir="")), MockServer(spec=spec, cache_dir="")):
        with mock:
            assert httpx2.get(f"{mock.url}/v1/animals").json() == ["Tom"]
            assert httpx2.get(f"{mock.url}/api/DEFAULT/webhook/event").status_code == 404


def test_missing_contract_is_an_error(tmp_path: Path) -> None:
    """A contract that doesn't exist fails at once."""
    with pytest.raises(ContractError, match=r"nowhere\.yaml"):
        MockServer(spec=str(tmp_path / "nowhere.yaml"), cache_dir="")


def test_arguments_win_over_settings(signing_key: str) -> None:
    """Arguments replace single settings; texts are read as options are; the port is any free one."""
    mock = MockServer(Settings(stores=("A",), seed=1), stores="B,C", signing_key=signing_key)

    assert (mock.settings.stores, mock.settings.seed, mock.settings.port) == (("B", "C"), 1, 0)


def test_port_that_is_named_is_taken() -> None:
    """A port among the arguments is that port, the default one too."""
    assert MockServer(port=8181).settings.port == 8181


@pytest.mark.parametrize(
    ("name", "advice"),
    [("store", "Did you mean stores or storage or state?"), ("xyzzy", "docs/settings.md lists them.")],
)
def test_unknown_argument_is_named(name: str, advice: str) -> None:
    """An argument that is no setting is a TypeError that names those that are like it."""
    overrides: dict[str, Any] = {name: "A"}

    with pytest.raises(TypeError) as refused:
        MockServer(**overrides)

    assert str(refused.value) == f"MockServer has no setting {name!r}. {advice}"


def test_bad_value_is_refused() -> None:
    """A value that can't be used is refused in the words of the command line."""
    with pytest.raises(SettingsError, match="Invalid value for port: 'x' is not a whole number"):
        MockServer(port="x")


# ---------------------------------------------------------------- what tests do to it
def test_events_are_triggered_in_the_first_store(mock: MockServer) -> None:
    """An event happens in the first store unless another one is named; a name that doesn't exist is refused."""
    assert mock.trigger("CustomerRegistered")["total"] == 0
    with pytest.raises(Refused, match="There is no such store; this mock has "):
        mock.trigger("CustomerRegistered", "NOWHERE")


def test_receiver_is_subscribed(mock: MockServer) -> None:
    """A receiver gets the events of a store, with the headers that were asked for, and signed if it was asked for."""
    with Receiver() as receiver:
        signed = mock.subscribe("CustomerRegistered", receiver, signed=True, headers={"X-Tenant": "north"})
        plain = mock.subscribe("CustomerRegistered", f"{receiver.url}/plain", store_code="OTHER")
        mock.trigger("CustomerRegistered")
        mock.trigger("CustomerRegistered", "OTHER")
        found = receiver.wait_for_all(2, timeout=30)

    by_path = {one.path: one for one in found}
    assert (by_path["/"].headers["X-Tenant"], bool(by_path["/"].signature)) == ("north", True)
    assert (by_path["/plain"].headers["X-Tenant"], by_path["/plain"].signature) == (None, "")
    assert (signed.secret[:6], plain.secret) == ("whsec_", "")
    ids = {one["subscriptionId"] for one in mock.deliveries.list()}
    assert ids == {signed.subscription_id, plain.subscription_id}


def test_subscription_is_refused_in_the_mocks_words(mock: MockServer) -> None:
    """An event that doesn't exist is refused, and so is a store."""
    with pytest.raises(Refused, match="eventName"):
        mock.subscribe("Nothing", "http://127.0.0.1:9")
    with pytest.raises(Refused, match="answers 404"):
        mock.subscribe("CustomerRegistered", "http://127.0.0.1:9", store_code="NOWHERE")


def test_api_key_opens_the_api(signing_key: str) -> None:
    """The mock tells its API key, whichever it was made with, and subscribes by it."""
    with MockServer(signing_key=signing_key, api_key="open-sesame", control=False) as mock:
        assert mock.api_key == "open-sesame"
        assert mock.subscribe("CustomerRegistered", "http://127.0.0.1:9").subscription_id


@pytest.mark.parametrize(
    ("role", "store_code", "opens"), [("admin", None, 200), ("member", None, 403), ("member", "OTHER", 403)]
)
def test_tokens_are_of_their_role(mock: MockServer, role: Any, store_code: str | None, opens: int) -> None:
    """A token is that of the admin, or of the member that a store has from the start."""
    bearer = {"Authorization": f"Bearer {mock.token(role, store_code)}"}

    answer = httpx2.get(f"{mock.url}/api/{store_code or 'DEFAULT'}/webhook/subscription", headers=bearer)

    assert answer.status_code == opens


def test_token_is_for_who_may_have_it(mock: MockServer) -> None:
    """Others log in by name and password; who may not is refused in the mock's words."""
    mock.state.add(members=[{"email": "jo@example.com", "username": "jo", "password": "sesame"}])

    assert mock.token("member", username="jo", password="sesame")
    with pytest.raises(Refused, match=r"answers 401: .+"):
        mock.token("member", username="jo", password="")


def test_mock_with_a_control_token_can_be_steered(signing_key: str) -> None:
    """A mock knows its own control token."""
    with MockServer(signing_key=signing_key, control_token="sesame") as mock:
        mock.reset()

        assert mock.config()["settings"]["controlToken"] == "********"


def test_mock_with_tls_can_be_steered(signing_key: str, tmp_path: Path) -> None:
    """A mock trusts its own certificate, whoever signed it and whatever name it is for."""
    certificate, key = self_signed(tmp_path)
    with MockServer(signing_key=signing_key, tls_cert=str(certificate), tls_key=str(key)) as mock:
        mock.clock.freeze()

        assert mock.url.startswith("https://")
        assert mock.clock.get()["frozen"]


def test_mock_without_a_control_plane_says_so(signing_key: str) -> None:
    """A mock that was made without a control plane can't be steered, and says why; one can log in all the same."""
    with MockServer(signing_key=signing_key, control=False) as mock:
        with pytest.raises(RemoteError, match=r"can't be steered: it was made with control=False\. Leave that out\.$"):
            mock.reset()

        assert mock.token()


def test_mock_is_steered_within_its_block(signing_key: str) -> None:
    """Before its block and after it there is nothing to steer, and the error says so."""
    mock = MockServer(signing_key=signing_key)
    with pytest.raises(RuntimeError, match="enter it by `with` first"):
        mock.reset()
    with mock:
        mock.reset()
    with pytest.raises(RemoteError, match="No mock answers at"):
        mock.reset()


def test_unknown_roles_are_told(mock: MockServer) -> None:
    """Nobody logs in as what doesn't exist."""
    with pytest.raises(ValueError, match=r"The role is admin or member, not 'membr'\."):
        mock.token("membr")  # type: ignore[arg-type] # as users without a type checker do
