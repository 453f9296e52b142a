"""The real records of another project: where they stand, and what would stop a build of them."""

from __future__ import annotations

from pathlib import Path

FEBRUARY, MARCH, JUNE = "2026-02-08-5b296715", "2026-03-05-5748d37e", "2026-06-24-f39641c4"
SNAPSHOTS = [FEBRUARY, MARCH, JUNE]

#: What would stop the build of each snapshot, lowered: known faults of those records.
LOWERED = {
    FEBRUARY: ["unmapped-path=warning", "impact-code=warning"],
    MARCH: ["impact-code=warning"],
    JUNE: ["impact-code=warning", "category-code=warning"],
}


def pattern(folder: Path) -> str:
    """Where a snapshot's records stand."""
    return f"{folder}/policies/{{language}}/{{policy_id}}.md"
