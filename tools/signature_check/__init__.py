"""The signature check: the samples of docs/webhook-signatures.md, run on what a mock has signed."""
