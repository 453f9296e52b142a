"""Files -> a zip whose bytes depend on nothing but their names and content."""

from __future__ import annotations

import os
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from release.errors import ReleaseError

#: Files up to this size go through memory in one piece.
_SMALL = 1 << 20


def write(root: Path, paths: list[str], created: datetime, target: Path | IO[bytes]) -> None:
    """Write the files at `paths` below `root` as one zip.

    Sorted by name; stored, for deflate differs between builds of zlib; modes fixed; every entry's time is
    `created` in UTC, at the two seconds that zip can tell apart.

    Raises:
        ReleaseError: two members would have one path.
    """
    if len(set(paths)) != len(paths):
        twice = sorted({path for path in paths if paths.count(path) > 1})
        raise ReleaseError(f"two members of the archive have the path {twice[0]}")
    time = _zip_time(created)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, strict_timestamps=True) as archive:
        for path in sorted(paths):
            member = zipfile.ZipInfo(path, time)
            member.create_system = 3  # Unix, wherever it is built
            member.external_attr = 0o100644 << 16
            with open(f"{root}/{path}", "rb", buffering=0) as source:  # noqa: PTH123 — many thousands
                member.file_size = os.fstat(source.fileno()).st_size
                if member.file_size <= _SMALL:
                    archive.writestr(member, source.readall())
                    continue
                with archive.open(member, "w") as place:
                    shutil.copyfileobj(source, place, _SMALL)


def _zip_time(created: datetime) -> tuple[int, int, int, int, int, int]:
    utc = created.astimezone(UTC)
    if utc.year < 1980:  # where the time of zip begins
        return 1980, 1, 1, 0, 0, 0
    return utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second // 2 * 2
