"""mockserver.openapi.routing: which target answers a method and a path."""

import tracemalloc

import pytest

from mockserver.errors import ContractError, MethodNotAllowed, NotFound
from mockserver.openapi.routing import MOST_SEGMENTS, Router

ROUTES = [
    ("GET", "/"),
    ("POST", "/api/admin/login_check"),
    ("GET", "/api/admin/data/details"),
    ("POST", "/api/{storeCode}/member"),
    ("POST", "/api/{storeCode}/member/login_check"),
    ("GET", "/api/{storeCode}/{kind}/details"),
    ("GET", "/api/{storeCode}/webhook/subscription"),
    ("POST", "/api/{storeCode}/webhook/subscription"),
    ("GET", "/api/{storeCode}/webhook/subscription/{id}"),
    ("PUT", "/api/{store}/webhook/subscription/{subscription}"),
    ("DELETE", "/api/{storeCode}/webhook/subscription/{id}"),
]


@pytest.fixture
def router() -> Router[str]:
    """A router whose targets are called after their method and path."""
    router: Router[str] = Router()
    for method, path in ROUTES:
        router.add(method, path, f"{method} {path}")
    return router


@pytest.mark.parametrize(
    ("method", "raw_path", "path", "parameters"),
    [
        ("GET", b"/", "/", {}),
        ("POST", b"/api/admin/login_check", "/api/admin/login_check", {}),
        ("POST", b"/api/A/member", "/api/{storeCode}/member", {"storeCode": "A"}),
        ("PUT", b"/api/A/webhook/subscription/7", ROUTES[9][1], {"store": "A", "subscription": "7"}),
        ("DELETE", b"/api/A/webhook/subscription/7", ROUTES[10][1], {"storeCode": "A", "id": "7"}),
    ],
)
def test_method_and_path_lead_to_the_target(
    router: Router[str], method: str, raw_path: bytes, path: str, parameters: dict[str, str]
) -> None:
    """A request leads to the target of its method and path, with the parameters as that target names them."""
    assert router.match(method, raw_path) == (f"{method} {path}", parameters)


def test_literal_wins_over_parameter(router: Router[str]) -> None:
    """If a literal and a parameter both match, the literal wins."""
    assert router.match("GET", b"/api/admin/data/details")[0] == "GET /api/admin/data/details"
    assert router.match("GET", b"/api/admin/dada/details")[0] == "GET /api/{storeCode}/{kind}/details"


@pytest.mark.parametrize(
    ("method", "raw_path", "parameters"),
    [
        ("POST", b"/api/admin/member", {"storeCode": "admin"}),
        ("POST", b"/api/admin/member/login_check", {"storeCode": "admin"}),
        ("GET", b"/api/admin/webhook/details", {"storeCode": "admin", "kind": "webhook"}),
    ],
)
def test_literal_that_leads_nowhere_is_left(
    router: Router[str], method: str, raw_path: bytes, parameters: dict[str, str]
) -> None:
    """A literal that leads nowhere doesn't hide the parameter beside it: a store may be called like a path."""
    assert router.match(method, raw_path)[1] == parameters


@pytest.mark.parametrize(
    ("segment", "value"),
    [
        (b"a%2Fb", "a/b"),
        (b"%2F", "/"),
        (b"a%20b", "a b"),
        (b"a+b", "a+b"),
        (b"%C5%82", "ł"),
        (b"\xc5\x82", "ł"),
        (b"%7Bid%7D", "{id}"),
        (b"{id}", "{id}"),
        (b"%252F", "%2F"),
        (b"100%", "100%"),
        (b"%zz", "%zz"),
        (b"%00", "\0"),
        (b"..", ".."),
    ],
)
def test_parameters_are_decoded_once(router: Router[str], segment: bytes, value: str) -> None:
    """The value of a parameter is its segment decoded once; an encoded slash stays inside of it."""
    assert router.match("GET", b"/api/A/webhook/subscription/" + segment)[1]["id"] == value


def test_literals_are_decoded(router: Router[str]) -> None:
    """A literal that is written in percent-encoding is the same path (RFC 3986)."""
    assert router.match("POST", b"/%61pi/admin/login%5Fcheck") == ("POST /api/admin/login_check", {})


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/caf%C3%A9", b"/caf%C3%A9"),
        ("/caf%C3%A9", "/café".encode()),
        ("/caf%c3%a9-{id}", b"/caf%C3%A9-7"),
        ("/a%20b/{id}", b"/a%20b/7"),
        ("/a%2Fb", b"/a%2fb"),
        ("/%7Bid%7D", b"/{id}"),
        ("/a%2525", b"/a%2525"),
        ("/100%", b"/100%25"),
        ("/a+b", b"/a+b"),
    ],
)
def test_literals_of_a_template_are_decoded_once(template: str, path: bytes) -> None:
    """A path is the same, whether its template or a request writes it in percent-encoding."""
    router: Router[str] = Router()
    router.add("GET", template, "target")

    assert router.match("GET", path)[0] == "target"
    for other in (b"/a/b", b"/7", b"/a%25"):
        with pytest.raises(NotFound):
            router.match("GET", other)


def test_literal_that_is_no_text_is_refused() -> None:
    """A percent-encoded literal of a template must be UTF-8, as in a request."""
    with pytest.raises(ContractError, match="The path /a/caf%E9 has the segment caf%E9, which is no UTF-8"):
        Router[str]().add("GET", "/a/caf%E9", "target")


@pytest.mark.parametrize(
    "raw_path",
    [
        b"",
        b"*",
        b"//",
        b"/api",
        b"/api/",
        b"/API/admin/login_check",
        b"/api/admin/login_check/",
        b"/api/admin%2Flogin_check",
        b"/api//member",
        b"/api/A/webhook/subscription/",
        b"/api/A/webhook/subscription//",
        b"/api/A/webhook/subscription/7/8",
        b"/api/A/webhook/subscription/%FF",
        b"/api/A/webhook/subscription/\xff",
        b"/api/%C5/member",
        b"/api/A/webhook/subscription/%ED%A0%80",
        b"/" * 100_000,
        b"/api" * 100_000,
    ],
)
def test_unknown_path_is_not_found(router: Router[str], raw_path: bytes) -> None:
    """A path that isn't there is not found, whatever the method: in another case, with an empty segment or a trailing
    slash, or with what is no UTF-8."""
    with pytest.raises(NotFound):
        router.match("GET", raw_path)
    with pytest.raises(NotFound):
        router.match("PUT", raw_path)


@pytest.mark.parametrize(
    ("method", "raw_path", "allow"),
    [
        ("DELETE", b"/api/admin/login_check", ("POST",)),
        ("PATCH", b"/api/A/webhook/subscription/7", ("DELETE", "GET", "HEAD", "PUT")),
        ("OPTIONS", b"/api/A/webhook/subscription", ("GET", "HEAD", "POST")),
        ("HEAD", b"/api/A/member", ("POST",)),
        ("get", b"/", ("GET", "HEAD")),
        ("BREW", b"/", ("GET", "HEAD")),
    ],
)
def test_wrong_method_is_told_which_are_right(
    router: Router[str], method: str, raw_path: bytes, allow: tuple[str, ...]
) -> None:
    """A known path with another method isn't allowed, and all that are allowed are named, in alphabetical order."""
    with pytest.raises(MethodNotAllowed) as refused:
        router.match(method, raw_path)

    assert refused.value.allow == allow


def test_head_goes_to_get(router: Router[str]) -> None:
    """HEAD is routed to the target of GET."""
    assert router.match("HEAD", b"/api/A/webhook/subscription") == router.match("GET", b"/api/A/webhook/subscription")


def test_head_of_its_own_wins() -> None:
    """HEAD is routed to its own target if there is one."""
    router: Router[str] = Router()
    router.add("GET", "/a", "got")
    router.add("HEAD", "/a", "own")

    assert router.match("HEAD", b"/a") == ("own", {})


@pytest.mark.parametrize("segment", ["{a}{b}", "{", "{}", "{{a}}", "a{", "{a}-{b", "}a{"])
def test_segment_that_is_no_template_is_refused(segment: str) -> None:
    """A segment that can't be split into parameters is refused at the start."""
    with pytest.raises(ContractError, match="can't be told apart into parameters"):
        Router[str]().add("GET", f"/api/{segment}", "target")


@pytest.mark.parametrize("segment", ["a", "{a}", "{a}.json"])
def test_path_has_a_bounded_number_of_segments(segment: str) -> None:
    """A path is refused at the start that would be too deep for each request to it."""
    router: Router[str] = Router()
    longest = f"/{segment}" * MOST_SEGMENTS
    router.add("GET", longest, "target")

    assert router.match("GET", longest.encode())[0] == "target"
    with pytest.raises(MethodNotAllowed):
        router.match("PUT", longest.encode())
    with pytest.raises(ContractError, match="has 101 segments: 100 are the most"):
        router.add("GET", f"{longest}/b", "target")


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("/{name}.json", b"/cat.json", {"name": "cat"}),
        ("/{name}.json", b"/cat.json.json", {"name": "cat.json"}),
        ("/v{version}", b"/v12", {"version": "12"}),
        ("/{low}-{high}", b"/1-10", {"low": "1", "high": "10"}),
        ("/at({lat},{lon})", b"/at(1.5,-2)", {"lat": "1.5", "lon": "-2"}),
        ("/{name}.json", b"/a%0Ab.json", {"name": "a\nb"}),
    ],
)
def test_segment_may_mix_text_and_parameters(template: str, path: bytes, values: dict[str, str]) -> None:
    """Parameters are found between the text of a segment."""
    router: Router[str] = Router()
    router.add("GET", template, "target")

    assert router.match("GET", path) == ("target", values)


def test_text_wins_over_mixed_over_parameter() -> None:
    """Segments with more literal text are tried first."""
    router: Router[str] = Router()
    for template in ("/{any}", "/{name}.json", "/cat.json"):
        router.add("GET", template, template)

    found = [router.match("GET", path)[0] for path in (b"/cat.json", b"/dog.json", b"/dog.xml")]

    assert found == ["/cat.json", "/{name}.json", "/{any}"]


def test_method_decides_between_templates() -> None:
    """If the winning template doesn't have the method, the next one is used; Allow names the methods of all."""
    router: Router[str] = Router()
    router.add("POST", "/a/b", "literal")
    router.add("GET", "/a/{x}", "parameter")

    assert router.match("GET", b"/a/b") == ("parameter", {"x": "b"})
    assert router.match("HEAD", b"/a/b") == ("parameter", {"x": "b"})
    with pytest.raises(MethodNotAllowed) as refused:
        router.match("PUT", b"/a/b")
    assert refused.value.allow == ("GET", "HEAD", "POST")


@pytest.mark.parametrize("number", [0, 499, 999])
def test_thousand_routes_match(number: int) -> None:
    """Among a thousand routes each is found, with its own parameters and methods."""
    router: Router[int] = Router()
    for n in range(1000):
        router.add("GET", f"/api/{{storeCode}}/thing{n}/{{id{n}}}", n)

    assert router.match("GET", b"/api/A/thing%d/x" % number) == (number, {"storeCode": "A", f"id{number}": "x"})
    with pytest.raises(MethodNotAllowed, match="Not Allowed"):
        router.match("PUT", b"/api/A/thing%d/x" % number)
    with pytest.raises(NotFound):
        router.match("GET", b"/api/A/thing1000/x")


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("a.b.c.json", {"name": "a", "kind": "b.c"}),
        ("..a.json", {"name": ".", "kind": "a"}),
        ("a.json.json", {"name": "a", "kind": "json"}),
        ("a..json", None),
        (".a.json", None),
        ("a.json", None),
        ("a.b.jso", None),
    ],
)
def test_mixed_segments_are_told_apart(segment: str, expected: dict[str, str] | None) -> None:
    """A literal between parameters matches at its first occurrence; no parameter is empty."""
    router: Router[str] = Router()
    router.add("GET", "/{name}.{kind}.json", "mixed")
    router.add("GET", "/{id}", "plain")

    target, parameters = router.match("GET", f"/{segment}".encode())

    assert (target, parameters) == (("mixed", expected) if expected else ("plain", {"id": segment}))


def test_mixed_segments_take_no_time() -> None:
    """A segment that could be split in countless ways is refused in linear time."""
    router: Router[str] = Router()
    router.add("GET", "/{a}.{b}.{c}.{d}x.json", "mixed")

    with pytest.raises(NotFound):
        router.match("GET", b"/" + b"." * 60_000 + b".json")


def test_long_paths_are_not_remembered(router: Router[str]) -> None:
    """Paths that are requested once don't fill the memory."""
    tracemalloc.start()
    for number in range(300):
        router.match("GET", b"/api/A/webhook/subscription/%d" % number + b"x" * 60_000)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 1_000_000


def test_the_first_of_two_templates_of_one_shape_counts() -> None:
    """As in Connexion: what is declared later with other names of its parameters is never reached by that method."""
    router = Router[str]()
    router.add("GET", "/pets/{id}", "first")
    router.add("GET", "/pets/{name}", "second")
    router.add("POST", "/pets/{name}", "posted")

    assert router.match("GET", b"/pets/7") == ("first", {"id": "7"})
    assert router.match("POST", b"/pets/7") == ("posted", {"name": "7"})


def test_made_by_the_first_request() -> None:
    """What is made later isn't made before a request needs it, and a path that was asked for needn't ask again."""
    asked: list[str] = []
    router: Router[str] = Router()

    def made() -> str:
        asked.append("made")
        return "pet"

    router.add_later("GET", "/pets/{id}", made)
    with pytest.raises(MethodNotAllowed):
        router.match("POST", b"/pets/1")

    before = list(asked)
    found = [router.match(method, b"/pets/1") for method in ("GET", "GET", "HEAD")]
    assert (before, found) == ([], 3 * [("pet", {"id": "1"})])
    assert len(asked) == 2
