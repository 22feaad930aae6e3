"""The configuration of Sphinx. Nothing on a page comes from another host; a link that leads nowhere fails the build."""

from typing import Any

from sphinx.search.en import SearchEnglish  # type: ignore[import-not-found]

from tools.static_site.published import JS_SPLITTER, with_breaks, words

project = "Open Loyalty contract mock"
author = project
html_title = project
extensions = ["myst_parser"]
myst_enable_extensions = ["attrs_inline", "colon_fence"]
myst_heading_anchors = 4
exclude_patterns: list[str] = []

html_theme = "furo"
html_extra_path = ["extra", "llms.txt", "openapi.yaml"]
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/icon.svg"
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False
html_show_search_summary = False  # it fetches pages, which browsers refuse where they are files
html_theme_options = {"navigation_with_keys": True}

nitpicky = True
highlight_language = "none"
highlight_options = {"php": {"startinline": True}}


class Search(SearchEnglish):  # type: ignore[misc]
    """The search in English, in which numbers are words, too."""

    js_splitter_code = JS_SPLITTER

    def split(self, input: str) -> list[str]:  # noqa: A002 (Sphinx names it)
        """The words of a text."""
        return words(input)


def setup(app: Any) -> None:
    """What Sphinx calls first."""
    app.add_search_language(Search)
    app.connect("html-page-context", _break_names, priority=900)  # after Furo's, which makes the navigation


def _break_names(_app: object, _page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    for part in {"body", "furo_navigation_tree"} & context.keys():
        context[part] = with_breaks(context[part])
