"""The contract that a judge judges by, as its options name it."""

from collections.abc import Collection
from pathlib import Path

from mockserver.checks.findings.judge_options import JudgeOptions
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface

OURS = "openapi.yaml"


def judged_surface(options: JudgeOptions, contexts: Collection[str] = ()) -> Surface:
    """The contract that the options name, as an overlay corrects it, with its resource model. Raises ContractError.

    `contexts` are path parameters that name no records of a run."""
    contract = Contract.load(options.spec, root=options.spec_root, overlay=options.overlay)
    return Surface(contract, Path(options.spec).name if options.spec else OURS, contexts)
