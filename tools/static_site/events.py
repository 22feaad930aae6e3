"""Pages of the reference: one for each event that is sent to subscribers, and their list with what all share."""

import re
from typing import Any

from tools.static_site.contracts import Document, Operation
from tools.static_site.linking import see_also
from tools.static_site.markdown import Assumptions, code, first_sentence, folded, sample, table, toctree
from tools.static_site.navigation import EVENT_GUIDES, ON_THE_PATH, SIGNATURES, tag_page
from tools.static_site.operations import OperationPages, Place

TAG = "Webhook event"
SUBSCRIPTIONS = tag_page("Webhook subscription").removeprefix("reference/")
_SCHEMA = '<a href="../schemas/{0}.json">{0}.json</a>'  # as it is: to Sphinx it would be a download by another name


class EventPages:
    """The pages of the events of a contract; `place` says where operations stand."""

    def __init__(self, document: Document, assumptions: Assumptions, place: Place) -> None:
        self._document = document
        self._assumptions = assumptions
        self._operations = OperationPages(document, assumptions)
        self._place = place
        self._events = document.events()

    def index(self) -> str:
        """The list of all events: when each is sent, and what causes it on the mock; what every delivery carries."""
        tags = {tag["name"]: tag for tag in self._document.content["tags"]}
        rows = [
            (
                f"[{name}](event-{name}.md)",
                f"by {causes}" if (causes := self._causes(name)) else "only by `mockserver trigger`",
                self._when(event),
            )
            for name, event in self._events.items()
        ]
        return "\n".join(
            [
                "# Events\n",
                f"{len(self._events)} events, each a POST to the URL of whoever has subscribed to its name.\n",
                tags.get(TAG, {}).get("description", ""),
                f"JSON Schema 2020-12 of any: {_SCHEMA.format('WebhookEvent')}; each page has that of its event.\n",
                table(("event", "on the mock", "when"), rows),
                self._deliveries(),
                self._guides([]),
                toctree("", [f"event-{name}" for name in self._events]),
            ]
        )

    def page(self, name: str, event: Operation) -> str:
        """The page of one event: when it is sent, how to have it sent, its payload, samples, and where to read on."""
        body = self._document.resolve(event.declared["requestBody"])
        causes = self._causes(name)
        parts = [f"# {name}\n", event.declared.get("description", ""), self._assumptions.note(*self._holders(event))]
        parts += [
            "## Have it sent\n",
            (f"On the mock it is caused by {causes}. " if causes else "No operation of the mock causes it. ")
            + "By hand:\n",
            code("sh", f"mockserver trigger {name}"),
            f"`mockserver` is found after this line, {ON_THE_PATH}.\n",
            "Its headers, and what your answer means, are [those of every delivery](events.md#every-delivery).\n",
        ]
        for media in body["content"].values():
            parts += [
                "## Payload\n",
                f"As JSON Schema 2020-12: {_SCHEMA.format(name)}\n",
                self._operations.schema(media["schema"]),
            ]
            for example, found in self._document.examples(media).items():
                title = f"Sample: {example}, {found.get('summary', '')}".strip(", ")
                parts.append(folded(title, sample(found["value"])))
        return "\n".join([*parts, self._guides(self._related(name))])

    def _deliveries(self) -> str:
        """What all deliveries have in common: each header that one may have, and what each answer to it means."""
        headers: dict[str, str] = {}
        answers: dict[str, str] = {}
        for event in self._events.values():
            headers |= {
                f"`{found['name']}`": first_sentence(found.get("description", "")) for found in event.parameters
            }
            for status, answer in event.declared["responses"].items():
                answers[f"`{status}`"] = self._document.resolve(answer)["description"]
        return "\n".join(
            [
                "(every-delivery)=\n## What every delivery carries\n",
                f"Signed ones have all of these headers; [how to verify them](../{SIGNATURES}.md).\n",
                table(("header", "meaning"), headers.items()),
                "What your answer means:\n",
                table(("status", "meaning"), answers.items()),
            ]
        )

    def _when(self, event: Operation) -> str:
        """When an event is sent, in a sentence, and what is assumed of it."""
        assumed = self._assumptions.links(*self._holders(event))
        when = first_sentence(event.declared.get("description", event.title))
        return when + (f" Assumed: {assumed}." if assumed else "")

    def _causes(self, name: str) -> str:
        """Links to the operations whose descriptions say that they fire it."""
        causes = [
            f"[{operation.title}]({self._place(operation)})"
            for operation in self._document.operations()
            if f"**{name}**" in operation.declared.get("description", "")
        ]
        return " or ".join(causes)

    def _related(self, name: str) -> list[str]:
        """Other events: those that name it or that it names, and those about the same thing, by their first word."""
        text = self._events[name].declared.get("description", "")
        subject = re.match(r"[A-Z][a-z]+", name)
        return [
            other
            for other, event in self._events.items()
            if other != name
            and (
                f"`{other}`" in text
                or f"`{name}`" in event.declared.get("description", "")
                or (subject and re.match(rf"{subject[0]}(?![a-z])", other))
            )
        ]

    def _guides(self, related: list[str]) -> str:
        links = [(text, f"../{page}.md") for page, text in EVENT_GUIDES.items()]
        links += [("Subscribe to it: the operations", f"{SUBSCRIPTIONS}.md"), ("All events", "events.md")]
        return see_also([*links, *((other, f"event-{other}.md") for other in related)])

    def _holders(self, event: Operation) -> list[dict[str, Any]]:
        media = self._document.resolve(event.declared["requestBody"])["content"].values()
        return [event.declared, *(self._document.resolve(found["schema"]) for found in media)]
