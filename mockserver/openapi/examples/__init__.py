"""Values that the schemas of the contract accept, for operations that nobody has written a handler for.

`Examples` promises a value that the contract finds valid, plausible to people, and the same for the same seed and place
in every process; where it finds none, it raises `NoExample`.
"""

from mockserver.errors import NoExample
from mockserver.openapi.examples.acceptance import Examples

__all__ = ["Examples", "NoExample"]
