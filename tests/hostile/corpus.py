"""All hostile inputs, the same in every run."""

from itertools import chain

from tests.hostile import bodies, framing, heads, targets
from tests.hostile.inputs import Input


def corpus() -> list[Input]:
    """Every input, kind by kind. Most are made by combining: odd segments with places, odd bodies with operations."""
    return list(
        chain(
            *(targets.methods(), targets.paths(), targets.queries()),
            *(bodies.media_types(), bodies.json_bodies(), bodies.large_bodies(), bodies.subscriptions()),
            *(heads.credentials(), heads.preferences(), heads.headers()),
            *(framing.lengths(), framing.no_http(), framing.several(), framing.upgrades(), framing.parts()),
        )
    )
