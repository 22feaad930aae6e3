"""The configuration of Sphinx. Nothing on a page comes from another host; a link that leads nowhere fails the build."""

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
