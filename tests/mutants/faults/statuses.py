"""Wrong statuses and headers, and bodies that aren't the JSON they should be."""

from dataclasses import replace
from types import SimpleNamespace

from tests.mutants.exchange import Answer, Request, Send
from tests.mutants.mutant import Registry

MUTANTS = Registry()
_LIST, _GET, _POST = "webhookSubscriptionGetList", "webhookSubscriptionGet", "_webhookSubscriptionPost"
_PUT, _DELETE, _ROTATE = "_webhookSubscriptionPut", "webhookSubscriptionDelete", "webhookSubscriptionRotateHmacKey"


# ---------------------------------------------------------------- statuses
@MUTANTS.answers(_POST)
def created_is_201(answer: Answer) -> Answer:
    """Subscribing answers 201 instead of 200."""
    return replace(answer, status=201)


@MUTANTS.answers(_DELETE, status=204)
def deleted_is_200(_: Answer) -> Answer:
    """Deleting answers 200 with an empty object instead of 204."""
    return Answer.of(200, {})


@MUTANTS.answers(_PUT, status=204)
def updated_is_202(answer: Answer) -> Answer:
    """Updating answers 202 instead of 204."""
    return replace(answer, status=202)


@MUTANTS.answers(_GET, status=404)
def missing_is_200(_: Answer) -> Answer:
    """Reading what isn't there answers 200 with an empty object."""
    return Answer.of(200, {})


@MUTANTS.answers(_GET, status=404)
def missing_is_500(_: Answer) -> Answer:
    """Reading what isn't there answers 500."""
    return Answer.of(500, {"code": 500, "message": "Internal Server Error"})


@MUTANTS.answers(_GET, status=404)
def missing_is_204(_: Answer) -> Answer:
    """Reading what isn't there answers 204."""
    return Answer.of(204)


@MUTANTS.answers(_DELETE, status=404)
def deleting_twice_is_204(_: Answer) -> Answer:
    """Deleting what isn't there answers 204, as if it had been."""
    return Answer.of(204)


@MUTANTS.exchanges(_DELETE)
async def deleting_is_404(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Deleting works, but answers 404."""
    answer = await send(request)
    if request.operation == _DELETE and answer.status == 204:
        return Answer.of(404, {"code": 404, "message": "Not Found"})
    return answer


@MUTANTS.answers(_PUT, status=404)
def updating_nothing_is_204(_: Answer) -> Answer:
    """Updating what isn't there answers 204."""
    return Answer.of(204)


@MUTANTS.answers(_POST, status=400)
def invalid_is_422(answer: Answer) -> Answer:
    """A refused subscription is a 422 instead of a 400."""
    return replace(answer, status=422)


@MUTANTS.answers(status=401)
def unauthorized_is_403(_: Answer) -> Answer:
    """A missing or bad credential is a 403 instead of a 401."""
    return Answer.of(403, {"code": 403, "message": "Forbidden."})


@MUTANTS.answers(status=403)
def forbidden_is_401(_: Answer) -> Answer:
    """A member's token on an admin operation is a 401 instead of a 403."""
    return Answer.of(401, {"code": 401, "message": "Invalid JWT Token"}).with_header("WWW-Authenticate", "Bearer")


@MUTANTS.answers("adminLoginCheck", status=401)
def wrong_password_is_400(_: Answer) -> Answer:
    """A wrong password is a 400 instead of a 401."""
    return Answer.of(400, {"code": 400, "message": "Validation failed", "errors": []})


@MUTANTS.exchanges("webhookEventGetList", _LIST, _POST, "membersStatsGet")
async def any_store_is_the_default(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """An unknown store is answered as if it were the default one."""
    answer = await send(request)
    if answer.status != 404 or request.store is None or request.id is not None:
        return answer
    return await send(replace(request, target=request.target.replace(f"/{request.store}/", "/DEFAULT/", 1)))


@MUTANTS.answers(_POST, status=415)
def form_is_400(_: Answer) -> Answer:
    """A body that isn't declared as JSON is a 400 instead of a 415."""
    return Answer.of(400, {"code": 400, "message": "Validation failed", "errors": []})


@MUTANTS.answers("_memberPost", status=400)
def refused_member_is_409(answer: Answer) -> Answer:
    """A refused member is a 409 instead of a 400."""
    return replace(answer, status=409)


@MUTANTS.answers(status=405)
def wrong_method_is_404(_: Answer) -> Answer:
    """A wrong method is a 404 instead of a 405."""
    return Answer.of(404, {"code": 404, "message": "Not Found"})


@MUTANTS.answers(_POST, status=413)
def large_body_is_500(_: Answer) -> Answer:
    """A body that is too large is a 500 instead of a 413."""
    return Answer.of(500, {"code": 500, "message": "Internal Server Error"})


@MUTANTS.answers(_POST, status=413)
def huge_body_is_accepted(_: Answer) -> Answer:
    """A body that is too large is a 200."""
    return Answer.of(200, {})


# ---------------------------------------------------------------- headers
@MUTANTS.answers(status=405)
def no_allow(answer: Answer) -> Answer:
    """A 405 doesn't say which methods are allowed."""
    return answer.with_header("Allow", None)


@MUTANTS.answers(status=405)
def allow_is_incomplete(answer: Answer) -> Answer:
    """A 405 names one method only, whatever the path has."""
    return answer.with_header("Allow", "GET")


@MUTANTS.answers(status=401, unseen="the contract doesn't require the header")
def no_www_authenticate(answer: Answer) -> Answer:
    """A 401 doesn't name the scheme to authenticate with."""
    return answer.with_header("WWW-Authenticate", None)


@MUTANTS.answers(_ROTATE, status=429)
def no_retry_after(answer: Answer) -> Answer:
    """A second rotation is refused without saying for how long."""
    return answer.with_header("Retry-After", None)


@MUTANTS.answers(_ROTATE, status=429)
def retry_after_is_a_word(answer: Answer) -> Answer:
    """The wait after a rotation is told in words."""
    return answer.with_header("Retry-After", "soon")


@MUTANTS.answers(_LIST)
def list_is_text(answer: Answer) -> Answer:
    """The list is declared as plain text."""
    return answer.with_header("Content-Type", "text/plain")


@MUTANTS.answers(_GET)
def subscription_has_no_type(answer: Answer) -> Answer:
    """A subscription is answered without Content-Type."""
    return answer.with_header("Content-Type", None)


# ---------------------------------------------------------------- bodies
@MUTANTS.answers(_GET, status=404)
def missing_is_a_page(answer: Answer) -> Answer:
    """A 404 is an HTML page."""
    page = replace(answer, body=b"<!doctype html><title>404</title><h1>Not Found</h1>")
    return page.with_header("Content-Type", "text/html; charset=utf-8")


@MUTANTS.answers("adminLoginCheck", status=401)
def refused_login_is_a_page(answer: Answer) -> Answer:
    """A refused login is an HTML page that is declared as JSON."""
    return replace(answer, body=b"<!doctype html><title>Log in</title>")


@MUTANTS.answers(_LIST)
def list_is_cut(answer: Answer) -> Answer:
    """The list's JSON ends in the middle."""
    return replace(answer, body=answer.body[: len(answer.body) // 2])


@MUTANTS.answers("webhookEventGetList")
def connection_is_cut(answer: Answer) -> Answer:
    """The connection ends in the middle of the event list."""
    return replace(answer, body=answer.body[: len(answer.body) // 2], cut=True)


@MUTANTS.answers("webhookEventGetList")
def events_are_empty(answer: Answer) -> Answer:
    """The event list has no body at all."""
    return replace(answer, body=b"")


@MUTANTS.answers("webhookEventGetList")
def events_are_huge(answer: Answer) -> Answer:
    """The event list has five megabytes of blanks after it."""
    return replace(answer, body=answer.body + b" " * 5_000_000)


@MUTANTS.answers("webhookEventGetList")
def events_are_no_http(answer: Answer) -> Answer:
    """The event list comes with a status of four digits, which is no HTTP."""
    return replace(answer, status=1000)


@MUTANTS.answers(_GET)
def subscription_is_text_in_json(answer: Answer) -> Answer:
    """A subscription is JSON in a JSON string."""
    return answer.with_json(answer.body.decode())


@MUTANTS.answers("membersStatsGet")
def figures_are_nan(answer: Answer) -> Answer:
    """The total is NaN, which is no JSON."""
    return answer.with_json(answer.json | {"total": float("nan")})


# ---------------------------------------------------------------- error bodies
@MUTANTS.answers(_GET, status=404)
def error_is_wrapped(answer: Answer) -> Answer:
    """A 404 is wrapped in `error`, as the vendor's 4.x had it."""
    return answer.with_json({"error": answer.json})


@MUTANTS.answers(_POST, status=400)
def error_is_a_problem(answer: Answer) -> Answer:
    """A 400 is a problem document of RFC 7807."""
    problem = {"type": "about:blank", "title": "Bad Request", "status": 400}
    return answer.with_json(problem).with_header("Content-Type", "application/problem+json")


@MUTANTS.answers(_POST, status=400)
def error_has_no_list(answer: Answer) -> Answer:
    """A 400 doesn't list what is wrong."""
    return answer.with_json({"code": 400, "message": "Validation failed"})


@MUTANTS.answers(_POST, status=400)
def error_has_no_path(answer: Answer) -> Answer:
    """The problems in a 400 don't say where they are."""
    errors = [{key: value for key, value in error.items() if key != "path"} for error in answer.json["errors"]]
    return answer.with_json(answer.json | {"errors": errors})


@MUTANTS.answers(_LIST, status=400)
def error_code_is_text(answer: Answer) -> Answer:
    """`code` of a 400 is text."""
    return answer.with_json(answer.json | {"code": "400"})


@MUTANTS.answers(_GET, _PUT, _DELETE, status=404, unseen="the schema of `code` names no value; only prose does")
def error_code_is_another(answer: Answer) -> Answer:
    """`code` of a 404 says 500."""
    return answer.with_json(answer.json | {"code": 500})


@MUTANTS.answers(_LIST, _GET, _POST, status=401)
def unauthorized_has_no_message(answer: Answer) -> Answer:
    """A 401 has an empty object for a body."""
    return answer.with_json({})


@MUTANTS.answers("membersStatsGet", status=403)
def forbidden_is_text(answer: Answer) -> Answer:
    """A 403 is a JSON string."""
    return answer.with_json("Forbidden.")


@MUTANTS.answers(_POST, status=400)
def error_tells_nothing(answer: Answer) -> Answer:
    """A refused body gets a 400 with an empty list of problems, although it could be read."""
    return answer.with_json(answer.json | {"errors": []})


@MUTANTS.answers(_POST, status=400)
def error_points_elsewhere(answer: Answer) -> Answer:
    """Every problem in a 400 points at `unknown`."""
    return answer.with_json(answer.json | {"errors": [error | {"path": "unknown"} for error in answer.json["errors"]]})
