"""What a contract declares for an answer that came: under which of its keys the status stands, and the media type."""

from collections.abc import Container, Iterable, Mapping

from mockserver.openapi.contract import DeclaredResponse

DEFAULT = "default"


def declared_status(statuses: Container[str], status: int) -> str | None:
    """The key under which a status is declared: itself, its class, or all others; None if it isn't."""
    names = (str(status), f"{status // 100}XX", f"{status // 100}xx", DEFAULT)
    return next((name for name in names if name in statuses), None)


def declared_type(media_types: Iterable[str], media_type: str) -> str | None:
    """The key under which a media type is declared: itself, or a range; None if it isn't."""
    names = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    known = set(media_types)
    return next((name for name in names if name in known), None)


def declared_response(responses: Mapping[str, DeclaredResponse], status: int) -> DeclaredResponse | None:
    """The declared response for a status; None if there is none."""
    name = declared_status(responses, status)
    return None if name is None else responses[name]
