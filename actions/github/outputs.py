"""Write what a comparison calls for as outputs of a step.

python -m actions.github.outputs FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from actions.github import job
from actions.github.comment import read


def main() -> int:
    """Write `level` and `next-version`; nothing if there was no comparison."""
    _, comparison = read(Path(sys.argv[1]))
    if comparison.value is not None:
        job.set_output("level", str(comparison.value["level"]))
        job.set_output("next-version", str(comparison.value["next"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
