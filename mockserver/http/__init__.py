"""HTTP/1.1 and ASGI; nothing here knows OpenAPI."""
