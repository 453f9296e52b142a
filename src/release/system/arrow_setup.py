"""Whether this process is ours alone, so that what it loads may be loaded in a way of our own."""

from __future__ import annotations

import os
import sys
import warnings
from types import ModuleType

_said = False


def say() -> None:
    """Note that it is: nobody else's code runs in it, nor in those that it starts.

    Arrow's memory then comes from jemalloc. It keeps less of what was used for a moment, and takes from the
    system small pieces, where a large one may have to be made first.
    """
    global _said  # noqa: PLW0603 — a process is asked by what it loads, long after
    _said = True
    # where pyarrow has none it would warn
    if sys.platform == "linux" and os.uname().machine == "x86_64":
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")


def is_so() -> bool:
    """Whether it is."""
    return _said


def leave_pandas() -> None:
    """Let pyarrow go without pandas in this process, which it would import at the first list it is given.

    That takes longer than all else that a small check does. It is for processes that are ours alone: pyarrow
    then takes `pd.NA` for any other object.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    too_old = ModuleType("pandas")
    too_old.__dict__["__version__"] = "0"
    sys.modules["pandas"] = too_old
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pa.array([0])
    finally:
        del sys.modules["pandas"]
