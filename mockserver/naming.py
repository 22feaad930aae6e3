"""Names that more than one layer writes: as the contract has them, and whose a login is."""

import re
from typing import Literal

Role = Literal["admin", "member"]


def camel_case(name: str) -> str:
    """A snake-case name in camelCase: `store_code` becomes `storeCode`."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
