"""Pages of the reference: the operations of one tag, or of a whole contract."""

from collections.abc import Callable
from typing import Any

from tools.static_site.contracts import Document, Operation, limits
from tools.static_site.curl import Curl
from tools.static_site.markdown import Assumptions, code, folded, sample, table

Place = Callable[[Operation], str]


def _on_this_page(operation: Operation) -> str:
    return f"#{operation.anchor}"


class OperationPages:
    """The pages of one contract. `key` is the header that its samples are sent with, `place` where operations stand."""

    def __init__(
        self, document: Document, assumptions: Assumptions, key: str = "", place: Place = _on_this_page
    ) -> None:
        self._document = document
        self._assumptions = assumptions
        self._curl = Curl(document, key)
        self._place = place

    def page(self, title: str, tags: list[dict[str, Any]]) -> str:
        """A page with the operations of some tags."""
        parts = [f"# {title}\n"]
        for tag in tags:
            parts += [f"## {tag['name']}\n"] if len(tags) > 1 else []
            parts += [tag.get("description", ""), _elsewhere(tag), self._assumptions.note(tag)]
            level = "###" if len(tags) > 1 else "##"
            parts += [self._operation(level, found) for found in self._document.operations(tag["name"])]
        return "\n".join(parts)

    def _operation(self, level: str, operation: Operation) -> str:
        declared = operation.declared
        parts = [
            f"({operation.anchor})=\n{level} {operation.title}\n",
            f"`{operation.method.upper()} {operation.path}` · operation `{operation.name}`"
            + (" · **deprecated**" if declared.get("deprecated") else ""),
            "",
            declared.get("description", ""),
            _elsewhere(declared),
            self._assumptions.note(declared),
            self._taken(operation),
            code("sh", self._curl.line(operation)),
            self._parameters(operation),
            self._body(operation),
            self._responses(operation),
        ]
        return "\n".join(parts)

    def _taken(self, operation: Operation) -> str:
        """What the reader puts into the variables of the sample."""
        sentences = [
            f"Put your own into `${name}`: it is `{field}` in the answer to [{source.title}]({self._place(source)})."
            for name, field, source in self._curl.taken(operation).values()
        ]
        return " ".join(dict.fromkeys(sentences)) + "\n" if sentences else ""

    def _parameters(self, operation: Operation) -> str:
        rows = [
            (
                f"`{found['name']}`",
                f"{found['in']}, {self._document.kind(found.get('schema', {}))}"
                + (", required" if found.get("required") else ""),
                self._meaning(found, self._document.resolve(found.get("schema", {}))),
            )
            for found in operation.parameters
        ]
        heading = "**Parameters**\n\n" if rows else ""
        return heading + table(("name", "in, type", "meaning"), rows)

    def _body(self, operation: Operation) -> str:
        body = self._document.resolve(operation.declared.get("requestBody", {}))
        parts = [f"**Body**{'' if body.get('required') else ' (may be left out)'}\n", body.get("description", "")]
        for media_type, media in body.get("content", {}).items():
            parts += [f"`{media_type}`\n", self.schema(media.get("schema", {})), self._samples(media, "Sample: ")]
        return "\n".join(parts) if body else ""

    def schema(self, schema: dict[str, Any]) -> str:
        """The table of all values in a schema, and what is assumed of the whole."""
        rows = [
            (f"`{row.name}`", row.kind + (", required" if row.required else ""), self._meaning(row.schema, row.schema))
            for row in self._document.rows(schema)
        ]
        whole = self._document.resolve(schema)
        assumed = self._assumptions.links(whole)
        return table(("value", "type", "meaning"), rows) + (f"\nAssumed: {assumed}\n" if assumed else "")

    def _meaning(self, holder: dict[str, Any], schema: dict[str, Any]) -> str:
        assumed = self._assumptions.links(holder)
        sentences = [holder.get("description", "").strip(), limits(schema), f"Assumed: {assumed}." if assumed else ""]
        return " ".join(sentence + ("." if sentence[-1] not in ".!?)" else "") for sentence in sentences if sentence)

    def _responses(self, operation: Operation) -> str:
        parts = ["**Answers**\n"]
        for status, reference in operation.declared["responses"].items():
            response = self._document.resolve(reference)
            assumed = self._assumptions.links(response)
            parts.append(
                f"`{status}`: {response['description'].strip()}" + (f" Assumed: {assumed}." if assumed else "")
            )
            parts.append("")
            for media in response.get("content", {}).values():
                schema = self.schema(media.get("schema", {}))
                parts.append(folded("What it holds", schema) if schema.startswith("|") else "")
                parts.append(self._samples(media, f"Sample of {status}: "))
        return "\n".join(parts)

    def _samples(self, media: dict[str, Any], title: str) -> str:
        found = self._document.examples(media).items()
        return "\n".join(
            folded(
                f"{title}{name}" + (f", {text}" if (text := example.get("summary")) else ""), sample(example["value"])
            )
            for name, example in found
        )


def _elsewhere(holder: dict[str, Any]) -> str:
    """A link to what the vendor says, if the contract has one."""
    docs = holder.get("externalDocs")
    return f"[{docs.get('description', 'The vendor on this').strip()}]({docs['url']})\n" if docs else ""
