"""Process-wide Arrow settings, applied only when the command line owns the process."""

from __future__ import annotations

import os
import sys


def apply() -> None:
    """Set up Arrow for this process and those that it starts; Arrow itself is not loaded.

    Its memory comes from jemalloc, unless the environment names another pool. jemalloc keeps less of what
    was used for a moment, and takes small pieces from the system: a large one may have to be made first.
    """
    # without jemalloc in it, pyarrow would warn
    if sys.platform == "linux" and os.uname().machine == "x86_64":
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
    leave_pandas()


def leave_pandas() -> None:
    """Refuse pandas to this process, unless it is loaded.

    pyarrow would import it with the first list that becomes an array, and do without it where that fails.
    The import takes longer than all else that a small check does.
    """
    if "pandas" not in sys.modules and not any(isinstance(f, _NoPandas) for f in sys.meta_path):
        sys.meta_path.insert(0, _NoPandas())


class _NoPandas:
    """A finder of modules for which pandas is not installed.

    It is no subclass of `importlib.abc.MetaPathFinder`: the import would load `importlib.resources` and
    `tempfile`, which no warm check needs.
    """

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not loaded in a command of release", name=name)
