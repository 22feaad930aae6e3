"""What a finding about a receiver says."""

from pathlib import Path

from tests.receivers.judging import judged
from tests.receivers.right import Incoming, Refused, RightReceiver
from tests.receivers.wrong_acts import LooksThenActs


def test_an_answer_that_shows_several_things_names_all(tmp_path: Path) -> None:
    """A stack trace beside the secret is no less to mend."""

    class Telling(RightReceiver):
        def refusal(self, *_: object) -> str:
            return f'Traceback (most recent call last):\n  File "a.py", line 1, in a\n{self.secret}'

    report = judged(Telling(), tmp_path, only=("other_key",))

    assert {one.message for one in report.findings} == {"an answer shows the secret and a stack trace"}


def test_no_beginning_of_a_secret_is_shown(tmp_path: Path) -> None:
    """What an answer says is redacted before it is cut."""

    class Telling(RightReceiver):
        def receive(self, _: Incoming) -> None:
            raise Refused(401, f"{'x' * 190} {self.secret.removeprefix('whsec_')}")

    report = judged(Telling(), tmp_path, only=("stale",))

    (got,) = [one.got for one in report.findings if one.check == "accepts_events"]
    assert got == f"401 {'x' * 190} $MOCKSERV"


def test_effects_are_expected_in_words(tmp_path: Path) -> None:
    """A bare number says nothing."""
    report = judged(LooksThenActs(), tmp_path, only=("one_effect_at_once",))

    assert {one.expected for one in report.findings} == {"1 effect"}
