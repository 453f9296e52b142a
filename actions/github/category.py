"""Name the dataset whose findings a SARIF file has: code scanning keeps those of each category apart.

    python -m actions.github.category FILE DESCRIPTOR

Without it, the findings of a second dataset would end those of the first. An upload's own `category` counts
only where the file names none.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> int:
    """Write the category into the file."""
    file, descriptor = Path(sys.argv[1]), sys.argv[2]
    log = json.loads(file.read_text("utf-8"))
    for run in log["runs"]:
        # all but what follows the last slash is the category
        run["automationDetails"] = {"id": f"release-check/{descriptor}/"}
    file.write_text(json.dumps(log), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
