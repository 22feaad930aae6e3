"""What the mock serves besides the API: the contract, its documentation, health, and the public keys."""

from functools import partial

from mockserver.pipeline import Answer, Header, Request, Responder, json_answer
from mockserver.world import World

ASSET_TYPES = {
    ".js": b"text/javascript; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".html": b"text/html; charset=utf-8",
}
NO_CACHE: Header = (b"cache-control", b"no-cache")
SCRIPT_POLICY: Header = (b"content-security-policy", b"default-src 'self'")


def routes(world: World) -> dict[str, Responder]:
    """The pages by path; all answer to GET."""
    contract = world.contract
    yaml_headers = [(b"content-type", b"application/yaml; charset=utf-8"), NO_CACHE]
    return {
        "/": partial(_constant, Answer(302, [(b"location", b"/docs"), (b"content-length", b"0")])),
        "/openapi.yaml": partial(_constant, _sized(Answer(200, yaml_headers, contract.text))),
        "/openapi.json": partial(_constant, json_answer(200, contract.document, [NO_CACHE])),
        "/_mock/health": partial(_constant, json_answer(200, {"status": "ok"}, [NO_CACHE])),
        "/_mock/jwks.json": partial(_jwks, world),
    }


async def _constant(answer: Answer, _request: Request) -> Answer:
    return answer


async def _jwks(world: World, _request: Request) -> Answer:
    return json_answer(200, world.auth.key.jwks())


def _sized(answer: Answer) -> Answer:
    return answer._replace(headers=[*answer.headers, (b"content-length", b"%d" % len(answer.body))])
