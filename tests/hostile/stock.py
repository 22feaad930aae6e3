"""Stock Connexion under stock uvicorn, serving the contract by the mock's handlers: what the mock is compared with.

    python -m tests.hostile.stock PORT

What Connexion can check, it checks: unknown parameters, and its own answers.
"""

import sys

import uvicorn
from starlette.types import ASGIApp

from mockserver.app import create_connexion_app
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World


def create() -> ASGIApp:
    """The application."""
    world = World.build(Settings(seed=1), Contract.load())
    return create_connexion_app(world, strict_validation=True, validate_responses=True)


if __name__ == "__main__":
    uvicorn.run(create(), port=int(sys.argv[1]), log_level="warning", access_log=False)
