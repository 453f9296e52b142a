"""What a step of a job on GitHub reads and writes: its event, outputs, summary and annotations."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Literal

from actions.github.markdown import cut

#: The most bytes of a summary of a step; of a longer one GitHub shows nothing.
MOST_OF_SUMMARY = 1024 * 1024 - 4096


def event() -> dict[str, Any]:
    """Return what happened: the event that began the workflow; empty if there is none."""
    if not (path := os.environ.get("GITHUB_EVENT_PATH")):
        return {}
    found = json.loads(Path(path).read_text("utf-8"))
    return found if isinstance(found, dict) else {}


def set_output(name: str, text: str) -> None:
    """Set an output of the step.

    Raises:
        ValueError: The text has a line end, with which it could set others.
    """
    if not text.isprintable():
        raise ValueError(f"{name} is {text!r}, expected one line of text")
    if path := os.environ.get("GITHUB_OUTPUT"):
        with Path(path).open("a", encoding="utf-8") as stream:
            stream.write(f"{name}={text}\n")


def add_to_summary(text: str) -> None:
    """Add Markdown to the summary of the step, as much as fits."""
    if not (path := os.environ.get("GITHUB_STEP_SUMMARY")):
        return
    file = Path(path)
    room = MOST_OF_SUMMARY - (file.stat().st_size if file.exists() else 0)
    size = len(text.encode("utf-8", "backslashreplace"))
    with file.open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
        # a character has at most four bytes, or six where it is escaped
        stream.write(text if size < room else cut(text, max(room, 0) // 6, "…"))
        stream.write("\n")


def annotate(kind: Literal["notice", "warning", "error"], text: str) -> None:
    """Show a message at the job, as @actions/core escapes it: nothing in it is obeyed."""
    shown = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    print(f"::{kind}::{shown}", flush=True)


def run_url() -> str:
    """Return the address of this run of the workflow; empty outside of GitHub."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, number = (os.environ.get(name, "") for name in names)
    return f"{server}/{repository}/actions/runs/{number}" if server and number else ""
