"""The zip that we write is, to the byte, the one that zipfile would write."""

from __future__ import annotations

import io
import sys
import zipfile
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from release.package import zip
from release.package.zip import Form, Known, Member, Segment
from release.system.limits import Limits

NAMES = st.text("ab-._é漢😀 ", min_size=1, max_size=9).filter(lambda name: name not in (".", ".."))
#: In two folders, the second of which is that of segments.
PATHS = st.tuples(st.sampled_from(["data", "source"]), NAMES).map("/".join)
FILES = st.dictionaries(PATHS, st.binary(max_size=600), max_size=9)
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2107, 12, 30)).map(
    lambda moment: moment.replace(tzinfo=timezone(timedelta(hours=moment.day - 15)))
)


def expected(files: Mapping[str, bytes], created: datetime) -> bytes:
    """What zipfile writes."""
    utc = created.astimezone(UTC)
    time = utc.timetuple()[:6] if utc.year >= 1980 else (1980, 1, 1, 0, 0, 0)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as zipped:
        for path in sorted(files):
            member = zipfile.ZipInfo(path, time)
            member.create_system, member.external_attr = 3, 0o100644 << 16
            zipped.writestr(member, files[path])
    return made.getvalue()


def packed(folder: Path, files: Mapping[str, bytes], form: Form, each: int) -> list[Segment]:
    """Files, so many in each segment."""
    paths = sorted(files)
    segments = []
    for start in range(0, len(paths), each):
        members = [
            Member(path, len(files[path]), zlib.crc32(files[path]))
            for path in paths[start : start + each]
        ]
        file = folder / f"segment-{start}"
        file.write_bytes(b"".join(zip.header(m, form) + files[m.path] for m in members))
        segments.append(Segment(file, members))
    return segments


def made(files: Mapping[str, bytes], form: Form, each: int, *, crcs: bool) -> bytes:
    """What we write: the files of `source/` packed before, so many in a segment; all loose with none."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        before = {path: data for path, data in files.items() if each and path.startswith("source/")}
        loose = {path: data for path, data in files.items() if path not in before}
        for path, data in loose.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_bytes(data)
        known = {path: zlib.crc32(data) for path, data in loose.items()} if crcs else {}
        segments = packed(folder, before, form, max(each, 1))
        target = io.BytesIO()
        zip.write(folder, list(loose), form, target, Known(known, segments))
        assert not any(segment.file.exists() for segment in segments)
        return target.getvalue()


@given(FILES, MOMENTS, st.integers(0, 3), st.booleans())
def test_the_zip_is_the_one_of_zipfile(
    files: dict[str, bytes], created: datetime, each: int, crcs: bool
) -> None:
    """Paths in any script, any time, packed before or not."""
    assert made(files, Form.of(created), each, crcs=crcs) == expected(files, created)


#: Around a limit of 100 bytes: zip64 in a header from 96 bytes on, in the directory from 101 on.
LARGE = {"data/a": b"a" * 95, "data/b": b"b" * 96, "data/c": b"c" * 100, "source/d": b"d" * 101}


@pytest.mark.skipif(
    sys.version_info < (3, 11, 4), reason="zipfile wrote another version before Python 3.11.4"
)
@given(FILES, st.integers(0, 3), st.integers(1, 900), st.integers(0, 4))
@example(LARGE, 0, 100, 9)
@example(LARGE, 1, 100, 3)
def test_what_is_large_is_written_as_zipfile_does(
    files: dict[str, bytes], each: int, large: int, many: int
) -> None:
    """With limits of some bytes and members in both, in place of 2 GiB and 65,535."""
    created = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
    form = Form.of(created, Limits(zip64_size=large, zip64_files=many, small_file=200))
    with mock.patch.multiple(zipfile, ZIP64_LIMIT=large, ZIP_FILECOUNT_LIMIT=many):
        assert made(files, form, each, crcs=False) == expected(files, created)


def test_limits_are_those_of_zipfile() -> None:
    """From the same size and number on, zip64 is written."""
    limits = Limits()
    assert limits.zip64_size == zipfile.ZIP64_LIMIT
    assert limits.zip64_files == zipfile.ZIP_FILECOUNT_LIMIT
