"""The samples of docs/webhook-signatures.md: what a mock has signed is authentic to them, and nothing else is."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from mockserver.clock import Clock
from mockserver.signing import Refusal, verify
from tools.signature_check.__main__ import outcome
from tools.signature_check.languages import ALL, GUIDE, Language, sample
from tools.signature_check.signed_requests import AHEAD, SignedRequest, requests

COMPILED = {"Java", "Go", "C#"}  # take seconds: `make signature-check` runs them
QUICK = [language for language in ALL if language.name not in COMPILED]
NONE = Language("None", "python", "verification.py", "main.py", (("no-such-program",),))


@cache
def _requests() -> list[SignedRequest]:
    return requests()


@pytest.mark.parametrize("language", QUICK, ids=lambda language: language.name)
def test_samples_judge_as_they_should(language: Language, tmp_path: Path) -> None:
    """A language of the guide accepts what was signed, odd URLs included, and refuses what was spoilt."""
    if language.missing:
        pytest.skip(f"{', '.join(language.missing)} isn't installed")
    verdicts = language.verdicts(_requests(), tmp_path)

    assert verdicts == {request.name: request.authentic for request in _requests()}


def test_every_sample_is_run() -> None:
    """Each heading of a language in the guide stands for one that the check runs, with code of its own."""
    section = GUIDE.read_text("utf-8").partition("\n## The check")[2].partition("\n## ")[0]
    headings = [line.removeprefix("### ") for line in section.splitlines() if line.startswith("### ")]

    assert headings == [language.name for language in ALL]
    assert len({sample(language.mark) for language in ALL}) == len(ALL)


def test_missing_languages_are_named() -> None:
    """A language that isn't installed is skipped, and says what it lacks."""
    assert outcome(NONE, []) == "SKIPPED: no-such-program isn't installed"


def test_wrong_verdicts_are_named() -> None:
    """A sample that judges wrongly, or can't be run, has failed, and the request is named."""
    python = ALL[0]
    turned = [replace(request, authentic=not request.authentic) for request in _requests()[:1]]

    assert outcome(python, turned) == "FAILED: judges sent-by-a-mock wrongly"
    assert outcome(python._replace(code="elsewhere.py"), turned).startswith("FAILED: Traceback")


def test_mock_agrees() -> None:
    """The mock's own verification judges the requests as they are meant, too, but for one that is ahead of its time:
    the vendor says nothing of that, and the mock's clock may have been moved."""
    now = Clock().now()
    judged = [request for request in _requests() if request.name != AHEAD]
    refusals = {
        request.name: verify(request.secret, request.headers, request.body, request.url, now) for request in judged
    }

    assert {name: refusal is None for name, refusal in refusals.items()} == {
        request.name: request.authentic for request in judged
    }
    assert set(refusals.values()) == {None, *Refusal} - {Refusal.AHEAD}  # which Standard Webhooks alone has
