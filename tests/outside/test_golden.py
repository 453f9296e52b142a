"""The release of the seeds is the one that was accepted, file by file."""

from __future__ import annotations

from pathlib import Path

from tests.support.golden_release import ACCEPT, differences, digests, golden


def test_the_release_of_the_seeds_is_the_accepted_one(built: Path) -> None:
    """No file of it changed unnoticed; the failure names the files and how to accept them."""
    changed = differences(digests(built), golden())
    told = "\n".join(changed)
    assert changed == [], f"the release of the seeds is another:\n{told}\nif it is right: {ACCEPT}"


def test_a_change_is_named_by_its_file() -> None:
    """A file that is missing, new or other is told as that."""
    accepted = {"a": "1", "b": "2", "c": "3"}
    assert differences({"a": "1", "b": "3", "d": "4"}, accepted) == [
        "changed: b",
        "missing: c",
        "new:     d",
    ]


def test_what_is_accepted_can_be_checked_with_sha256sum() -> None:
    """The file is one of sha256sum, sorted by path, with the zip in it."""
    accepted = golden()
    assert list(accepted) == sorted(accepted)
    assert any(path.endswith(".zip") for path in accepted)
    assert all(len(digest) == 64 for digest in accepted.values())
