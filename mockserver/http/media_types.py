"""Media types: which texts are one, and which of them browsers neither run nor render.

A browser that is told something else than one media type chooses by rules of its own: of `application/json;, text/html`
Chromium takes the second. So only what has the strict form counts as what it says.
"""

import re

_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"[ !#-+\--\[\]-~]*"'  # without commas, which would begin another type, and without escapes
_PARAMETERS = rf"( *; *{_NAME}=({_NAME}|{_QUOTED}))*"
_MEDIA_TYPE = rf"{_NAME}/{_NAME}{_PARAMETERS}"  # control.yaml has it, too
_HARMLESS = rf"application/([a-z0-9.+-]+\+)?json{_PARAMETERS}"


def is_media_type(text: str) -> bool:
    """Whether a text is one media type, its parameters included, and nothing else."""
    return re.fullmatch(_MEDIA_TYPE, text) is not None


def is_harmless(text: str) -> bool:
    """Whether a text is a media type, one of JSON's, that browsers neither run nor render."""
    return re.fullmatch(_HARMLESS, text, re.IGNORECASE | re.ASCII) is not None
