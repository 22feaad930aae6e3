"""Generated values that are valid by the schemas of a contract, for operations without a handler.

`Examples` promises a value that is valid, plausible to people, and the same for the same seed and schema in every
process; if it finds none, it raises `NoExample`.
"""

from mockserver.errors import NoExample
from mockserver.openapi.examples.acceptance import Examples

__all__ = ["Examples", "NoExample"]
