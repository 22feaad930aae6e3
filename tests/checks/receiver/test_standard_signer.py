"""mockserver.checks.receiver.standard_signer: receivers of another contract are judged, by Standard Webhooks."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.receiver import run
from mockserver.checks.receiver.options import ReceiverOptions
from mockserver.checks.receiver.standard_signer import StandardSigner
from mockserver.errors import SettingsError
from mockserver.signing import SignedUrl
from mockserver.standard_webhooks import secret_of, verify
from tests.receivers.judging import found
from tests.receivers.right import serving
from tests.receivers.standard_receiver import (
    ActsTwice,
    DecodesAnything,
    ReadsOneSignature,
    StandardReceiver,
    TakesAnyTime,
    VerifiesNothing,
)
from tests.support.event_contracts import ORDERS, SECRET, written

URL = "http://127.0.0.1:3000/webhooks"


def _judged(receiver: StandardReceiver, folder: Path, **options: Any) -> Report:
    with serving(receiver) as serve:
        effects = {"effects": f"{serve.url.rpartition('/')[0]}/effects"} if options.pop("probed", False) else {}
        chosen: dict[str, Any] = (
            {"spec": written(folder, ORDERS), "examples": 1, "effects_wait": 0.5} | effects | options
        )
        return run.check(run.plan(ReceiverOptions(serve.url, SECRET, **chosen))).report


@pytest.mark.whole_runs
def test_nothing_is_found_on_a_right_receiver(tmp_path: Path) -> None:
    """A receiver that verifies by its own code passes all that is tried; what can't be sent is told."""
    report = _judged(StandardReceiver(), tmp_path, probed=True)

    assert (found(report), report.not_judged, report.defects) == (set(), [], {})
    assert any("order/form, note, never" in note for note in report.notes)
    passed = {one.check for one in report.scorecard if one.mark.value == "passed"}
    assert {"other_algorithm", "whole_signature", "against_schema", "repeat_has_one_effect", "every_shape"} <= passed


@pytest.mark.parametrize(
    ("receiver", "only", "findings"),
    [
        (TakesAnyTime, (), {"stale", "ahead"}),
        (VerifiesNothing, ("other_key",), {"other_key"}),
        (ReadsOneSignature, (), {"whole_signature"}),
        (DecodesAnything, ("malformed_signature",), {"malformed_signature"}),
        (ActsTwice, ("repeat_has_one_effect",), {"repeat_has_one_effect"}),
    ],
)
def test_wrong_receivers_are_found(
    receiver: type[StandardReceiver], only: tuple[str, ...], findings: set[str], tmp_path: Path
) -> None:
    """A receiver with one fault has the finding of that, and no other."""
    assert found(_judged(receiver(), tmp_path, only=only, probed=bool(only))) == findings


def test_a_scorecard_has_the_words_of_its_scheme(tmp_path: Path) -> None:
    """Who refuses a right signature among others misses events; no forged one gets in."""
    report = _judged(ReadsOneSignature(), tmp_path, only=("whole_signature", "other_algorithm"))

    says = {one.check: one.says for one in report.scorecard}
    assert "a right one in a list of several is a 2xx" in says["whole_signature"]
    assert "another version than v1" in says["other_algorithm"]
    assert {(one.severity, one.hint.partition(",")[0]) for one in report.findings} == {
        ("high", "Split webhook-signature at blanks")
    }


def test_what_is_signed_is_right_and_what_is_spoilt_is_not() -> None:
    """A request verifies by the specification; each spoilt signature doesn't."""
    signer = StandardSigner(URL, SignedUrl.of(URL), SECRET)
    request = signer.request(b"{}", "msg_1", 1000.9, "order.shipped")

    assert verify(SECRET, request.headers, b"{}", 1000) is None
    assert verify(SECRET, signer.with_timestamp(request, "1001", "later").headers, b"{}", 1000) is None
    spoilt = [request.with_signature(spoil(request.signature)) for spoil, _ in signer.spoilt()]
    spoilt += [signer.with_algorithm(request, name, digest, "") for name, digest in (("none", ""), ("x", "sha512"))]
    spoilt += [signer.by("whsec_").request(b"{}", "msg_1", 1000), signer.by("whsec_?").request(b"{}", "msg_1", 1000)]
    assert len({one.headers["webhook-signature"] for one in spoilt}) == len(spoilt)
    assert [one for one in spoilt if verify(SECRET, one.headers, b"{}", 1000) is None] == []


def test_the_padding_of_a_secret_may_be_left_out() -> None:
    """The key is that of the receiver, who has it whole, and so is the signature."""
    whole = secret_of(bytes(range(32)))
    signer = StandardSigner(URL, SignedUrl.of(URL), whole.rstrip("="))

    assert whole.endswith("=")
    assert verify(whole, signer.request(b"{}", "msg_1", 1000).headers, b"{}", 1000) is None


def test_a_secret_that_is_none_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    """The plan says what is wrong with it; by the vendor's scheme any secret will do."""
    spec = written(tmp_path, ORDERS)
    with pytest.raises(SettingsError, match="behind `whsec_` it has to be Base64"):
        run.plan(ReceiverOptions(URL, "whsec_of_mine", spec=spec))

    assert (
        "signed for 127.0.0.1/webhooks"
        in run.plan(ReceiverOptions(URL, "whsec_of_mine", spec=spec, signing="vendor")).summary()[0]
    )
    assert run.plan(ReceiverOptions(URL, SECRET, spec=spec)).summary()[0].endswith("signed by Standard Webhooks")
    with pytest.raises(SettingsError, match="--signing is vendor or standard-webhooks, not 'none'"):
        ReceiverOptions(URL, SECRET, signing="none")
