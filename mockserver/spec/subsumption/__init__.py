"""Subsumption of schemas: whether a receiver's schema accepts every value that a sender's schema allows.

*Sender closed, receiver open*: a sender sends only the properties that its schema declares, unless it declares none or
has `additionalProperties`. A receiver ignores unknown properties, unless its schema refuses them. So a new optional
property breaks nobody, and a new required one breaks senders. A `oneOf` is treated as `anyOf`: its author means one of
the alternatives, whether or not their schemas overlap.

jsonschema_rs decides, by the canonical forms of two Draft 4 schemas. If it can't decide, a counterexample is searched
for: a value that is sent, and not accepted.
"""

from mockserver.openapi.normalization import TooComplex
from mockserver.spec.subsumption.message_schemas import Compatibility, MessageSchemas, SharedSubschemas

__all__ = ["Compatibility", "MessageSchemas", "SharedSubschemas", "TooComplex"]
