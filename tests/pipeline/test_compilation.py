"""mockserver.pipeline.compilation: handlers and contracts that fit together, or are refused. The stages have tests of
their own beside this one; tests/scenarios plays whole requests."""

from typing import Any

import pytest

from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from mockserver.pipeline import compile_operation, snake_case
from mockserver.world import World

pytestmark = pytest.mark.anyio

Json = dict[str, Any]
HEADERS = [(b"content-type", b"application/json"), (b"x-auth-token", b"mock-api-key")]


# ---------------------------------------------------------------- contracts and handlers that don't fit together
async def _takes_nothing(_world: World) -> tuple[object, int]:
    return None, 204


async def _takes_a_colour(world: World, colour: str) -> tuple[object, int]:
    return {"colour": colour, "stores": world.settings.stores}, 200


def _declaring(operation: Json, components: Json | None = None) -> Contract:
    paths = {"/things/{thingColour}": {"get": {"operationId": "thingGet"} | operation}}
    return Contract(b"", {"openapi": "3.0.3", "paths": paths, "components": components or {}})


def _compile(world: World, contract: Contract, handler: Any = _takes_nothing) -> Any:
    return compile_operation(contract, contract.operation("/things/{thingColour}", "get"), handler, world)


async def test_handler_that_asks_for_an_unknown_argument_is_refused(world: World) -> None:
    """A handler may ask only for what the contract has; what else it asks for is named."""
    with pytest.raises(ContractError, match="The handler of thingGet asks for colour, which the contract doesn't have"):
        _compile(world, _declaring({}), _takes_a_colour)


@pytest.mark.parametrize(
    ("operation", "components", "problem"),
    [
        ({"security": [{"nobody": []}]}, {}, "asks for the security scheme 'nobody', but doesn't declare it"),
        (
            {"security": [{"basic": []}]},
            {"securitySchemes": {"basic": {"type": "http", "scheme": "basic"}}},
            "can't check credentials of the kind http basic",
        ),
        (
            {"security": [{"key": []}]},
            {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "key"}}},
            "can't check credentials of the kind apiKey",
        ),
        ({"parameters": [{"$ref": "#/components/parameters/gone"}]}, {}, "#/components/parameters/gone, which doesn't"),
    ],
)
async def test_contract_that_needs_more_than_the_mock_can_is_refused(
    world: World, operation: Json, components: Json, problem: str
) -> None:
    """What the mock couldn't keep is refused at start-up, not at the first request."""
    with pytest.raises(ContractError, match=problem):
        _compile(world, _declaring(operation, components))


@pytest.mark.parametrize(
    ("name", "snake"), [("storeCode", "store_code"), ("webhookSubscription", "webhook_subscription"), ("id", "id")]
)
async def test_path_parameters_have_python_names(name: str, snake: str) -> None:
    """A handler gets `storeCode` as `store_code`."""
    assert snake_case(name) == snake
