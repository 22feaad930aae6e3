"""What a contract declares for an answer: under which of its keys the status stands, and the media type."""

from collections.abc import Container, Mapping

from mockserver.openapi.contract import DeclaredResponse

DEFAULT = "default"


def declared_status(statuses: Container[str], status: int) -> str | None:
    """The key under which a status is declared: itself, its class, or all others; None if it isn't."""
    if (exact := str(status)) in statuses:
        return exact
    return next((name for name in (f"{exact[0]}XX", f"{exact[0]}xx", DEFAULT) if name in statuses), None)


def declared_type(media_types: Container[str], media_type: str) -> str | None:
    """The key under which a media type is declared: itself, or a range; None if it isn't."""
    if media_type in media_types:
        return media_type
    return next((name for name in (f"{media_type.partition('/')[0]}/*", "*/*") if name in media_types), None)


def declared_response(responses: Mapping[str, DeclaredResponse], status: int) -> DeclaredResponse | None:
    """The declared response for a status; None if there is none."""
    name = declared_status(responses, status)
    return None if name is None else responses[name]
