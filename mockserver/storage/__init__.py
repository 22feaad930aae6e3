"""Storage: records, and atomic intentions on them."""
