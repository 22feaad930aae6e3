"""HTTP/1.1 and ASGI messages, and the server. Nothing here knows OpenAPI, or the mock."""
