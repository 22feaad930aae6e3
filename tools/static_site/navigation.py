"""The navigation of the site, after Diátaxis: to learn, to do, to look up, to understand.

A page is named by its path below the folder of sources, without its ending. Those under docs/ and at the top are
documents of the repository; those under reference/ are made of the contracts.
"""

from typing import NamedTuple

from tools.static_site.contracts import Document


class Section(NamedTuple):
    """A part of the site: its heading, what it is for, and its pages in order."""

    title: str
    purpose: str
    pages: list[str]


TUTORIAL = ["docs/first-call", "docs/first-webhook", "docs/tour"]
GUIDES = [
    "docs/install",
    "docs/walkthrough",
    "docs/webhooks",
    "docs/webhook-signatures",
    "docs/control-plane",
    "docs/state-files",
    "docs/generated-clients",
    "docs/python-tests",
    "docs/other-contracts",
    "docs/check-live",
    "docs/schemathesis",
    "docs/asgi",
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
    "ARCHITECTURE",
]
PROJECT = ["CHANGELOG", "CONTRIBUTING", "SECURITY"]


def slug(name: str) -> str:
    """A name as the last step of a path: `Webhook event` is `webhook-event`."""
    return name.lower().replace(" ", "-")


def tag_page(tag: str) -> str:
    """The page of the operations of a tag."""
    return f"reference/api-{slug(tag)}"


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
