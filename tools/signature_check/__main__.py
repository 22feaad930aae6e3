"""Runs the samples of docs/webhook-signatures.md on what a mock has signed: `python -m tools.signature_check`.

Exit code 0: each language that is installed judges every request as it should, and each that isn't is named; 1: one
does not.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tools.signature_check.languages import ALL, Language
from tools.signature_check.signed_requests import SignedRequest, requests


def outcome(language: Language, judged: list[SignedRequest]) -> str:
    """`ok`, why the language is skipped, or what went wrong."""
    if language.missing:
        return f"SKIPPED: {' and '.join(language.missing)} isn't installed"
    with tempfile.TemporaryDirectory() as folder:
        try:
            verdicts = language.verdicts(judged, Path(folder))
        except subprocess.CalledProcessError as error:
            return f"FAILED: {error.stdout}{error.stderr}"
        except subprocess.TimeoutExpired as error:
            return f"FAILED: {error}"
    wrong = [request.name for request in judged if verdicts[request.name] != request.authentic]
    return f"FAILED: judges {', '.join(wrong)} wrongly" if wrong else f"ok, {len(judged)} requests"


def main() -> int:
    """Run all languages; returns the exit code."""
    judged = requests()
    outcomes = []
    for language in ALL:
        outcomes.append(outcome(language, judged))
        sys.stdout.write(f"{language.name}: {outcomes[-1]}\n")
        sys.stdout.flush()
    return int(any(found.startswith("FAILED") for found in outcomes))


if __name__ == "__main__":
    sys.exit(main())
