"""Connexion's walk over a contract: which operation stands where. The only module that knows Connexion."""

import warnings
from collections.abc import Mapping
from typing import Any

from mockserver.routing import Route

with warnings.catch_warnings():  # Connexion's imports warn of its dependencies, which would fail a strict test run
    warnings.simplefilter("ignore")
    from connexion.middleware.abstract import AbstractRoutingAPI
    from connexion.operations.abstract import AbstractOperation
    from connexion.resolver import Resolver
    from connexion.spec import Specification


def walk(document: Mapping[str, Any]) -> list[Route]:
    """Every operation of a document, as Connexion serves it: under the base path of the first server, by the id that it
    resolves. Raises InvalidSpecification for what is no OpenAPI, ContractError for what can't be routed."""
    walked = _Walk(Specification.load(document), resolver=Resolver(lambda _operation_id: _nothing))  # type: ignore[no-untyped-call]
    return walked.routes


def _nothing() -> None:
    """Stands for the handler, which Connexion wants to see: handlers are chosen later, by the operation's id."""


class _Walk(AbstractRoutingAPI[Route]):
    """Connexion's joint for routing tables; the underscored methods are meant for subclasses."""

    def __init__(self, specification: Specification, **options: Any) -> None:
        self.routes: list[Route] = []
        super().__init__(specification, **options)

    def make_operation(self, operation: AbstractOperation) -> Route:
        """The operation, without its base path yet."""
        return Route(operation.method.upper(), operation.path, operation.path, operation.operation_id)

    def _handle_add_operation_error(self, path: str, method: str, exc: Exception) -> None:  # noqa: ARG002
        """Connexion's would log, too."""
        raise exc

    @staticmethod
    def _framework_path_and_name(operation: AbstractOperation, path: str) -> tuple[str, str]:
        return path, operation.operation_id

    def _add_operation_internal(self, method: str, path: str, operation: Route, name: str | None = None) -> None:  # noqa: ARG002 (Connexion's signature)
        self.routes.append(operation._replace(path=self.base_path + path))
