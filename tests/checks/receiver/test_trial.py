"""What a finding about a receiver says."""

from pathlib import Path

from tests.receivers.judging import judged
from tests.receivers.right import RightReceiver
from tests.receivers.wrong_acts import LooksThenActs


def test_an_answer_that_shows_several_things_names_all(tmp_path: Path) -> None:
    """A stack trace beside the secret is no less to mend."""

    class Telling(RightReceiver):
        def refusal(self, *_: object) -> str:
            return f'Traceback (most recent call last):\n  File "a.py", line 1, in a\n{self.secret}'

    report = judged(Telling(), tmp_path, only=("other_key",))

    assert {one.message for one in report.findings} == {"an answer shows the secret and a stack trace"}


def test_effects_are_expected_in_words(tmp_path: Path) -> None:
    """A bare number says nothing."""
    report = judged(LooksThenActs(), tmp_path, only=("one_effect_at_once",))

    assert {one.expected for one in report.findings} == {"1 effect"}
