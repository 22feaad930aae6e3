"""mockserver.checks.live.scenarios.variety: each choice of an enumeration has its turn."""

from mockserver.openapi.contract import Contract
from tests.checks.conftest import Judged
from tests.mutants.exchange import Answer, Request, Send

POST, DELETE = "_webhookSubscriptionPost", "webhookSubscriptionDelete"


def test_each_choice_is_sent_once_and_leaves_nothing(judged: Judged, contract: Contract) -> None:
    """All events of the contract are subscribed to, but for those that its examples show; each record is deleted."""
    sent: list[str] = []
    ended: set[str | None] = set()

    async def watched(request: Request, send: Send) -> Answer:
        answer = await send(request)
        if request.operation == POST and answer.status == 200:
            sent.append(request.json["webhookSubscription"]["eventName"])
        if request.operation == DELETE:
            ended.add(request.id)
        return answer

    assert judged(watched, "variety of a subscription: created, .* as [A-Z]").findings == []
    names = set(contract.document["components"]["schemas"]["WebhookEventName"]["enum"])
    shown = names - set(sent)
    assert len(sent) == len(set(sent)) == len(ended)
    assert 0 < len(shown) < len(names) / 2
