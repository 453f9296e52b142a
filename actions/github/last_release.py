"""Find the release that a branch is compared with, and write its name, path and URL as outputs.

    python -m actions.github.last_release FOLDER

Reads AGAINST: a path or URL of a release or of a store, `github` for the latest release of this repository,
or nothing: the store in the folder STORE if it has a release, else that of GitHub. PREFIX is what stands
before the version in the tags of the releases on GitHub; without, all are of the dataset. What is there is
fetched into FOLDER. Writes `old`, which is empty where there is none yet, and `code`.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from actions.github import job
from actions.github.api import Api, RefusedError

#: The most bytes of an asset that is fetched.
MOST_OF_RELEASE = 4 << 30

#: The most bytes of the file of a store that names its latest release.
MOST_OF_LATEST = 1 << 20


def find(against: str, store: Path, folder: Path) -> tuple[str, str]:
    """Return the place of the last release, and its name in words; two empty texts if there is none.

    Raises:
        RefusedError: GitHub, or the server of a store, refuses or cannot be reached.
    """
    if against and against != "github":
        return of_place(against)
    if not against and (store / "latest.json").is_file():
        return of_place(str(store))
    prefix = os.environ.get("PREFIX", "")
    return of_github(Api.of_job(), os.environ["GITHUB_REPOSITORY"], folder, prefix)


def of_place(place: str) -> tuple[str, str]:
    """Return the latest release of a store, or the release itself.

    Raises:
        RefusedError: A store has a `latest.json` that cannot be read.
    """
    is_url = place.startswith(("https://", "http://"))
    if place.endswith(".zip"):
        return place, place
    latest = _fetch(f"{place.rstrip('/')}/latest.json") if is_url else _read(Path(place))
    if latest is None:
        return place, place
    try:
        path = str(json.loads(latest)["archive"]["path"])
    except (ValueError, TypeError, KeyError) as error:
        raise RefusedError(f"{place}: latest.json names no release") from error
    if not re.fullmatch(r"[0-9][\w.+-]*/[^/\\]+\.zip", path) or not path.isprintable():
        raise RefusedError(f"{place}: latest.json names {path!r}, expected VERSION/NAME.zip")
    found = urljoin(f"{place.rstrip('/')}/", path) if is_url else str(Path(place) / path)
    return found, path.rpartition("/")[2]


def _read(store: Path) -> bytes | None:
    path = store / "latest.json"
    return path.read_bytes() if path.is_file() else None


def _fetch(url: str) -> bytes | None:
    """Return a small file behind a URL; None if there is none.

    Raises:
        RefusedError: It is no URL, or the server cannot be reached.
    """
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            return bytes(response.read(MOST_OF_LATEST))
    except urllib.error.HTTPError as error:
        if error.code in (403, 404, 410):
            return None
        raise RefusedError(f"{url}: {error.code} {error.reason}", error.code) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise RefusedError(f"{url}: {getattr(error, 'reason', error)}") from error


def of_github(api: Api, repository: str, folder: Path, prefix: str = "") -> tuple[str, str]:
    """Fetch the zip of the last release on GitHub.

    Without a prefix that is the one that GitHub calls the latest; else, of the releases whose tag is the
    prefix and a version, the one of the greatest version.

    Raises:
        RefusedError: GitHub refuses; the release has no zip, or several, or another than it says.
    """
    release = _with_prefix(api, repository, prefix) if prefix else _latest(api, repository)
    if release is None:
        return "", ""
    asset = choose(release)
    path = folder / "last" / asset["name"]
    path.parent.mkdir(parents=True, exist_ok=True)
    api.download(str(asset["url"]), path, MOST_OF_RELEASE)
    digest = str(asset.get("digest") or "")
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest.startswith("sha256:") and digest != f"sha256:{found}":
        raise RefusedError(f"{asset['name']}: its sha256 is {found}, expected {digest[7:]}")
    return str(path), f"{asset['name']} of {release['tag_name']}"


def _latest(api: Api, repository: str) -> Mapping[str, Any] | None:
    """Return the release that GitHub calls the latest; None if all are drafts or previews."""
    try:
        found: Mapping[str, Any] = api.get(f"/repos/{repository}/releases/latest")
    except RefusedError as error:
        if error.status == 404:
            return None
        raise
    return found


def _with_prefix(api: Api, repository: str, prefix: str) -> Mapping[str, Any] | None:
    """Return the release of the greatest version, by tags with a prefix; None if there is none."""
    found: dict[tuple[int, ...], Mapping[str, Any]] = {}
    for release in api.pages(f"/repos/{repository}/releases"):
        tag = str(release.get("tag_name", ""))
        version = re.fullmatch(rf"{re.escape(prefix)}(\d+(?:\.\d+)*)", tag)
        if version and not release.get("draft") and not release.get("prerelease"):
            found[tuple(map(int, version[1].split(".")))] = release
    return found[max(found)] if found else None


def choose(release: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the asset that is the zip of a release: the one with the tag's version, or the only one.

    Raises:
        RefusedError: There is none, or none can be told from others.
    """
    tag = str(release.get("tag_name", ""))
    version = tag[found.start() :] if (found := re.search(r"\d", tag)) else tag
    zips: list[Mapping[str, Any]]
    zips = [each for each in release.get("assets", []) if str(each["name"]).endswith(".zip")]
    zips = [each for each in zips if re.fullmatch(r"[\w.+-]+", str(each["name"]))]
    named = [each for each in zips if str(each["name"]).endswith(f"-{version}.zip")]
    chosen = named or zips
    if len(chosen) != 1:
        count = "several zips" if chosen else "no zip"
        raise RefusedError(f"the release {tag!r} on GitHub has {count} as assets, expected one")
    return chosen[0]


def main() -> int:
    """Write the outputs; `code` is 1 where the last release cannot be had, which the report then says."""
    folder = Path(sys.argv[1])
    try:
        old, name = find(
            os.environ.get("AGAINST", ""), Path(os.environ.get("STORE") or "dist"), folder
        )
    except RefusedError as error:
        job.annotate("error", f"The last release is not to be had: {error}.")
        (folder / "against.txt").write_text(
            os.environ.get("AGAINST") or "the last release", "utf-8"
        )
        (folder / "diff-problem.txt").write_text(f"{error}\n", "utf-8")
        job.set_output("old", "")
        job.set_output("code", "1")
        return 0
    (folder / "against.txt").write_text(name, "utf-8")
    job.set_output("old", old)
    print(f"compared with {name}" if old else "there is no release to compare with")
    return 0


if __name__ == "__main__":
    sys.exit(main())
