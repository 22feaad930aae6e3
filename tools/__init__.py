"""Tools around the contract; none of them is part of the package."""
