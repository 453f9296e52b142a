"""No byte of a release is free: whichever is changed, in the folder or in the zip, it does not verify."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from release.findings.errors import RefusedError
from release.store import fetch
from release.verify import integrity, signature, verification
from release.verify.signature import Signers
from tests.support import tampering

#: A place in a release: the number of a file, how far into it, and what is done to the byte there.
CHANGES = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 255),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda change: change[:2],
)
Change = tuple[int, float, int]

#: How often: 500 in each run; RELEASE_FLIPS=20000 looks longer.
TIMES = int(os.environ.get("RELEASE_FLIPS", "500"))


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release in a folder of its own, signed where ssh-keygen is installed."""
    folder = tmp_path_factory.mktemp("flips")
    release = tampering.alone(tampering.built(folder), folder / "release")
    if shutil.which("ssh-keygen"):
        signature.sign(release, tampering.key(folder, "curator"))
    shutil.copy(release / tampering.ZIP, folder / tampering.ZIP)
    return release


@contextmanager
def flipped(files: list[Path], changes: list[Change]) -> Iterator[bool]:
    """Some bytes are others while this lasts; False where they are what they were, or none."""
    before: dict[Path, bytes] = {}
    for number, share, mask in changes:
        path = files[number % len(files)]
        data = before.setdefault(path, path.read_bytes())
        now = bytearray(path.read_bytes())
        if now:
            now[int(share * len(data))] ^= mask
            path.write_bytes(now)
    try:
        yield any(path.read_bytes() != data for path, data in before.items())
    finally:
        for path, data in before.items():
            path.write_bytes(data)


def passes(place: Path) -> bool:
    """Whether a release verifies, without the records being asked and without a trusted key."""
    try:
        with fetch.release(str(place)) as release:
            if integrity.step(release.folder, release.archive)[0].status == "failed":
                return False  # one step is enough; the others take longer
    except RefusedError:
        return False
    options = verification.VerifyOptions(referee="none", signers=Signers())
    return verification.verify(place, options).verified


@settings(max_examples=TIMES)
@given(changes=CHANGES)
@example(changes=[(2, 0.0, 32)])
def test_no_byte_of_a_folder_is_free(release: Path, changes: list[Change]) -> None:
    """Any bytes changed anywhere in a release's folder are told: in the data, the lists, the zip, the
    attestation, the signature.
    """
    files = sorted(path for path in release.rglob("*") if path.is_file())
    with flipped(files, changes) as differs:
        assert passes(release) != differs


@settings(max_examples=TIMES)
@given(changes=CHANGES)
def test_no_byte_of_a_zip_is_free(release: Path, changes: list[Change]) -> None:
    """Any bytes changed anywhere in a zip alone are told: in its members, and in what it says of them."""
    path = release.parent / tampering.ZIP
    with flipped([path], changes) as differs:
        assert passes(path) != differs


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_no_byte_of_a_signature_is_free(release: Path) -> None:
    """Every single byte of a signature, its armour and line ends too, is told, with no key to trust."""
    path = release / "SHA256SUMS.sig"
    data = path.read_bytes()
    for at in range(0, len(data), 3):
        with flipped([path], [(0, at / len(data), 1 + at % 255)]) as differs:
            assert differs
            assert signature.step(release, Signers()).status == "failed", at


@pytest.mark.parametrize("name", ["buildinfo.json", "provenance.intoto.json", "SHA256SUMS"])
def test_no_byte_beside_the_archive_is_free(release: Path, name: str) -> None:
    """What no list of digests covers is held against what it speaks of: no byte in seven passes."""
    path = release / name
    size = path.stat().st_size
    for at in range(0, size, 7):
        with flipped([path], [(0, (at + 0.5) / size, 1 + at % 255)]):
            assert not passes(release), at
