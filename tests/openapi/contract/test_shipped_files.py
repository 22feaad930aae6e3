"""mockserver.openapi.contract.shipped_files: where the contracts are that the mock ships."""

from mockserver.openapi.contract import Contract, shipped
from mockserver.openapi.contract.shipped_files import PACKAGE


def test_both_contracts_are_there() -> None:
    """Ours is the file that is loaded without a source; that of the control plane lies in the package."""
    assert Contract.load().source == str(shipped())
    assert (PACKAGE / "control" / "control.yaml").is_file()
