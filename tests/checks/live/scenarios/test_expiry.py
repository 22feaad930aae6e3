"""A token that has expired is refused, whoever had it; tests hand out tokens that ended a day ago."""

import pytest

from mockserver.world.keys import SigningKey
from tests.checks.conftest import DAY, Judged
from tests.conftest import NOW
from tests.mutants.exchange import Answer, Request, Send
from tests.mutants.faults import MUTANTS
from tests.mutants.proxy import Fault, honest

FORBIDDEN = Answer.of(403, {"code": 403, "message": "Forbidden."})
ACCEPTED = Answer.of(200, {"items": ["CustomerRegistered"]})
FAULTS = {mutant.name: mutant for mutant in MUTANTS}


@pytest.fixture
def ended(signing_key: str) -> str:
    """A member's token that ended long before it was handed out."""
    return SigningKey(signing_key).sign({"iat": int(NOW), "exp": int(NOW) - DAY, "roles": ["ROLE_PARTICIPANT"]})


def _handing_out(token: str, taken: Answer | None) -> Fault:
    """Members get this token; who shows it is answered so."""

    async def fault(request: Request, send: Send) -> Answer:
        if taken is not None and request.bearer == token:
            return taken
        answer = await send(request)
        is_login = request.operation == "memberLoginCheck" and answer.status == 200
        return answer.with_json(answer.json | {"token": token}) if is_login else answer

    return fault


@pytest.mark.parametrize(("taken", "severity"), [(ACCEPTED, "critical"), (FORBIDDEN, "medium")])
def test_a_member_s_expired_token_is_refused(judged: Judged, ended: str, taken: Answer, severity: str) -> None:
    """It isn't, if it opens something, or if only the member's rights are in the way."""
    (finding,) = judged(_handing_out(ended, taken), "expired token").findings

    assert (finding.check, finding.severity) == ("expired_token", severity)
    assert finding.message == "a member's expired token isn't refused"


def test_each_expired_token_is_tried(judged: Judged, ended: str) -> None:
    """Who refuses an admin's and a member's breaks no promise, and nothing is left out."""
    report = judged(_handing_out(ended, None), "expired token")

    assert report.findings == []
    assert [line for line in report.left_out if "expired" in line] == []


def test_one_cause_is_told_once(judged: Judged, ended: str) -> None:
    """Where an admin's isn't refused, that a member's isn't, either, is no finding of its own."""
    fault, handing_out = FAULTS["expired token is good"].make(), _handing_out(ended, ACCEPTED)

    (finding,) = judged(lambda request, send: fault(request, lambda one: handing_out(one, send)), "expired").findings

    assert finding.message == "an expired token isn't refused"


def test_what_did_not_expire_is_told(judged: Judged) -> None:
    """A run in which no token of a member ended says that it tried none."""
    report = judged(honest, "expired token")

    assert "whether a member's expired token is refused: none expired during the run" in report.left_out
