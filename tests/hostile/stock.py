"""Stock Connexion serving the same contract, as its documentation shows: what the mock is compared with.

    python -m tests.hostile.stock PORT

AsyncApp under uvicorn, requests and answers validated, nothing added. The handlers are trivial: they know one store and
the credentials of the mock, and answer the declared example. The callbacks of the contract are left out.
"""

import copy
import sys
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

from mockserver.contract import Contract
from mockserver.examples import Examples
from mockserver.grammar import METHODS
from mockserver.stand_in import StandIn

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from connexion.apps.asynchronous import AsyncApp
    from connexion.resolver import Resolver

Reply = tuple[Any, int, dict[str, str]]
JSON = {"Content-Type": "application/json"}
KEY = "mock-api-key"
MODULE = "tests.hostile.stock"


def bearer(_token: str) -> None:
    """Knows no token: the inputs have none that is good."""


def api_key(key: str) -> dict[str, str] | None:
    """The admin, for the key of the mock."""
    return {"sub": "admin"} if key == KEY else None


def create() -> AsyncApp:
    """The application."""
    contract = Contract.load()
    document = copy.deepcopy(contract.document)
    for name, function in (("Bearer", "bearer"), ("token", "api_key")):
        key = "x-bearerInfoFunc" if name == "Bearer" else "x-apikeyInfoFunc"
        document["components"]["securitySchemes"][name][key] = f"{MODULE}.{function}"
    handlers = {
        operation["operationId"]: _handler(contract, path, method)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }
    for item in document["paths"].values():
        for method in METHODS:
            item.get(method, {}).pop("callbacks", None)
    app = AsyncApp("stock", strict_validation=True, validate_responses=True)
    app.add_api(document, resolver=Resolver(handlers.__getitem__))
    return app


def _handler(contract: Contract, path: str, method: str) -> Callable[..., Awaitable[Reply]]:
    answer = StandIn(contract, contract.operation(path, method), Examples(contract, 0)).success()

    async def handler(**arguments: Any) -> Reply:
        if arguments.get("storeCode", "DEFAULT") != "DEFAULT" or "webhookSubscription" in arguments:
            return {"code": 404, "message": "Not Found"}, 404, JSON
        if path.endswith("login_check"):
            body = arguments["body"]
            if not body.get("username") or not body.get("password"):
                return {"code": 400, "message": "Validation failed", "errors": []}, 400, JSON
            if (body["username"], body["password"]) != ("admin", "password"):
                return {"message": "Bad credentials."}, 401, JSON
        return answer.content, answer.status, JSON

    return handler


if __name__ == "__main__":
    uvicorn.run(f"{MODULE}:create", factory=True, port=int(sys.argv[1]), log_level="warning", access_log=False)
