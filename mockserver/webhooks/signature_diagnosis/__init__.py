"""The diagnosis of a webhook whose signature doesn't match: the common mistake that explains it."""

from mockserver.webhooks.signature_diagnosis.capture import Capture, read_headers, read_request
from mockserver.webhooks.signature_diagnosis.comparison import Difference, attempt_of, attempts_of, compare
from mockserver.webhooks.signature_diagnosis.computation import Evidence
from mockserver.webhooks.signature_diagnosis.diagnosis import Diagnosis, Explanation, diagnose
from mockserver.webhooks.signature_diagnosis.standard_diagnosis import diagnose_standard, is_standard

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
    "diagnose_standard",
    "is_standard",
    "read_headers",
    "read_request",
]
