"""Say in one comment of a pull request what it changes; write the comment anew when it changes again.

    python -m actions.github.comment FOLDER

FOLDER has `build.json` and, where the branch was compared with a release, `against.txt`, `diff.json` and
`diff.md`, or `diff-problem.txt`. The report goes to the summary of the step in any case. It goes to a comment
if the event is a pull request and the token may write one. Only a comment of the token's own user is changed,
never one of somebody else, even if it has the same mark.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actions.github import job
from actions.github.api import Api, CutError, RefusedError
from actions.github.markdown import MOST, cut
from actions.github.report import Comparison, is_without_change, write_report

#: Who writes with the token of a job, which may not ask who it is.
BOT = "github-actions[bot]"

#: So often is looked for the comment, where it was removed meanwhile or a connection was cut.
LOOKS = 3


@dataclass(frozen=True)
class Thread:
    """The comments of a pull request, and who writes there.

    Attributes:
        repository: Such as `owner/name`.
        number: That of the pull request.
        author: The one whose comments may be changed.
    """

    api: Api
    repository: str
    number: int
    author: str

    def own(self, mark: str) -> list[Mapping[str, Any]]:
        """Return the author's comments that begin with a mark, the oldest first.

        Raises:
            RefusedError: GitHub refuses.
        """
        path = f"/repos/{self.repository}/issues/{self.number}/comments"
        return [
            each
            for each in self.api.pages(path)
            if str(each.get("body") or "").startswith(mark)
            and str((each.get("user") or {}).get("login", "")).lower() == self.author.lower()
        ]

    def put(self, mark: str, text: str, *, is_wanted: bool) -> str:
        """Make the comment with a mark say a text; return what was done.

        Args:
            mark: The first line of the comment, which GitHub does not show.
            text: What follows it.
            is_wanted: False if there need be no comment where there is none yet.

        Raises:
            RefusedError: GitHub refuses.
        """
        body = f"{mark}\n{text}"
        refusal: RefusedError | None = None
        for _ in range(LOOKS):
            own = self.own(mark)
            try:
                return self._put(own, body, is_wanted=is_wanted)
            except CutError as error:
                refusal = error  # it may be there: look again before another is written
            except RefusedError as error:
                if error.status not in (404, 410) or not own:
                    raise
                refusal = error  # somebody removed the comment meanwhile
        assert refusal is not None
        raise refusal

    def _put(self, own: list[Mapping[str, Any]], body: str, *, is_wanted: bool) -> str:
        if not own and not is_wanted:
            return "nothing changes, so no comment is written"
        if not own:
            path = f"/repos/{self.repository}/issues/{self.number}/comments"
            made = self.api.send("POST", path, {"body": body})
            return f"the comment is new: {made.get('html_url', '')}"
        first, *others = own
        path = f"/repos/{self.repository}/issues/comments"
        for each in others:  # of two jobs that ran at the same time
            self.api.send("DELETE", f"{path}/{int(each['id'])}")
        if str(first["body"]).replace("\r\n", "\n").strip() == body.strip():
            return f"the comment says so already: {first.get('html_url', '')}"
        self.api.send("PATCH", f"{path}/{int(first['id'])}", {"body": body})
        return f"the comment is written anew: {first.get('html_url', '')}"


def login(api: Api) -> str:
    """Return the name of the token's user.

    Raises:
        RefusedError: The token is not valid, or GitHub cannot be reached.
    """
    if given := os.environ.get("COMMENT_AUTHOR"):
        return given
    try:
        return str(api.get("/user")["login"])
    except RefusedError as error:
        if error.status not in (403, 404):  # an app, as which a job writes, is no user
            raise
        return BOT


def mark_of(descriptor: str) -> str:
    """Return the mark of the comment about a dataset: a repository may have several."""
    return f"<!-- records-release {hashlib.sha256(descriptor.encode()).hexdigest()[:16]} -->"


def comment(report: str, descriptor: str, *, is_wanted: bool) -> None:
    """Put a report into a comment of the event's pull request; say so if that cannot be."""
    event = job.event()
    pull = event.get("pull_request")
    if not isinstance(pull, dict):
        job.annotate("notice", "This is no pull request: the report is in the summary of the job.")
        return
    run = job.run_url()
    rest = f"… The rest is in the summary of [this run]({run})." if run else "… The rest is cut."
    mark = mark_of(descriptor)
    try:
        api = Api.of_job()
        repository = str(event["repository"]["full_name"])
        thread = Thread(api, repository, int(pull["number"]), login(api))
        print(thread.put(mark, cut(report, MOST - len(mark) - 1, rest), is_wanted=is_wanted))
    except RefusedError as error:
        job.annotate(
            "warning", f"{_why(error, pull, event)} The report is in the summary of the job."
        )


def _why(error: RefusedError, pull: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """Say why there is no comment, and what would help."""
    head = (pull.get("head") or {}).get("repo") or {}
    is_fork = head.get("full_name") != event["repository"]["full_name"]
    if error.status == 403 and is_fork:
        return f"No comment: jobs of a pull request from a fork may not write one. {error}."
    if error.status == 403:
        return f"No comment: {error}. The job needs `permissions: pull-requests: write`."
    return f"No comment: {error}."


def read(folder: Path) -> tuple[dict[str, Any], Comparison]:
    """Read what the steps before have left."""
    build = json.loads(_text(folder / "build.json") or "{}")
    if "error" not in build and build.get("release") is None and not build.get("findings"):
        build["error"] = _text(folder / "build-problem.txt") or "The build ended without a word."
    value = _text(folder / "diff.json")
    problem = _text(folder / "diff-problem.txt")
    comparison = Comparison(
        _text(folder / "against.txt").strip(),
        json.loads(value) if value and not problem else None,
        _text(folder / "diff.md"),
        problem,
    )
    return build, comparison


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.is_file() else ""


def main() -> int:
    """Report, and return 0: whether the branch is right says another step."""
    descriptor = os.environ.get("DESCRIPTOR") or "datapackage.yaml"
    build, comparison = read(Path(sys.argv[1]))
    report = write_report(build, comparison, descriptor)
    job.add_to_summary(report)
    if os.environ.get("COMMENT", "true") == "true":
        comment(report, descriptor, is_wanted=not is_without_change(comparison))
    return 0


if __name__ == "__main__":
    sys.exit(main())
