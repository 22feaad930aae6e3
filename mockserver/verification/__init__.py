"""The diagnosis of a webhook whose signature doesn't match: which of the common mistakes explains it."""

from mockserver.verification.capture import Capture, read_headers, read_request
from mockserver.verification.comparison import Difference, attempt_of, attempts_of, compare
from mockserver.verification.computation import Evidence
from mockserver.verification.diagnosis import Diagnosis, Explanation, diagnose

__all__ = [
    "Capture",
    "Diagnosis",
    "Difference",
    "Evidence",
    "Explanation",
    "attempt_of",
    "attempts_of",
    "compare",
    "diagnose",
    "read_headers",
    "read_request",
]
