"""The compiler for the schemas of one document."""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from mockserver.errors import ContractError
from mockserver.openapi.contract import draft4
from mockserver.openapi.contract.draft4 import RESOURCE, Interpretation, Translation
from mockserver.openapi.contract.keywords import AlternativesValidator, Check, Keywords
from mockserver.openapi.expressions import OPTIONS
from mockserver.openapi.structure import pointer_to


class Compiler:
    """Compiles the schemas of a document by one interpretation."""

    def __init__(
        self,
        document: Mapping[str, Any],
        interpretation: Interpretation,
        translation: Translation,
        alternatives: AlternativesValidator,
    ) -> None:
        self._document, self._interpretation = document, interpretation
        self._registry = jsonschema_rs.Registry([(RESOURCE, translation.document)], draft=jsonschema_rs.Draft4)
        self._translation, self._alternatives = translation, alternatives

    def compiled(self, pointer: str) -> jsonschema_rs.Validator:
        """The compiled validator of the schema at a JSON pointer; without a pointer it accepts anything.

        Raises ContractError if the schema can't be compiled.
        """
        if not pointer:
            return jsonschema_rs.Draft4Validator({})
        try:
            return jsonschema_rs.Draft4Validator(
                {"$ref": f"{RESOURCE}#{self._translated(pointer)}"},
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
        """The check that finds the violations of the schema at a JSON pointer. The schema must be one that compiles."""
        keywords = Keywords(self._translation.document, self._registry, self._alternatives)
        return keywords.check(self._translated(pointer))

    def _translated(self, pointer: str) -> str:
        return draft4.reference(self._document, pointer, self._interpretation)
