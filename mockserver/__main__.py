"""The `mockserver` command, also as `python -m mockserver`."""

import gc


def main() -> None:
    """Run it. Until a command is imported nothing is collected, as what imports make stays."""
    gc.disable()
    from mockserver.cli import main as run

    run()


if __name__ == "__main__":
    main()
