"""Put the changed text of a file in its place, if the file is still as it was read."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from release.fix.changes import FileChange
from release.system import durable


class UnplacedError(Exception):
    """A change that was not written; the text is the reason."""


def place(change: FileChange) -> None:
    """Write a changed file in one step; its mode and owner, and a link to it, stay.

    Raises:
        UnplacedError: The file was changed meanwhile or cannot be written, or a link leads out.
    """
    path = Path(change.place)
    try:
        file = path.resolve(strict=True)
        if not file.is_relative_to(Path(change.root).resolve(strict=True)):
            raise UnplacedError("is reached by a link that leads out of the dataset's folder")
        data = file.read_bytes()
        if data == change.new:
            return  # another path leads to it, too
        if data != change.old:
            raise UnplacedError("was changed while its fix was made: run it again")
        owner = file.stat()
        durable.write(file, change.new)
        with suppress(OSError):  # only an administrator may write for others
            os.chown(file, owner.st_uid, owner.st_gid)
    except OSError as error:
        raise UnplacedError(f"cannot be written: {error.strerror or error}") from error
