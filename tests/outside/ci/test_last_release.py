"""The release that a branch is compared with: in a store here or elsewhere, or on GitHub."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from actions.github.api import Api, RefusedError
from actions.github.last_release import find, of_github, of_place
from actions.github.last_store import unpack
from tests.support import stores
from tests.support.github_api import TOKEN, GitHub, serving


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """A server that answers as GitHub does, as a job knows it."""
    with serving(GitHub()) as server:
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setenv("GITHUB_REPOSITORY", "somebody/notes")
        yield server


@pytest.fixture
def api(github: GitHub) -> Api:
    """The API of that server, which waits in words only."""
    return Api(github.url, TOKEN, sleep=github.waits.append)


class Quiet(SimpleHTTPRequestHandler):
    """A server of files that prints nothing."""

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def pages(dist: Path) -> Iterator[str]:
    """The address of a store with versions 0.1.0, 0.2.0 and a draft, as a page has it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(dist)))
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_last_of_a_store_is_its_latest(dist: Path) -> None:
    """Not its draft; by the path of the store, or by default if the repository has it."""
    expected = (str(dist / "0.2.0/notes-0.2.0.zip"), "notes-0.2.0.zip")
    assert find(str(dist), Path("none"), Path()) == expected
    assert find("", dist, Path()) == expected
    assert Path(expected[0]).is_file()


def test_the_last_of_a_store_on_a_page_is_its_latest(pages: str) -> None:
    """By the address of the store; that of a release stays as it is."""
    assert of_place(f"{pages}/") == (f"{pages}/0.2.0/notes-0.2.0.zip", "notes-0.2.0.zip")
    for release in (f"{pages}/0.1.0", f"{pages}/0.1.0/notes-0.1.0.zip"):
        assert of_place(release) == (release, release)


def test_a_store_without_a_final_version_has_no_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, github: GitHub
) -> None:
    """Then GitHub is asked, which has none either."""
    monkeypatch.chdir(tmp_path)
    store = stores.dist({"0.1.0-dev": "one"})
    assert find("", store, tmp_path) == ("", "")
    assert github.asked == ["GET /repos/somebody/notes/releases/latest"]


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        "no JSON",
        '{"archive": {"path": "../secret.zip"}}',
        r'{"archive": {"path": "0.1.0/a\nold=pwned.zip"}}',
    ],
)
def test_a_store_that_names_no_release_is_told(text: str, tmp_path: Path) -> None:
    """What others wrote leads nowhere else."""
    (tmp_path / "latest.json").write_text(text)
    with pytest.raises(RefusedError, match=re.escape(f"{tmp_path}: latest.json names ")):
        of_place(str(tmp_path))


def test_a_server_that_cannot_be_reached_is_told() -> None:
    """By its address."""
    with pytest.raises(RefusedError, match=re.escape("http://127.0.0.1:9/data/latest.json: ")):
        of_place("http://127.0.0.1:9/data")


@pytest.mark.parametrize("place", ["https://a.example/my data", "https://[a/data"])
def test_what_is_no_address_is_told(place: str) -> None:
    """As it was written."""
    with pytest.raises(RefusedError, match=re.escape(f"{place}/latest.json: ")):
        of_place(place)


def test_of_several_zips_the_one_of_the_version_is_taken(
    github: GitHub, api: Api, tmp_path: Path
) -> None:
    """A release may have other files."""
    github.add_release("v1.0.0", {"notes-1.0.0.zip": b"1", "photos.zip": b"2", "a.txt": b"3"})
    path, name = of_github(api, "somebody/notes", tmp_path)
    assert (Path(path).read_bytes(), name) == (b"1", "notes-1.0.0.zip of v1.0.0")


@pytest.mark.parametrize(
    ("assets", "count"),
    [({"a.txt": b""}, "no zip"), ({"a.zip": b"", "b.zip": b""}, "several zips")],
)
def test_a_release_that_is_none_of_a_dataset_is_told(
    assets: dict[str, bytes], count: str, github: GitHub, api: Api, tmp_path: Path
) -> None:
    """With its tag."""
    github.add_release("v1.0.0", assets)
    expected = f"the release 'v1.0.0' on GitHub has {count} as assets, expected one"
    with pytest.raises(RefusedError, match=expected):
        of_github(api, "somebody/notes", tmp_path)


def test_with_a_prefix_the_greatest_version_is_the_last(
    github: GitHub, api: Api, tmp_path: Path
) -> None:
    """Not a release of other things, a draft, or a later one of an older line; on whatever page it is."""
    github.page = 2
    github.add_release("v9.0.0", {"program.zip": b""})
    github.add_release("data-0.10.0", {"notes-0.10.0.zip": b"right"})
    github.add_release("data-0.9.1", {"notes-0.9.1.zip": b""})
    github.add_release("data-1.0.0", {"notes-1.0.0.zip": b""}, draft=True)
    github.add_release("data-x", {})
    path, name = of_github(api, "somebody/notes", tmp_path, "data-")
    assert (Path(path).read_bytes(), name) == (b"right", "notes-0.10.0.zip of data-0.10.0")
    assert of_github(api, "somebody/notes", tmp_path, "other-") == ("", "")


def test_a_zip_that_changed_on_its_way_is_refused(github: GitHub, api: Api, tmp_path: Path) -> None:
    """GitHub says which bytes an asset has."""
    release = github.add_release("v1.0.0", {"notes-1.0.0.zip": b"one"})
    github.contents[release["assets"][0]["id"]] = b"two"
    with pytest.raises(
        RefusedError, match=r"notes-1\.0\.0\.zip: its sha256 is 3fc4cc.*, expected 7692c3"
    ):
        of_github(api, "somebody/notes", tmp_path)


def test_what_is_no_zip_of_a_release_is_told(tmp_path: Path) -> None:
    """Whatever it is."""
    (tmp_path / "a.zip").write_bytes(b"no zip")
    with pytest.raises(RefusedError, match=r"a\.zip: is no zip of a release"):
        unpack(tmp_path / "a.zip", tmp_path / "store")
