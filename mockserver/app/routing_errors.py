"""Hints of the routers: why nothing answers a method and path."""

from mockserver.errors import ApiError, NotFound, named

NO_OPERATION = "No operation has this path; GET {docs} lists them."
NO_CALL = "The control plane has no such path; GET /_mock/openapi.yaml lists those that it has."
NO_CONTROL = "The control plane is switched off (--no-control)."


def explain_api_error(error: ApiError, path: str, base_path: str, docs: str) -> None:
    """Give a 404 of the API its hint. `base_path` is what the paths of all its operations begin with, `docs` the path
    of the documentation."""
    if not isinstance(error, NotFound):
        return
    if not f"{path}/".startswith(f"{base_path}/"):
        error.hint = f"No operation has this path: all begin with {named(base_path)}; GET {docs} lists them."
    elif path.endswith("/") and path != "/":
        error.hint = f"No operation has this path; without the slash at its end it may be one. GET {docs} lists them."
    else:
        error.hint = NO_OPERATION.format(docs=docs)


def explain_control_error(error: ApiError, *, is_on: bool) -> None:
    """Give a 404 of the control plane its hint; the body says what the hint says."""
    if isinstance(error, NotFound):
        error.hint = NO_CALL if is_on else NO_CONTROL
        error.explain()
