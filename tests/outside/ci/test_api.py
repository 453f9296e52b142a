"""What the actions ask GitHub's API, and what they say when it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from actions.github import job
from actions.github.api import PATIENCE, Api, CutError, RefusedError, full_url
from actions.github.assets import Release, upload
from actions.github.comment import Thread, login, mark_of
from tests.support.github_api import NO_RIGHTS, TOKEN, GitHub, Refusal, serving

COMMENTS = "/repos/somebody/notes/issues/7/comments"
MARK = mark_of("datapackage.yaml")


@pytest.fixture
def github() -> Iterator[GitHub]:
    """A server that answers as GitHub does."""
    with serving(GitHub()) as server:
        yield server


@pytest.fixture
def api(github: GitHub) -> Api:
    """The API of that server, which waits in words only."""
    return Api(github.url, TOKEN, sleep=github.waits.append)


def put(api: Api, text: str, *, is_wanted: bool = True) -> str:
    """Put a text into the comment of pull request 7, as a job does."""
    return Thread(api, "somebody/notes", 7, login(api)).put(MARK, text, is_wanted=is_wanted)


# refusals


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (
            (401, "Bad credentials", {}),
            "401: the token is not valid, or no longer (Bad credentials)",
        ),
        (NO_RIGHTS, f"403: the token may not do this ({NO_RIGHTS[1]})"),
        (
            (404, "Not Found", {}),
            "404: there is no such thing, or the token may not see it (Not Found)",
        ),
        ((422, "Spam", {}), "422: GitHub does not take what was sent (Spam)"),
    ],
)
def test_a_refusal_is_told_at_once_in_plain_words(
    refusal: Refusal, expected: str, github: GitHub, api: Api
) -> None:
    """What another try would not change is not tried again."""
    github.instead[f"GET {COMMENTS}"] = [refusal]
    with pytest.raises(RefusedError, match=re.escape(f"GET {COMMENTS}: {expected}")):
        api.get(COMMENTS)
    assert github.waits == []


@pytest.mark.parametrize(
    ("refusal", "waited"),
    [
        ((429, "Too many", {"Retry-After": "7"}), 7),
        ((403, "You have exceeded a secondary rate limit", {"Retry-After": "9"}), 9),
        ((403, "You have exceeded a secondary rate limit", {}), 60),
        (
            (
                403,
                "API rate limit exceeded",
                {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"},
            ),
            1,
        ),
        ((503, "Busy", {}), 1),
    ],
)
def test_a_request_waits_as_long_as_github_says(
    refusal: Refusal,
    waited: float,
    github: GitHub,
    api: Api,
) -> None:
    """A limit on requests is waited for, and the request sent again."""
    github.instead[f"POST {COMMENTS}"] = [refusal]
    assert api.send("POST", COMMENTS, {"body": "one"})["body"] == "one"
    assert github.waits == [waited]
    assert len(github.comments) == 1


def test_a_limit_that_lasts_too_long_is_told(github: GitHub, api: Api) -> None:
    """An hour is longer than a job should wait for a comment."""
    github.instead[f"GET {COMMENTS}"] = [(429, "Slow down", {"Retry-After": "3600"})]
    expected = "429: too many requests (Slow down); it asks to wait 3,600 seconds, longer than this step may"
    with pytest.raises(RefusedError, match=re.escape(expected)):
        api.get(COMMENTS)
    assert github.waits == []


def test_all_waits_together_have_an_end(github: GitHub, api: Api) -> None:
    """However often a server asks to wait."""
    github.instead[f"GET {COMMENTS}"] = [(429, "Slow down", {"Retry-After": "50"})] * 9
    with pytest.raises(RefusedError, match="429: too many requests"):
        api.get(COMMENTS)
    assert sum(github.waits) <= PATIENCE
    assert github.waits == [50, 50]


def test_a_connection_that_is_cut_is_tried_again(github: GitHub, api: Api) -> None:
    """Where asking twice does no harm."""
    github.instead[f"GET {COMMENTS}"] = ["cut-before", "cut-after", "cut-within"]
    assert api.get(COMMENTS) == []
    assert github.waits == [1, 2, 4]


def test_what_may_have_been_done_is_not_sent_again(github: GitHub, api: Api) -> None:
    """A POST whose answer was lost may have been carried out."""
    github.instead[f"POST {COMMENTS}"] = ["cut-after"]
    with pytest.raises(CutError, match=f"POST {COMMENTS}: the connection failed: "):
        api.send("POST", COMMENTS, {"body": "one"})
    assert len(github.comments) == 1


def test_a_server_that_is_not_there_is_told(github: GitHub) -> None:
    """After five tries."""
    gone = Api("http://127.0.0.1:9", TOKEN, sleep=github.waits.append)
    with pytest.raises(RefusedError, match="GET /user: the connection failed: "):
        gone.get("/user")
    assert github.waits == [1, 2, 4, 8]


def test_the_token_is_not_sent_elsewhere(github: GitHub, api: Api, tmp_path: Path) -> None:
    """Neither to where an asset is stored, nor to a URL that an answer names."""
    release = github.add_release("v1.0.0", {"notes-1.0.0.zip": b"zip"})
    api.download(release["assets"][0]["url"], tmp_path / "zip", most=10)
    assert (tmp_path / "zip").read_bytes() == b"zip"
    assert [each.get("Authorization") for each in github.seen_elsewhere] == [None]
    with pytest.raises(RefusedError, match="the token is not sent there"):
        api.get(f"{github.elsewhere}/1")


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/user", "https://api.github.com/user"),
        ("https://api.github.com/a?page=2", "https://api.github.com/a?page=2"),
        ("https://uploads.github.com/a", "https://uploads.github.com/a"),
        ("http://api.github.com/a", None),
        ("https://api.github.com.a.example/a", None),
        ("https://uploads.a.example/a", None),
        ("https://api.github.com@a.example/a", None),
    ],
)
def test_a_url_of_github_is_told_from_others(path: str, url: str | None) -> None:
    """Its API, and where files are sent to."""
    if url is not None:
        assert full_url("https://api.github.com", path) == url
        return
    with pytest.raises(
        RefusedError, match=r"is not at https://api\.github\.com/: the token is not sent"
    ):
        full_url("https://api.github.com/", path)


def test_without_a_token_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said what is missing."""
    monkeypatch.setenv("GITHUB_TOKEN", "")
    with pytest.raises(RefusedError, match="there is no token: the step needs GITHUB_TOKEN"):
        Api.of_job()


def test_a_summary_has_no_more_than_github_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a longer one it would show nothing."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    for _ in range(3):
        job.add_to_summary("- é\n" * 200_000)
    assert (tmp_path / "summary.md").stat().st_size <= 1024 * 1024


def test_a_download_has_a_limit(github: GitHub, api: Api, tmp_path: Path) -> None:
    """A server cannot fill the disk."""
    release = github.add_release("v1.0.0", {"notes-1.0.0.zip": b"zip and more"})
    with pytest.raises(RefusedError, match="the answer has more than 10 bytes"):
        api.download(release["assets"][0]["url"], tmp_path / "zip", most=10)


def test_every_page_is_read(github: GitHub, api: Api) -> None:
    """A list is followed to its end."""
    github.page = 2
    for number in range(5):
        github.add_comment("somebody", str(number))
    assert [each["body"] for each in api.pages(COMMENTS)] == list("01234")


# comments


def test_there_is_one_comment_and_it_is_written_anew(github: GitHub, api: Api) -> None:
    """It is found by its mark, on whatever page it is."""
    github.page = 2
    for number in range(5):
        github.add_comment("somebody", f"{number}")
    assert put(api, "one").startswith("the comment is new")
    assert put(api, "one").startswith("the comment says so already")
    assert put(api, "two").startswith("the comment is written anew")
    assert [each["body"] for each in github.comments[5:]] == [f"{MARK}\ntwo"]
    assert not [each for each in github.asked if each.startswith("PATCH")][1:]


def test_the_comment_of_somebody_else_is_never_changed(github: GitHub, api: Api) -> None:
    """Even if it has the same mark."""
    other = github.add_comment("somebody", f"{MARK}\nmine")
    put(api, "one")
    put(api, "two")
    assert [each["body"] for each in github.comments] == [f"{MARK}\nmine", f"{MARK}\ntwo"]
    assert github.comments[0] is other


def test_a_person_changes_their_own_comment(github: GitHub, api: Api) -> None:
    """With a token of a person, who may change all comments, those of others stay, too."""
    github.login = "Maintainer"
    github.add_comment("github-actions[bot]", f"{MARK}\nof the bot")
    github.add_comment("maintainer", f"{MARK}\none")
    put(api, "two")
    assert [each["body"] for each in github.comments] == [f"{MARK}\nof the bot", f"{MARK}\ntwo"]


def test_two_datasets_have_two_comments(github: GitHub, api: Api) -> None:
    """Each is found by the path of its descriptor."""
    thread = Thread(api, "somebody/notes", 7, login(api))
    for descriptor in ("a/datapackage.yaml", "b/datapackage.yaml", "a/datapackage.yaml"):
        thread.put(mark_of(descriptor), descriptor, is_wanted=True)
    assert len(github.comments) == 2


@pytest.mark.parametrize("lost", ["cut-after", "502-after"])
def test_a_comment_whose_answer_was_lost_is_not_written_twice(
    lost: str, github: GitHub, api: Api
) -> None:
    """The connection was cut after GitHub had it, or GitHub failed after it: it is looked for first."""
    github.instead[f"POST {COMMENTS}"] = [lost]
    put(api, "one")
    assert [each["body"] for each in github.comments] == [f"{MARK}\none"]


def test_a_comment_that_never_arrived_is_written(github: GitHub, api: Api) -> None:
    """The connection was cut before GitHub had it."""
    github.instead[f"POST {COMMENTS}"] = ["cut-before", (502, "Bad gateway", {})]
    put(api, "one")
    assert [each["body"] for each in github.comments] == [f"{MARK}\none"]


def test_a_comment_that_was_removed_meanwhile_is_new(github: GitHub, api: Api) -> None:
    """Between looking for it and changing it."""
    made = github.add_comment("github-actions[bot]", f"{MARK}\none")
    path = f"PATCH /repos/somebody/notes/issues/comments/{made['id']}"
    github.instead[path] = [(404, "Not Found", {})]
    put(api, "two")
    assert [each["body"] for each in github.comments] == [f"{MARK}\ntwo"]


def test_of_two_comments_one_stays(github: GitHub, api: Api) -> None:
    """Two jobs that ran at once wrote two; the next one leaves one."""
    for text in ("one", "two"):
        github.add_comment("github-actions[bot]", f"{MARK}\n{text}")
    put(api, "three")
    assert [each["body"] for each in github.comments] == [f"{MARK}\nthree"]


def test_no_comment_says_that_nothing_changes_unless_one_is_there(github: GitHub, api: Api) -> None:
    """A pull request that changes no data is left alone; one that did is told that it no longer does."""
    put(api, "nothing", is_wanted=False)
    assert github.comments == []
    put(api, "one")
    put(api, "nothing", is_wanted=False)
    assert [each["body"] for each in github.comments] == [f"{MARK}\nnothing"]


# releases

V1 = Release("v1.0.0", "notes 1.0.0", "what changed", is_preview=False, commit="0" * 40)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files to upload."""
    for name in ("notes-1.0.0.zip", "SHA256SUMS"):
        (tmp_path / name).write_text(f"bytes of {name}")
    return [tmp_path / "notes-1.0.0.zip", tmp_path / "SHA256SUMS"]


def contents(github: GitHub) -> dict[str, bytes]:
    """The assets of the only release."""
    (release,) = github.releases
    return {each["name"]: github.contents[each["id"]] for each in release["assets"]}


def test_a_release_is_published_when_it_has_its_files(
    github: GitHub, api: Api, files: list[Path]
) -> None:
    """It is a draft until then; a second run changes nothing."""
    for _ in range(2):
        upload(api, "somebody/notes", V1, files)
    assert contents(github) == {each.name: each.read_bytes() for each in files}
    (release,) = github.releases
    assert (release["draft"], release["prerelease"]) == (False, False)
    assert (release["tag_name"], release["body"]) == ("v1.0.0", "what changed")
    last = f"PATCH /repos/somebody/notes/releases/{release['id']}"
    assert [each for each in github.asked if not each.startswith("GET")][-1] == last


@pytest.mark.parametrize("cut", ["cut-before", "cut-after"])
def test_an_upload_that_was_cut_is_completed(
    cut: str, github: GitHub, api: Api, files: list[Path]
) -> None:
    """Before or after GitHub had the file, or the release."""
    github.instead["POST /repos/somebody/notes/releases/1000/assets"] = [cut]
    github.instead["POST /repos/somebody/notes/releases"] = ["cut-after"]
    upload(api, "somebody/notes", V1, files)
    assert contents(github) == {each.name: each.read_bytes() for each in files}


def test_half_an_upload_is_replaced(github: GitHub, api: Api, files: list[Path]) -> None:
    """GitHub keeps what arrived of an upload that was cut; it is no asset."""
    release = github.add_release("v1.0.0", {}, draft=True)
    github.add_asset(release, "SHA256SUMS", b"byt", state="starter")
    upload(api, "somebody/notes", V1, files)
    assert contents(github)["SHA256SUMS"] == b"bytes of SHA256SUMS"


def test_an_asset_with_other_bytes_is_never_replaced(
    github: GitHub, api: Api, files: list[Path]
) -> None:
    """What is published stays as it is."""
    github.add_release("v1.0.0", {"notes-1.0.0.zip": b"other"})
    with pytest.raises(RefusedError) as error:
        upload(api, "somebody/notes", V1, files)
    assert str(error.value) == (
        "notes-1.0.0.zip: the release v1.0.0 has it with other bytes, which are not replaced: what is "
        "published stays; take another version"
    )
    assert contents(github) == {"notes-1.0.0.zip": b"other"}
