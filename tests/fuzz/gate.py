"""The verdict on a fuzz run: red for a failure, and for anything of the contract that was never put to the test."""

from collections.abc import Callable, Iterable, Iterator

from schemathesis.schemas import BaseSchema

from tests.fuzz.harness import Report, declared_links
from tests.fuzz.probes import operations, probed

Probed = Callable[[BaseSchema], Iterable[tuple[str, str, str]]]


def verdict(report: Report, schema: BaseSchema, probed: Probed = probed) -> list[str]:
    """Everything that is wrong, in words; empty if the contract was kept, and all of it seen. `probed` sends what
    generated data can't reach."""
    problems = [
        f"{count} times {title}\n{report.samples.get(title, '')}" for title, count in report.failures.most_common()
    ]
    seen = {operation_and_status for operation_and_status, count in report.statuses.items() if count}
    for operation_id, status, wrong in probed(schema):
        seen.add((operation_id, status))
        if wrong:
            problems.append(f"{operation_id}: probe for {status}: {wrong}")
    problems += [f"{operation_id} was never answered with {status}" for operation_id, status in declared(schema) - seen]
    problems += [f"the link {' '.join(link)} was never followed" for link in declared_links(schema) - set(report.links)]
    return problems


def declared(schema: BaseSchema) -> set[tuple[str, str]]:
    """Every (operationId, status) of the contract."""
    return set(_declared(schema))


def _declared(schema: BaseSchema) -> Iterator[tuple[str, str]]:
    for operation in operations(schema):
        raw = operation.definition.raw
        yield from ((raw["operationId"], status) for status in raw["responses"])
