"""Successes: what a response of the instance says about whether something was done, or is there."""

import requests

from mockserver.checks.transport.gateway_failures import GATEWAY
from mockserver.checks.transport.throttling import is_throttled


def succeeded(response: requests.Response) -> bool:
    """Whether a response is a success; `ok` is true for redirections, too."""
    return 200 <= response.status_code < 300  # noqa: PLR2004 (a 2xx)


def refuses(response: requests.Response) -> bool:
    """Whether a response is a refusal: an error of the request, after which nothing was done."""
    return 400 <= response.status_code < 500  # noqa: PLR2004 (a 4xx)


def denies(response: requests.Response) -> bool:
    """Whether an answer of the instance itself shows nothing: an error, but for those of who stands in front."""
    return response.status_code >= 400 and not is_throttled(response) and response.status_code not in GATEWAY  # noqa: PLR2004 (errors)
