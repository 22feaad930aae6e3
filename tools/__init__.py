"""Tools around the contract and the package; `README.md` lists them, and none of them is shipped."""
