"""The promises about recorded requests, to which `check recording` holds a contract: what is accepted is declared.

About recorded answers it has those of `check live`.
"""

from mockserver.checks.findings.promises import Promised

_NARROW = "Either the contract is too narrow, or the instance doesn't look: ask who runs it, and correct one of them."


class RecordingPromise(Promised):
    """The promises about requests."""

    ACCEPTED_METHOD = (
        "accepted_method",
        "A request that was accepted has a method that the contract declares for its path.",
        "Declare the operation: it exists.",
    )
    ACCEPTED_PARAMETERS = (
        "accepted_parameters",
        "A request that was accepted has parameters as the contract declares them.",
        _NARROW,
    )
    ACCEPTED_MEDIA_TYPE = (
        "accepted_media_type",
        "A request that was accepted has a body of a media type that the contract declares.",
        _NARROW,
    )
    ACCEPTED_BODY = (
        "accepted_body",
        "A request that was accepted has a body as its schema says.",
        _NARROW,
    )
