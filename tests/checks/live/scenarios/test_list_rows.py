"""Rows that a run makes for a list, before a gateway that loses answers."""

from tests.checks.conftest import Judged
from tests.checks.instance import Instance
from tests.mutants.exchange import Answer, Request, Send

CREATE = "_webhookSubscriptionPost"
LOST = 4  # the creation whose answer is lost


def test_a_row_whose_answer_was_lost_is_no_alarm(judged: Judged, instance: Instance) -> None:
    """It was made twice: the one that nobody knows is deleted, and the list is judged by the others."""
    created: list[str] = []

    async def losing(request: Request, send: Send) -> Answer:
        answer = await send(request)
        if request.operation == CREATE and answer.status == 200:
            created.append(answer.json["webhookSubscriptionId"])
            if len(created) == LOST:
                return Answer.of(504)
        return answer

    report = judged(losing, "^list of subscriptions: (rows|pages|filtered|done)")

    assert report.findings == []
    assert len(created) > LOST
    with instance.client() as http:
        assert http.get(f"/api/DEFAULT/webhook/subscription/{created[LOST - 1]}").status_code == 404
