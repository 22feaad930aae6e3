"""OpenAPI documents of other people and generated ones, valid requests for them, and a judge of the responses."""
