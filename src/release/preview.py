"""What the records would give now, to be compared with a release."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from release import build, history, package, storage
from release.descriptor import Descriptor
from release.errors import RefusedError
from release.released import Release


@contextmanager
def release(descriptor: Descriptor, options: build.Options) -> Iterator[Release]:
    """The release that a descriptor's records would give, its tables in a folder that goes afterwards.

    Raises:
        RefusedError: an error stands.
        UsageError: a check of the descriptor cannot be run.
    """
    outcome = build.check(descriptor, options)
    if outcome.errors:
        errors = f"{outcome.errors} error{'' if outcome.errors == 1 else 's'}"
        raise RefusedError(
            f"{descriptor.file}: its records have {errors}, so there is nothing to compare: "
            "`release check` shows what is wrong"
        )
    with tempfile.TemporaryDirectory(prefix="release-preview-") as temporary:
        place = Path(temporary)
        options.progress("writing tables")
        with storage.no_room_at(place):
            package.write_tables(outcome.content, place)
        yield history.of_content(outcome.content, place)
