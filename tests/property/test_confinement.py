"""Files below a folder: whatever links stand there, what is read is in it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from release.system.confinement import Confinement, read_below, walk

#: The parts of a path: folders, a file, a link, something hidden, and ways up.
PARTS = st.sampled_from(["a", "b", "c", "link", ".hidden", "..", ".", "outside", "root"])
PATHS = st.lists(PARTS, min_size=1, max_size=5).map("/".join)

#: Where links stand, and where they lead: below the root, above it, or by an absolute path.
PLACES = st.sampled_from(["link", "a/link", "a/b", "b", "a/b/link", "c", "a/c"])
LINKS = st.dictionaries(PLACES, st.tuples(st.booleans(), PATHS), max_size=5)


def _make(top: Path, links: dict[str, tuple[bool, str]]) -> Path:
    """Make a root with files and links, beside a folder with a secret; return the root."""
    root = top / "root"
    for folder, text in ((root, "inside"), (top / "outside", "secret")):
        for below in ("", "a", "a/b", ".hidden", "b"):
            (folder / below).mkdir(parents=True, exist_ok=True)
            (folder / below / "c").write_text(text if below != ".hidden" else "hidden")
    for place, (is_absolute, target) in links.items():
        path = root / place
        if not path.parent.is_dir() or root not in (
            path.parent.resolve(),
            *path.parent.resolve().parents,
        ):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        path.symlink_to(f"{top}/{target}" if is_absolute else target)
    return root


def _count_handles() -> int:
    """How many files this process has open, where the system tells."""
    handles = Path("/proc/self/fd")
    return len(list(handles.iterdir())) if handles.exists() else 0


@settings(max_examples=40)
@given(LINKS, PATHS)
def test_what_is_read_is_in_the_folder(links: dict[str, tuple[bool, str]], path: str) -> None:
    """And it is what the system reads there."""
    with tempfile.TemporaryDirectory() as top:
        root = _make(Path(top), links)
        try:
            found = read_below(str(root), path)
        except OSError:
            return
        assert found == (root / path).read_bytes()
        if ".hidden" not in path.split("/"):
            assert found == b"inside"
        assert root.resolve() in (root / path).resolve().parents


@settings(max_examples=40)
@given(LINKS, PATHS)
def test_a_path_of_relative_links_that_stay_inside_is_read(
    links: dict[str, tuple[bool, str]], path: str
) -> None:
    """Nothing is refused that the system reads without leaving the folder."""
    kept = {place: (False, target) for place, (_, target) in links.items() if ".." not in target}
    if ".." in path.split("/") or ".hidden" in f"{path}{kept}":
        return
    with tempfile.TemporaryDirectory() as top:
        root = _make(Path(top), kept)
        try:
            wanted = (root / path).read_bytes()
        except OSError:
            return
        assert read_below(str(root), path) == wanted


@settings(max_examples=40)
@given(LINKS, PATHS)
def test_what_is_listed_is_in_the_folder(links: dict[str, tuple[bool, str]], folder: str) -> None:
    """Each file that is listed without a problem can be opened, and holds no secret; handles are closed."""
    before = _count_handles()
    with tempfile.TemporaryDirectory() as top:
        root = _make(Path(top), links)
        with Confinement(str(root)) as below:
            for path, problem in walk(str(root), folder):
                if problem is None:
                    handle = below.open(path)
                    assert os.read(handle, 100) != b"secret"
                    os.close(handle)
    assert _count_handles() == before
