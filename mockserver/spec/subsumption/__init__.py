"""Whether everything that one side may send fits what the other side accepts.

*Sender closed, receiver open*: a sender sends no properties but those that its schema names, unless it names none or
says `additionalProperties` itself. A receiver passes over properties that it doesn't know, unless its schema refuses
them. So a new optional property breaks nobody, and a new required one breaks who sends. A `oneOf` is read as `anyOf`:
who declares one means one of the alternatives, whether or not their schemas overlap.

jsonschema_rs decides, by the canonical forms of two Draft 4 schemas. Where it doesn't commit itself, a value is
looked for that is sent, and not accepted.
"""

from mockserver.openapi.normalization import TooComplex
from mockserver.spec.subsumption.message_schemas import Compatibility, MessageSchemas, SharedSubschemas

__all__ = ["Compatibility", "MessageSchemas", "SharedSubschemas", "TooComplex"]
