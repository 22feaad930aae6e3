"""The steps of the tour: what is said, what is run, and what has to come of it."""

from dataclasses import dataclass

JSON = "-H 'Content-Type: application/json'"
BEARER = '-H "Authorization: Bearer $TOKEN"'
VERIFY = "mockserver verify-signature --url $RECEIVER/hook --headers webhook.headers --body"
# Of the judge's output the tour shows the finding and the verdict: no progress, lines of curl and figures of the run.
ASIDE = r"^(start|scenarios|fuzzing|sweep|run|of the contract|left out|note|reports)\b|^ *(try +)?curl |^ +hint "
FOUND_ID = r"\bid ([0-9a-f]{12})"


@dataclass(frozen=True)
class Step:
    """One command. `shows` is a pattern that its output must have, `code` its exit code; what the pattern's group
    finds is kept in the variable `keeps`. `cause` names what the tour does before it: see `Tour.causes`. What is `slow`
    runs the judge. Lines that have the pattern `aside` are counted instead of shown."""

    title: str
    words: str
    command: str
    shows: str
    code: int = 0
    keeps: str = ""
    cause: str = ""
    slow: bool = False
    aside: str = ""


WEBHOOK = [
    Step(
        "Log in",
        "The mock answers as Open Loyalty does: a JWT, good for 24 hours, and a refresh token.",
        f"curl -s $MOCK/api/admin/login_check {JSON} \\\n"
        """  --data-binary '{"username":"admin","password":"password"}'""",
        r'"token": ?"([^"]+)"',
        keeps="TOKEN",
    ),
    Step(
        "Subscribe",
        "A receiver runs at $RECEIVER. It is to hear of new members, signed. The secret is shown this once.",
        f"curl -s $MOCK/api/DEFAULT/webhook/subscription {BEARER} {JSON} \\\n"
        """  --data-binary '{"webhookSubscription":{"eventName":"CustomerRegistered","url":"'$RECEIVER'/hook","""
        """"hmacEnabled":true}}'""",
        r'"hmacSecretKey": ?"([^"]+)"',
        keeps="MOCKSERVER_WEBHOOK_SECRET",
    ),
    Step(
        "Cause an event",
        "A member is added, and the mock tells the receiver. (Any other event: `mockserver trigger NAME`.)",
        f"curl -s $MOCK/api/DEFAULT/member {BEARER} {JSON} \\\n"
        """  --data-binary '{"customer":{"email":"jane.doe@example.com","firstName":"Jane"}}'""",
        r'"customerId"',
    ),
    Step(
        "See it arrive",
        "The receiver has written down what came: headers and body.",
        "cat webhook.headers webhook.json",
        r"(?s)X-Webhook-Signature:.*CustomerRegistered",
        cause="arrive",
    ),
    Step(
        "Verify the signature",
        "As your receiver should: docs/webhook-signatures.md has the lines in seven languages.",
        f"{VERIFY} webhook.json",
        "(?i)authentic",
    ),
    Step(
        "Forge it",
        "One changed name, and the signature doesn't match any more.",
        f"sed s/Jane/Joan/ webhook.json > forged.json\n{VERIFY} forged.json",
        "(?i)not",
        code=1,
    ),
]
FAULTS = [
    Step(
        "Break the next answer",
        "A fault waits for its operation, and strikes as often as it is told to.",
        f"curl -s $MOCK/_mock/faults {JSON} \\\n"
        """  --data-binary '{"operationId":"webhookEventGetList","status":503,"times":1}'""",
        r'"faultId"',
    ),
    Step(
        "See it strike once",
        "The first call is hit and marked; the second is well again. So you see whether your client tries again.",
        f"curl -si $MOCK/api/DEFAULT/webhook/event {BEARER} | grep -iE '^(HTTP|x-mock-fault)'\n"
        f"curl -si $MOCK/api/DEFAULT/webhook/event {BEARER} | grep -E '^HTTP'",
        r"(?s)503.*x-mock-fault.*200",
    ),
    Step(
        "Ask for an error",
        "Without a fault: `Prefer` chooses the answer of one request among those that the contract declares.",
        f"curl -si $MOCK/api/DEFAULT/webhook/event {BEARER} -H 'Prefer: code=401, example=expired'",
        r"401",
    ),
]
LIE = [
    Step(
        "Meet a liar",
        "At $LIAR is an instance that looks like Open Loyalty. Of lists it says that one more row was found\n"
        "than is there, which no schema sees. The judge creates rows, counts, and removes them: some ten seconds.",
        "mockserver check live --url $LIAR --tag 'Webhook subscription' --max-examples 1 --max-time 8 --seed 1",
        FOUND_ID,
        code=1,
        keeps="FINDING",
        slow=True,
        aside=ASIDE,
    ),
    Step(
        "Is it still there?",
        "A finding can be repeated by its id: in a ticket, tomorrow, on another instance. Exit code 1: still there.",
        "mockserver check replay $FINDING",
        "still there",
        code=1,
        slow=True,
    ),
    Step(
        "Is it repaired?",
        "Meanwhile somebody has repaired the instance. Exit code 0: gone.",
        "mockserver check replay $FINDING",
        "gone",
        cause="repair",
        slow=True,
    ),
]
STEPS = [*WEBHOOK, *FAULTS, *LIE]
