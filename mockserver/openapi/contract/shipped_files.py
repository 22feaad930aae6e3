"""Where the contracts are that the mock ships."""

from pathlib import Path

PACKAGE = Path(__file__).parent.parent.parent


def shipped() -> Path:
    """Our own openapi.yaml: inside the package when installed from a wheel, beside it in a checkout."""
    packaged = PACKAGE / "openapi.yaml"
    return packaged if packaged.is_file() else PACKAGE.parent / "openapi.yaml"
