"""Promises of the contract that no schema can express, tried one by one: what is created can be read, what is deleted
is gone, filters filter, and only those get in who may."""

from collections.abc import Callable, Iterator

import requests

from mockserver.checks.live.scenarios.append_only import Residue
from mockserver.checks.live.scenarios.authentication import Doors
from mockserver.checks.live.scenarios.consistency import Sense
from mockserver.checks.live.scenarios.context import Bench
from mockserver.checks.live.scenarios.creation import Creating
from mockserver.checks.live.scenarios.deletion_and_isolation import Lifecycle
from mockserver.checks.live.scenarios.list_queries import ListPromises
from mockserver.checks.live.scenarios.malformed_requests import Manners
from mockserver.checks.live.scenarios.update import Updates
from mockserver.checks.transport.guarded_transport import RequestRefused, Stopped
from mockserver.openapi.resources import Call


def keep(bench: Bench, tick: Callable[[str], None]) -> Iterator[tuple[Call, requests.Response]]:
    """Try every promise; yields what was answered on the way. Raises Stopped if the run is over."""
    stories = (story for story in _promises(bench) if bench.plan.tries(story[0]))
    for name, attempt in stories:
        tick(name)
        try:
            attempt()
        except Stopped:
            yield from bench.taken()
            raise
        except RequestRefused:
            continue  # what the policy of the run doesn't allow
        except requests.RequestException as error:
            if bench.asked is None or not bench.judge.lost(bench.asked, error, bench.plan.options.timeout):
                bench.judge.trouble(name, f"no answer: {type(error).__name__}")
        yield from bench.taken()
    yield from bench.taken()


def _promises(bench: Bench) -> Iterator[tuple[str, Callable[[], None]]]:
    tenant = bench.plan.tenant
    for resource in bench.surface.resources:
        if bench.can(resource.create, resource.delete):
            where = tenant(resource.create)
            for stories in (kind(bench, resource, where) for kind in (Creating, Updates, Lifecycle)):
                yield from ((f"life of a {resource.create.kind}: {name}", story) for name, story in stories.stories())
            if resource.list is not None:
                lists = ListPromises(bench, resource, tenant(resource.create))
                yield from ((f"list of {resource.create.kind}s: {name}", story) for name, story in lists.stories())
    doors = Doors(bench)
    yield from ((f"access: {name}", story) for name, story in doors.stories())
    yield from ((f"sense: {name}", story) for name, story in Sense(bench).stories())
    yield from ((f"manners: {name}", story) for name, story in Manners(bench).stories())
    yield from ((f"residue: {name}", story) for name, story in Residue(bench).stories())
    yield from doors.last_stories()
