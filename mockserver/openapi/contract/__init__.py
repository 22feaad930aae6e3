"""The contract: loaded, checked, and compiled into validators. The mock and `check live` both use this package, so that
they agree about what is valid.

`Contract` promises that what it loads can be served, or raises a ContractError for its drafter. `Operation`,
`Parameter` and `DeclaredResponse` hold what is declared; a `Validator` says whether a value is valid, and if not, why.
The loader of contracts other than the shipped one is imported at its first use.
"""

from mockserver.openapi.contract.declared import DeclaredResponse, Operation, Parameter, ResponseHeader
from mockserver.openapi.contract.document import Contract
from mockserver.openapi.contract.events import Callback, DeclaredEvent
from mockserver.openapi.contract.routes import Route, operation_named
from mockserver.openapi.contract.shipped_files import shipped
from mockserver.openapi.contract.translation import INTEGER_BOUNDS
from mockserver.openapi.contract.validation import Validator

__all__ = [
    "INTEGER_BOUNDS",
    "Callback",
    "Contract",
    "DeclaredEvent",
    "DeclaredResponse",
    "Operation",
    "Parameter",
    "ResponseHeader",
    "Route",
    "Validator",
    "operation_named",
    "shipped",
]
