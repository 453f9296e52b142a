"""Make a release on GitHub of a release that was built, with files as its assets.

    python -m actions.github.assets FILE…

Reads TAG, TITLE, NOTES (a file of Markdown), VERSION, whose drafts are prereleases on GitHub, and GITHUB_SHA,
at which the tag is made where it is not there. A release that is not there is drafted, gets its assets, and
is published last: nobody sees it without them. One that is there gets the assets that it lacks; an asset that
is there with other bytes is never replaced.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from actions.github import job
from actions.github.api import Api, CutError, RefusedError
from actions.github.markdown import calm, cut

#: The most characters of the notes of a release.
MOST_OF_NOTES = 125_000

#: So often is a file sent whose answer was lost.
TRIES = 3


@dataclass(frozen=True)
class Release:
    """What a release on GitHub is called, and what it says."""

    tag: str
    title: str
    notes: str
    is_preview: bool
    commit: str = ""


def upload(api: Api, repository: str, release: Release, files: Sequence[Path]) -> str:
    """Make a release with files; return its address.

    Raises:
        RefusedError: GitHub refuses; or an asset is there with other bytes.
    """
    made = _find(api, repository, release.tag) or _draft(api, repository, release)
    for file in files:
        _add(api, repository, made, file)
    if made.get("draft"):
        path = f"/repos/{repository}/releases/{int(made['id'])}"
        made = api.send("PATCH", path, {"draft": False, "prerelease": release.is_preview})
    return str(made.get("html_url", ""))


def _find(api: Api, repository: str, tag: str) -> dict[str, Any] | None:
    """Return the release of a tag: the published one, or a draft that an earlier run left."""
    try:
        found: dict[str, Any] = api.get(f"/repos/{repository}/releases/tags/{quote(tag, safe='')}")
    except RefusedError as error:
        if error.status != 404:
            raise
    else:
        return found
    drafts = (each for each in api.pages(f"/repos/{repository}/releases") if each.get("draft"))
    return next((each for each in drafts if each.get("tag_name") == tag), None)


def _draft(api: Api, repository: str, release: Release) -> dict[str, Any]:
    value = {
        "tag_name": release.tag,
        "name": release.title,
        "body": cut(release.notes, MOST_OF_NOTES, "… The rest is in CHANGELOG.md of the release."),
        "draft": True,
        "prerelease": release.is_preview,
    }
    if release.commit:
        value["target_commitish"] = release.commit
    try:
        made: dict[str, Any] = api.send("POST", f"/repos/{repository}/releases", value)
    except CutError:
        found = _find(api, repository, release.tag)  # it may have been made
        if found is None:
            raise
        return found
    return made


def _add(api: Api, repository: str, release: Mapping[str, Any], file: Path) -> None:
    """Add a file to a release, unless it has it.

    Raises:
        RefusedError: It has other bytes under that name; or GitHub refuses.
    """
    with file.open("rb") as stream:
        digest = f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
    number = int(release["id"])
    url = f"{str(release['upload_url']).partition('{')[0]}?name={quote(file.name, safe='')}"
    refusal: RefusedError | None = None
    for _ in range(TRIES):
        path = f"/repos/{repository}/releases/{number}/assets"
        there = next((each for each in api.pages(path) if each["name"] == file.name), None)
        if there is not None and there.get("state") == "uploaded":
            if _is_same(there, digest, file.stat().st_size):
                print(f"{file.name} is there")
                return
            raise RefusedError(
                f"{file.name}: the release {release.get('tag_name')} has it with other bytes, which are "
                "not replaced: what is published stays; take another version"
            )
        if there is not None:  # an upload that was cut
            api.send("DELETE", f"/repos/{repository}/releases/assets/{int(there['id'])}")
        try:
            api.upload(url, file)
        except CutError as error:
            refusal = error
            continue
        print(f"{file.name} is uploaded")
        return
    assert refusal is not None
    raise refusal


def _is_same(asset: Mapping[str, Any], digest: str, size: int) -> bool:
    """Return True if an asset is a file; older servers tell no digest, then the size decides."""
    known = str(asset.get("digest") or "")
    return known == digest if known else asset.get("size") == size


def main() -> int:
    """Upload; return 1 if GitHub refuses."""
    from release.syntax.versions import is_draft

    release = Release(
        os.environ["TAG"],
        os.environ["TITLE"],
        calm(Path(os.environ["NOTES"]).read_text("utf-8")),
        is_preview=is_draft(os.environ["VERSION"]),
        commit=os.environ.get("GITHUB_SHA", ""),
    )
    try:
        api = Api.of_job()
        address = upload(api, os.environ["GITHUB_REPOSITORY"], release, [*map(Path, sys.argv[1:])])
    except RefusedError as error:
        hint = " The job needs `permissions: contents: write`." if error.status == 403 else ""
        job.annotate("error", f"Not on GitHub: {error}.{hint}")
        return 1
    job.set_output("url", address)
    print(f"released: {address}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
