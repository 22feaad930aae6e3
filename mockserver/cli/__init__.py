"""Command line, one module per command."""

from mockserver.cli.command_line import cli, main

__all__ = ["cli", "main"]
