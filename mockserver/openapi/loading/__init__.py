"""The loader of contracts, from a file or a URL: all that a contract refers to becomes one document.

`load` promises a `Document` whose references are all local and whose places know their files and lines, or raises a
ContractError that names the file, the line, and what to do. `load_repaired` promises the part of it that is served,
possibly cached by an earlier start. `explained` says why a document that was loaded can't be served. A `Source` is one
parsed file: all YAML is read by it. Serving the shipped contract imports nothing of this once it is cached.
"""

from mockserver.openapi.loading.document_cache import RepairedDocument, load_repaired
from mockserver.openapi.loading.parsing import Source
from mockserver.openapi.loading.places import Place
from mockserver.openapi.loading.reading import Document, explained, load
from mockserver.openapi.loading.validity import Problem

__all__ = ["Document", "Place", "Problem", "RepairedDocument", "Source", "explained", "load", "load_repaired"]
