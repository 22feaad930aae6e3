"""Judges the requests in the folders that it is given, by the function of the guide beside it: a line for each."""

import runpy
import sys
from email import message_from_string
from pathlib import Path

is_authentic = runpy.run_path(str(Path(__file__).with_name("verification.py")))["is_authentic"]


def judged(folder: Path) -> bool:
    """Whether the request is authentic."""
    secret, url, headers = ((folder / name).read_text("utf-8") for name in ("secret", "url", "headers"))
    try:
        return bool(is_authentic(secret, url, message_from_string(headers), (folder / "body").read_bytes()))
    except (KeyError, TypeError):
        return False


for name in sys.argv[1:]:
    sys.stdout.write("authentic\n" if judged(Path(name)) else "refused\n")
