"""Makes the collections for Postman and Bruno from openapi.yaml: `python -m tools.api_collections [FOLDER]`.

The folder is `collections`; what else is in it is removed.
"""

import sys
from pathlib import Path

from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from tools.api_collections import files

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Command line; returns the exit code."""
    folder = Path(arguments[0]) if arguments else ROOT / "collections"
    try:
        content = files.generated(Contract.load())
    except ContractError as error:
        sys.stderr.write(f"api_collections: {error}\n")
        return 1
    files.write(folder, content)
    sys.stdout.write(f"{len(content)} files written to {folder.name}/\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
