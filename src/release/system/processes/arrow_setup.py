"""Process-wide Arrow settings, applied only when the command line owns the process."""

from __future__ import annotations

import os
import sys


def apply() -> None:
    """Set up Arrow for this process and those that it starts, without loading it.

    Its memory comes from jemalloc, unless the environment names another pool. Arrow's default, mimalloc,
    keeps more memory after it was used, and takes huge pages, which the system at times provides slowly.
    """
    # elsewhere pyarrow is built without jemalloc, and would warn
    if sys.platform == "linux" and os.uname().machine == "x86_64":
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
    leave_pandas()


def leave_pandas() -> None:
    """Keep this process from importing pandas, unless it has been imported already.

    pyarrow tries to import it when it first converts a list to an array, and works without it. The import
    takes longer than everything else in a small check.
    """
    if "pandas" not in sys.modules and not any(isinstance(f, _NoPandas) for f in sys.meta_path):
        sys.meta_path.insert(0, _NoPandas())


class _NoPandas:
    """A finder of modules that refuses pandas, as if it were not installed.

    It is no subclass of `importlib.abc.MetaPathFinder`: the import would load `importlib.resources` and
    `tempfile`, which no warm check needs.
    """

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not loaded in a command of release", name=name)
