"""Contracts of others, from a file or a URL: everything that they refer to becomes one document.

`load` promises a `Document` whose references are all local and whose places know their files and lines, or a
ContractError that names the file, the line, and what to do. `mended` promises what of it is served, and may know that
from an earlier start. `explained` says afterwards why a document can't be served. A `Source` is a single file, by
itself: every YAML document is read by it. Serving the shipped contract imports none of this, once it is cached.
"""

from mockserver.openapi.loading.document_cache import RepairedDocument, load_repaired
from mockserver.openapi.loading.parsing import Source
from mockserver.openapi.loading.reading import Document, explained, load
from mockserver.openapi.loading.validity import Problem

__all__ = ["Document", "Problem", "RepairedDocument", "Source", "explained", "load", "load_repaired"]
