"""The navigation of the site, after Diátaxis: to learn, to do, to look up, to understand.

A page is named by its path below the folder of sources, without its ending. Those under docs/ and at the top are
documents of the repository, those under bench/results/ what a program wrote after its last run; those under reference/
are made of the contracts.
"""

from typing import NamedTuple

from tools.static_site.contracts import Document


class Section(NamedTuple):
    """A part of the site: its heading, what it is for, and its pages in order."""

    title: str
    purpose: str
    pages: list[str]


SIGNATURES = "docs/webhook-signatures"
ON_THE_PATH = 'in the folder of the checkout and once per terminal: `export PATH="$PWD/.venv/bin:$PATH"`'
TUTORIAL = ["docs/first-call", "docs/first-webhook", "docs/tour"]
GUIDES = [
    "docs/install",
    "docs/container",
    "docs/walkthrough",
    "docs/webhooks",
    SIGNATURES,
    "docs/clients",
    "docs/control-plane",
    "docs/state-files",
    "docs/generated-clients",
    "docs/python-tests",
    "docs/javascript-tests",
    "docs/frontend-tests",
    "docs/other-contracts",
    "docs/memory",
    "docs/sides",
    "docs/check-live",
    "docs/check-receiver",
    "docs/check-sender",
    "docs/check-recording",
    "docs/check-drift",
    "docs/proxy",
    "docs/schemathesis",
    "docs/asgi",
    "docs/replicas",
    "docs/operating",
    "docs/upgrading",
]
REFERENCE = ["docs/settings", "docs/judge"]
EXPLANATION = [
    "docs/what-it-does",
    "docs/assumptions",
    "docs/vendor-facts",
    "docs/decisions",
    "docs/security",
    "docs/connexion",
    "docs/speed",
    "bench/results/side-by-side",
    "bench/results/soak",
    "ARCHITECTURE",
]
PROJECT = ["CHANGELOG", "CONTRIBUTING", "SECURITY"]

# What to read beside the operations of a tag, and beside any event: pages by what they are called there.
EVENT_GUIDES = {
    "docs/first-webhook": "From a subscription to a verified webhook, step by step",
    "docs/webhooks": "Listen, trigger and send again from the command line",
    SIGNATURES: "Verify signatures, in seven languages",
    "docs/check-receiver": "Is your receiver right?",
    "docs/control-plane": "Break, delay and repeat deliveries",
}
GUIDES_OF_TAGS = {
    "Authorization": {
        "docs/first-call": "Log in, step by step",
        "docs/settings": "Users, key and lifetime of tokens: the settings",
        "docs/security": "What the mock promises of security",
    },
    "Webhook event": EVENT_GUIDES,
    "Webhook subscription": EVENT_GUIDES,
}
GUIDES_OF_OTHERS = {
    "docs/first-call": "Your first call, step by step",
    "docs/clients": "Call it from a browser, Postman, Bruno or a container",
    "docs/control-plane": "Have it answer errors, slowly or not at all",
}
FIRST_LOOKED_FOR = [
    ("which events the mock sends by itself, and which need `mockserver trigger`", "[Events](reference/events.md)"),
    ("verifying a signature; why it doesn't match", f"[Verifying webhook signatures]({SIGNATURES}.md)"),
    ("what a 401, 403, 404 or 429 means", "[Errors](reference/errors.md)"),
    ("pagination, sorting and filters", "[Conventions](reference/conventions.md#conventions)"),
    ("calling from a browser; Postman, Bruno; Docker", "[From other places](docs/clients.md)"),
    ("making it fail: errors, delays, lost connections", "[Steering the mock](docs/control-plane.md#faults)"),
    ("holding staging against the contract", "[Checking a running instance](docs/check-live.md)"),
]


def slug(name: str) -> str:
    """A name as the last step of a path: `Webhook event` is `webhook-event`."""
    return name.lower().replace(" ", "-")


def tag_page(tag: str) -> str:
    """The page of the operations of a tag."""
    return f"reference/api-{slug(tag)}"


def operation_place(tag: str, anchor: str) -> str:
    """Where an operation stands, for links from other pages of the reference."""
    return f"{tag_page(tag).removeprefix('reference/')}.md#{anchor}"


def event_page(name: str) -> str:
    """The page of an event."""
    return f"reference/event-{name}"


def sections(contract: Document) -> list[Section]:
    """The parts of the site, for a contract."""
    tags = [tag_page(tag["name"]) for tag in contract.content["tags"]]
    events = [event_page(name) for name in contract.events()]
    reference = ["reference/conventions", *tags, "reference/events", *events, "reference/errors", "reference/control"]
    return [
        Section("Tutorial", "Begin here: a quarter of an hour, nothing but a terminal.", TUTORIAL),
        Section("Guides", "How to get something done.", GUIDES),
        Section("Reference", "Every operation, event, error and setting.", [*reference, *REFERENCE]),
        Section("Explanation", "What is known, what is guessed, and why it is built like this.", EXPLANATION),
        Section("Project", "What has changed, and how to take part.", PROJECT),
    ]
