"""The tables that Hypothesis makes for its generators: it would keep them in the working directory."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

FOLDER = "HYPOTHESIS_STORAGE_DIRECTORY"  # the variable that Hypothesis reads when it looks for a table first


@contextmanager
def kept_apart() -> Iterator[None]:
    """Keep the tables in a folder that ends with the context, unless the environment names one. For a whole process, as
    Hypothesis reads the variable once."""
    if FOLDER in os.environ:
        yield
        return
    with TemporaryDirectory(prefix="mockserver-check-", ignore_cleanup_errors=True) as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]
