"""bench.memory.fetching: only the document that was read counts."""

import hashlib
from pathlib import Path

import pytest

from bench.documents.fetched import Foreign
from bench.memory.fetching import NotAsPinned, check_digest
from bench.memory.truth import TrueDocument


def _document(digest: str) -> TrueDocument:
    return TrueDocument(Foreign("library", "library@1", "openapi.json", "3.0"), digest, {}, (), {})


def test_the_document_that_was_read_is_taken(tmp_path: Path) -> None:
    """By its digest."""
    file = tmp_path / "openapi.json"
    file.write_bytes(b"{}")

    check_digest(_document(hashlib.sha256(b"{}").hexdigest()), file)


def test_another_document_is_refused(tmp_path: Path) -> None:
    """The truth may not hold for it any more."""
    file = tmp_path / "openapi.json"
    file.write_bytes(b"{} ")

    with pytest.raises(NotAsPinned, match=r"^library: its SHA-256 is .* Read it again"):
        check_digest(_document(hashlib.sha256(b"{}").hexdigest()), file)
