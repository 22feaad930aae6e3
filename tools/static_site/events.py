"""Pages of the reference: one for each event that is sent to subscribers, and their list."""

from tools.static_site.contracts import Document, Operation
from tools.static_site.markdown import Assumptions, code, folded, sample, table, toctree
from tools.static_site.operations import OperationPages

_SCHEMA = '<a href="../schemas/{0}.json">{0}.json</a>'  # as it is: to Sphinx it would be a download by another name


class EventPages:
    """The pages of the events of a contract."""

    def __init__(self, document: Document, assumptions: Assumptions) -> None:
        self._document = document
        self._assumptions = assumptions
        self._operations = OperationPages(document, assumptions)

    def index(self) -> str:
        """The list of all events."""
        events = self._document.events()
        tag: dict[str, str] = next(
            (tag for tag in self._document.content["tags"] if tag["name"] == "Webhook event"), {}
        )
        rows = [
            (f"[{name}](event-{name}.md)", _first_sentence(event), self._assumptions.links(*self._holders(event)))
            for name, event in events.items()
        ]
        return "\n".join(
            [
                "# Events\n",
                f"{len(events)} events, each a POST to the URL of whoever has subscribed to its name.\n",
                tag.get("description", ""),
                "How to verify what arrives: [webhook signatures](../docs/webhook-signatures.md).\n",
                f"JSON Schema 2020-12 of any: {_SCHEMA.format('WebhookEvent')}; each page has that of its event.\n",
                table(("event", "when", "assumed"), rows),
                toctree("", [f"event-{name}" for name in events]),
            ]
        )

    def page(self, name: str, event: Operation) -> str:
        """The page of one event: when it is sent, its headers, its payload, samples, and how to have it sent."""
        body = self._document.resolve(event.declared["requestBody"])
        parts = [f"# {name}\n", event.declared.get("description", ""), self._assumptions.note(*self._holders(event))]
        parts += ["## Have it sent\n", code("sh", f"mockserver trigger {name}")]
        for media in body["content"].values():
            parts += [
                "## Payload\n",
                f"As JSON Schema 2020-12: {_SCHEMA.format(name)}\n",
                self._operations.schema(media["schema"]),
            ]
            for example, found in self._document.examples(media).items():
                parts.append(
                    folded(f"Sample: {example}, {found.get('summary', '')}".strip(", "), sample(found["value"]))
                )
        rows = [(f"`{found['name']}`", found.get("description", "")) for found in event.parameters]
        parts += ["## Headers\n", table(("header", "meaning"), rows)]
        answers = [
            (f"`{status}`", self._document.resolve(answer)["description"])
            for status, answer in event.declared["responses"].items()
        ]
        return "\n".join([*parts, "## What your answer means\n", table(("status", "meaning"), answers)])

    def _holders(self, event: Operation) -> list[dict[str, object]]:
        media = self._document.resolve(event.declared["requestBody"])["content"].values()
        return [event.declared, *(self._document.resolve(found["schema"]) for found in media)]


def _first_sentence(event: Operation) -> str:
    text = " ".join(event.declared.get("description", event.title).split())
    return text.split(". ")[0].rstrip(".") + "."
