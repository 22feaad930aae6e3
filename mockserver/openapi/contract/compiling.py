"""The compiler for the schemas of one document."""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from mockserver.errors import ContractError
from mockserver.openapi.contract.keywords import AlternativesValidator, Check, Keywords, Search
from mockserver.openapi.contract.translation import RESOURCE, Interpretation, Translation, reference
from mockserver.openapi.dialects import Dialect
from mockserver.openapi.expressions import OPTIONS
from mockserver.openapi.structure import pointer_to
from mockserver.violations import Path


class Compiler:
    """Compiles the schemas of a document by one interpretation."""

    def __init__(
        self,
        document: Mapping[str, Any],
        dialect: Dialect,
        interpretation: Interpretation,
        translation: Translation,
        alternatives: AlternativesValidator,
    ) -> None:
        self._document, self._dialect, self._interpretation = document, dialect, interpretation
        try:
            self._registry = jsonschema_rs.Registry([(RESOURCE, translation.document)], draft=dialect.draft)
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise ContractError(f"a name that a schema gives itself can't be used: {error}") from error
        self._translation, self._alternatives = translation, alternatives

    def compiled(self, pointer: str) -> jsonschema_rs.Validator:
        """The compiled validator of the schema at a JSON pointer; without a pointer it accepts anything.

        Raises ContractError if the schema can't be compiled.
        """
        if not pointer:
            return self._dialect.validator({})
        try:
            return self._dialect.validator(
                {"$ref": self._translation.address(pointer)},
                registry=self._registry,
                validate_formats=True,
                pattern_options=OPTIONS,
            )
        except jsonschema_rs.ValidationError as error:
            reason = f"{error.instance!r} can't stand there ({error.message}). Correct it."
            raise ContractError(reason, pointer_to(*error.instance_path)) from error
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise ContractError(f"The schema at #{pointer} can't be used: {error}", pointer) from error

    def check(self, pointer: str) -> Check:
        """The check that finds the violations of the schema at a JSON pointer. The schema must be one that compiles.

        It finds none where schemas depend on the names of those around them: only the whole can be checked.
        """
        if self._translation.is_dynamic:
            return _nothing
        keywords = Keywords(self._translation, self._dialect, self._registry, self._alternatives)
        return keywords.check(reference(self._document, pointer, self._interpretation))


def _nothing(_value: Any, _path: Path, _search: Search) -> None:
    """Find nothing."""
