"""OpenAPI documents: loaded, compiled into validators and routes, and turned into examples."""
