"""Links of the reference: names in its texts lead to what they name, and pages to the guides about their subject."""

import re
from collections.abc import Iterable

from tools.static_site.navigation import SIGNATURES, event_page

SIGNED_HEADER = "X-Webhook-"
_REFERENCE = "reference/"
# Code, what folds and headings stay as they are; so do links. Else a name stands in backticks, or is strong.
_NAME = re.compile(
    r"```.*?```|^#.*?$|<summary>.*?</summary>|\[[^\]]*\]\([^)]*\)|`(?P<code>[\w./-]+)`|\*\*(?P<strong>\w+)\*\*",
    re.DOTALL | re.MULTILINE,
)


class Names:
    """What names in texts of the reference lead to: events, headers of signed deliveries, and pages that are named."""

    def __init__(self, events: Iterable[str], pages: Iterable[str]) -> None:
        self._targets = {name: event_page(name).removeprefix(_REFERENCE) for name in events}
        self._targets |= {f"{page}.md": f"../{page}" for page in pages if not page.startswith(_REFERENCE)}

    def linked(self, page: str, text: str) -> str:
        """The text of a page of the reference, in which each of these names is a link, but for the page's own."""
        own = page.removeprefix(_REFERENCE)
        return _NAME.sub(lambda found: self._link(own, found), text)

    def _link(self, own: str, found: re.Match[str]) -> str:
        name = found["code"] or found["strong"]
        target = f"../{SIGNATURES}" if name and name.startswith(SIGNED_HEADER) else self._targets.get(name or "", own)
        return found[0] if target == own else f"[{found[0]}]({target}.md)"


def see_also(links: Iterable[tuple[str, str]]) -> str:
    """The last section of a page: links, each as its text and its target."""
    return "\n".join(["## See also\n", *(f"- [{text}]({target})" for text, target in links), ""])
