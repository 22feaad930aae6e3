"""The front page of the site: what this is, how to begin, where to find what is looked for first, and all pages."""

from tools.static_site.markdown import code, table, toctree
from tools.static_site.navigation import FIRST_LOOKED_FOR, ON_THE_PATH, Section, event_page


def front_page(introduction: str, sections: list[Section], titles: dict[str, str], repository: str = "") -> str:
    """The Markdown of the page. `repository` is the URL to clone; without it, the reader is told what to clone."""
    clone = code("sh", f"git clone {repository} openloyalty-mock\ncd openloyalty-mock") if repository else ""
    source = "Clone it:" if clone else "Clone the repository that this site is made from, and go into its folder."
    parts = [
        "# Open Loyalty contract mock\n",
        introduction,
        f"\n{source}\n",
        clone,
        "Start the mock, which listens at <http://localhost:8181> until you press Ctrl-C:\n",
        code("sh", "make mock"),
        "In another terminal, take the tour (a quarter of an hour) or [make a call](docs/first-call.md):\n",
        code("sh", "make tour"),
        f"The commands `mockserver` and `st` are found after this line, {ON_THE_PATH}.\n",
        table(("you look for", "it is"), FIRST_LOOKED_FOR),
    ]
    for section in sections:
        shown = [name for name in section.pages if not name.startswith(event_page(""))]
        links = [f"- [{titles[name]}]({name}.md)" for name in shown]
        parts += [f"## {section.title}\n", section.purpose, "", *links, "", toctree(section.title, shown)]
    return "\n".join(parts)
