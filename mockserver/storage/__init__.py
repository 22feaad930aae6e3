"""Storage: records, and atomic operations on them."""
