"""Error handlers for Connexion: what it refuses gets the vendor's error bodies, and a defect a bare 500."""

import logging
import traceback
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson

from mockserver import errors
from mockserver.app.routing_errors import NO_OPERATION
from mockserver.http.asgi_messages import path_of
from mockserver.http.messages import error_response
from mockserver.logs import RateLimitedLog
from mockserver.violations import breach

with warnings.catch_warnings():  # see connexion_engine
    warnings.simplefilter("ignore")
    from connexion.apps.asynchronous import AsyncApp
    from connexion.lifecycle import ConnexionRequest, ConnexionResponse

# The errors of Connexion and its router, by status, as errors of the mock.
REFUSALS: Mapping[int, Callable[[Any], errors.ApiError]] = {
    400: lambda error: errors.BadRequest([breach((), "", error.detail)]),
    401: lambda error: errors.AuthenticationRequired(hint=error.detail),
    404: lambda _: errors.NotFound(hint=NO_OPERATION.format(docs="/docs")),
    405: lambda error: errors.MethodNotAllowed(sorted(error.headers["Allow"].split(", "))),
    415: lambda _: errors.UnsupportedMediaType(),
}


def add_error_handlers(app: AsyncApp) -> None:
    """Add the handlers to an application of Connexion."""
    app.add_error_handler(errors.ApiError, _error_response)
    for status in REFUSALS:
        app.add_error_handler(status, _error_response)
    defect_response = partial(_defect_response, RateLimitedLog(logging.getLogger("mockserver")))
    app.add_error_handler(500, defect_response)  # an invalid response, if an option has Connexion look for them
    app.add_error_handler(Exception, defect_response)


async def _error_response(_request: ConnexionRequest, error: Any) -> ConnexionResponse:
    """The response for an ApiError or for an error of Connexion, in the vendor's shape."""
    api_error = error if isinstance(error, errors.ApiError) else REFUSALS[error.status_code](error)
    response = error_response(api_error)
    headers = {name.decode(): value.decode() for name, value in response.all_headers}
    return ConnexionResponse(response.status, body=response.body, headers=headers)


async def _defect_response(log: RateLimitedLog, request: ConnexionRequest, error: Exception) -> ConnexionResponse:
    """A bare 500 for a defect. The log has its kind and place only: its message may hold the body of the request."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    kind, target = type(error).__name__, path_of(request.scope).decode("latin-1")
    log.error("%s %s failed: %s in %s, line %s", request.method, target, kind, place.filename, place.lineno)
    text = orjson.dumps({"code": 500, "message": "Internal Server Error"})
    return ConnexionResponse(500, "application/json", body=text)
