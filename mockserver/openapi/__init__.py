"""OpenAPI documents: read, compiled, exemplified."""
