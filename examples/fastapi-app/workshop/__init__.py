"""A library of tools: an application of FastAPI, which the mock serves by its OpenAPI document."""
