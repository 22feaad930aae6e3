"""All state and clockwork of one mock."""

from mockserver.world.world import World

__all__ = ["World"]
