"""The actions, their steps run as a runner runs them, with hostile records, events and names."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.github.last_store import unpack
from tests.support import kit
from tests.support.datasets import NOTES, write_dataset
from tests.support.github_api import NO_RIGHTS, GitHub, Refusal, serving
from tests.support.jobs import Job, action, is_met, needs_ci_check, obeyed
from tests.support.kit import ROOT

#: What a shell, a runner, or Markdown would obey.
HOSTILE = [
    "::error file=a.md::pwned",
    "##[error]pwned",
    "::set-output name=level::pwned",
    "$(touch pwned) `touch pwned` ; touch pwned",
    "${{ github.token }}",
    "@everyone #1 GH-1 https://github.com/a/b/issues/1",
    "</details><script>alert(1)</script><!-- ![](https://a.b/c.png)",
    "[link](https://a.b) | cell | **bold**",
    "`@everyone` ``` @everyone",
]


#: What the actions say to a runner.
OURS = {"group", "endgroup", "notice", "warning", "error", "add-mask"}


def note(title: str, year: object = 2020) -> str:
    """Return a record."""
    return f"---\ntitle: {json.dumps(title)}\nyear: {year}\n---\n"


@pytest.fixture
def github() -> Iterator[GitHub]:
    """A server that answers as GitHub does."""
    with serving(GitHub()) as server:
        yield server


@pytest.fixture
def job(tmp_path: Path, github: GitHub) -> Job:
    """A job of a pull request whose branch and title are hostile."""
    event = {
        "repository": {"full_name": "somebody/notes"},
        "pull_request": {
            "number": 7,
            "title": HOSTILE[3],
            "head": {"ref": "a$(touch${IFS}pwned)", "repo": {"full_name": "somebody/notes"}},
        },
    }
    env = {"GITHUB_API_URL": github.url, "GITHUB_HEAD_REF": "a$(touch${IFS}pwned)"}
    made = Job(tmp_path, event, "pull_request", env)
    made.workspace.mkdir()
    return made


def assert_nothing_obeyed(job: Job) -> None:
    """Nothing that a record, a name or an event says was obeyed."""
    assert not list(job.folder.rglob("pwned*"))
    assert {each.name for each in job.commands} <= OURS
    assert not [each for each in job.commands if each.text.strip() == "pwned"]


def quoted() -> str:
    """The report that the page shows."""
    page = (ROOT / "docs/how-to/ci.md").read_text("utf-8")
    return "\n".join(re.findall("^> ?(.*)$", page, re.M))


def assert_calm(markdown: str) -> None:
    """Nobody is called, no issue is told, nothing is a picture or a link."""
    text = re.sub(r"^(`{3,})text\n.*?^\1$", "", markdown, flags=re.M | re.S)
    assert not re.search(r"@\w|#\d|GH-\d|https?://(?!github.example)|(?<!\\)<script|!\[", text)


def report(github: GitHub) -> str:
    """Return the only comment of the job, without its mark."""
    (comment,) = github.comments
    mark, _, text = comment["body"].partition("\n")
    assert re.fullmatch("<!-- records-release [0-9a-f]{16} -->", mark)
    return str(text)


# check


def test_check_shows_hostile_records_and_obeys_none(job: Job) -> None:
    """A title and a file name that a log or a shell would obey are text."""
    files = {f"notes/{at}.md": note(text, json.dumps(text)) for at, text in enumerate(HOSTILE)}
    files["notes/::error::pwned.md"] = note("a", "$(touch pwned)")
    files["notes/a\n::error::pwned.md"] = note("a", "##[error]pwned")
    write_dataset(job.workspace, NOTES, files)
    sent: list[dict[str, Any]] = []
    job.used["codeql-action/upload-sarif"] = lambda given: sent.append(
        json.loads(Path(given["sarif_file"]).read_text("utf-8"))
    )
    job.run(action("check"), args="--all", sarif="true")
    assert job.has_failed
    assert "touch pwned" in job.log
    ((run,),) = (each["runs"] for each in sent)
    assert run["automationDetails"] == {"id": "release-check/datapackage.yaml/"}
    assert {each["level"] for each in run["results"]} == {"error"}
    assert_nothing_obeyed(job)


def test_check_hands_on_its_arguments(job: Job) -> None:
    """They are split at blanks and line ends, and no more: `*` is no file name."""
    write_dataset(job.workspace, NOTES, {"notes/a.md": note("one")})
    job.run(action("check"), args="--severity\n unmapped-path=warning  *")
    assert job.has_failed
    assert "'*' is one argument too many" in job.log


def test_check_holds_the_version(job: Job) -> None:
    """Another version than the one that is named fails, whatever that one is called."""
    job.run(action("check"), version="0.0.1\n::warning::pwned")
    assert job.has_failed
    assert [each.rpartition(" ")[2] for each in job.annotations("error")] == [
        "0.0.1???warning??pwned"
    ]
    assert_nothing_obeyed(job)


def test_the_action_of_the_root_is_check() -> None:
    """A workflow may name the repository alone."""
    root = (ROOT / "action.yml").read_text("utf-8")
    check = (ROOT / "actions/check/action.yml").read_text("utf-8")
    assert root.replace("github.action_path }}", "github.action_path }}/../..") == check


# pull request


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The zip of the last release: two notes."""
    folder = tmp_path_factory.mktemp("released")
    write_dataset(folder, NOTES, {"notes/a.md": note("one"), "notes/b.md": note("two")})
    return (kit.build(folder, folder / "dist") / "notes-0.1.0.zip").read_bytes()


def test_a_pull_request_is_told_which_cells_change(
    job: Job, github: GitHub, released: bytes
) -> None:
    """Built, compared with the last release on GitHub, reported in a comment and in the summary."""
    github.add_release("v0.1.0", {"notes-0.1.0.zip": released, "SHA256SUMS": b""})
    files = {f"notes/{at}.md": note(text) for at, text in enumerate(HOSTILE[1:5])}
    more = {"notes/a.md": note(HOSTILE[5], 2021), "notes/b.md": note(HOSTILE[6])}
    write_dataset(job.workspace, NOTES, {**files, **more})
    job.run(action("pull-request"))
    assert not job.has_failed, job.log
    assert job.outputs == {"level": "minor", "next-version": "0.1.1"}
    text = report(github)
    assert quoted() in text
    assert text.startswith(
        "### notes: a minor change, for version 0.1.1\n\n| | |\n|---|---|\n"
        "| rows | 4 added, 0 removed, 2 changed |\n| last release | 0.1.0 |\n"
        "| version that this calls for | **0.1.1** |\n"
        "| version of this branch | 0.1.0: run `release bump` before the release, which writes into "
        "`datapackage.yaml` |\n"
    )
    assert "- changed **a**: title: “one” → “@<!-- -->everyone" in text
    assert "year: “2020” → “2021”" in text
    assert job.summary.strip() == text.strip()
    assert_nothing_obeyed(job)
    assert_calm(text)


def test_a_branch_with_an_error_is_told_what_is_wrong(job: Job, github: GitHub) -> None:
    """It makes no release, and nothing is compared; the job fails."""
    files = {f"notes/{at}.md": note("a", json.dumps(text)) for at, text in enumerate(HOSTILE)}
    write_dataset(job.workspace, NOTES, files)
    job.run(action("pull-request"))
    assert job.has_failed
    text = report(github)
    assert text.startswith(
        "### This branch makes no release: 9 errors\n\n````text\nnotes/0.md:3:7: "
    )
    assert "GET /repos/somebody/notes/releases/latest" not in github.asked
    assert_nothing_obeyed(job)
    assert_calm(text)


# the report alone: the steps before it have left their files


@pytest.fixture
def compared(job: Job) -> Job:
    """A job whose branch was built and compared: of a year."""
    work = job.folder / "work"
    work.mkdir()
    build = {
        "version": "0.1.1",
        "errors": 0,
        "tables": {"notes": 2},
        "findings": [],
        "release": "x",
    }
    difference: dict[str, Any] = {"name": "notes", "version": "0.1.1", "from": "0.1.0"}
    difference |= {"level": "patch", "next": "0.1.1", "rows": {"added": 0, "changed": 1}}
    (work / "build.json").write_text(json.dumps(build))
    (work / "diff.json").write_text(json.dumps(difference))
    (work / "diff.md").write_text("## notes: 0.1.0 to 0.1.1\n\n- changed **a**: year: “1” → “2”\n")
    job.given["build"] = {"work": str(work), "code": "0"}
    job.given["last"] = {"old": "x"}
    job.given["compare"] = {"code": "0"}
    return job


FORK = {"repo": {"full_name": "stranger/notes"}}
DENIED = "POST {}: 403: the token may not do this (Resource not accessible by integration)"
SUMMARY = "The report is in the summary of the job."


@pytest.mark.parametrize(
    ("refusal", "head", "expected"),
    [
        (
            NO_RIGHTS,
            FORK,
            f"No comment: jobs of a pull request from a fork may not write one. {DENIED}.",
        ),
        (
            NO_RIGHTS,
            {"repo": {"full_name": "somebody/notes"}},
            f"No comment: {DENIED}. The job needs `permissions: pull-requests: write`.",
        ),
        (
            (404, "Not Found", {}),
            FORK,
            "No comment: POST {}: 404: there is no such thing, or the token may not see it (Not Found).",
        ),
        (
            (422, "Validation Failed", {}),
            {"repo": None},
            "No comment: POST {}: 422: GitHub does not take what was sent (Validation Failed).",
        ),
    ],
)
def test_where_no_comment_can_be_the_summary_has_it(
    refusal: Refusal, head: Any, expected: str, compared: Job, github: GitHub
) -> None:
    """The job says why, and does not fail for it."""
    path = "/repos/somebody/notes/issues/7/comments"
    github.instead[f"POST {path}"] = [refusal]
    event = {**compared.event["pull_request"], "head": head}
    compared.event = {**compared.event, "pull_request": event}
    compared.run(action("pull-request"))
    assert not compared.has_failed, compared.log
    assert compared.annotations("warning") == [f"{expected.format(path)} {SUMMARY}"]
    assert compared.summary.startswith("### notes: a patch change, for version 0.1.1")
    assert github.comments == []


def test_a_limit_is_waited_for_and_a_cut_is_looked_into(compared: Job, github: GitHub) -> None:
    """With the seconds that GitHub names; and no comment is written twice."""
    path = "/repos/somebody/notes/issues/7/comments"
    github.instead[f"GET {path}"] = [(429, "Slow down", {"Retry-After": "0"})]
    github.instead[f"POST {path}"] = [(503, "Busy", {"Retry-After": "0"}), "cut-after"]
    compared.run(action("pull-request"))
    assert compared.annotations("warning") == []
    assert report(github).startswith("### notes: a patch change")


def test_what_is_no_pull_request_has_a_summary(compared: Job, github: GitHub) -> None:
    """Such as a push, or a run by hand."""
    compared.event = {"repository": {"full_name": "somebody/notes"}}
    compared.run(action("pull-request"))
    assert compared.annotations("notice") == [
        "This is no pull request: the report is in the summary of the job."
    ]
    assert github.asked == []


def test_a_comment_is_cut_to_what_github_takes(compared: Job, github: GitHub) -> None:
    """At a line end, with a link to the summary, which has all of it."""
    work = Path(compared.given["build"]["work"])
    lines = [f"- changed **{at}**: title: “{'💩' * 20}”" for at in range(3000)]
    (work / "diff.md").write_text("## notes\n\n" + "\n".join(lines), "utf-8")
    compared.run(action("pull-request"))
    text = github.comments[0]["body"]
    assert 65_000 < len(text.encode("utf-16-le")) // 2 <= 65_536
    *_, last, empty, rest = text.split("\n")
    assert (last in lines, empty) == (True, "")
    address = "https://github.example/somebody/notes/actions/runs/42"
    assert rest == f"… The rest is in the summary of [this run]({address})."
    assert lines[-1] in compared.summary


# what all have


@pytest.mark.parametrize(
    "path",
    sorted(
        path.relative_to(ROOT).as_posix()
        for path in [ROOT / "action.yml", *(ROOT / "actions").glob("*/action.yml")]
    ),
)
def test_an_action_names_what_it_uses_by_digest(path: str) -> None:
    """A tag may be moved; and no script has an expression in it."""
    for step in yaml.safe_load((ROOT / path).read_text("utf-8"))["runs"]["steps"]:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step.get("uses", "a@" + "0" * 40)), step
        assert "${{" not in step.get("run", "")


# release


@pytest.fixture
def remote(job: Job) -> Path:
    """The repository of the job on GitHub, which it may push to."""
    path = job.folder / "remote/somebody/notes.git"
    git("init", "--quiet", "--bare", path)
    job.env = {**job.env, "GITHUB_SERVER_URL": f"file://{job.folder}/remote"}
    return path


def git(*arguments: str | Path) -> str:
    """Run git, and return what it prints."""
    command = ["git", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def names(remote: Path, branch: str) -> list[str]:
    """The files of a branch and the folders at its top."""
    return git("-C", remote, "ls-tree", "--name-only", branch).split()


@needs_ci_check
def test_a_release_is_attested_uploaded_and_published(
    job: Job, github: GitHub, remote: Path
) -> None:
    """The first of a dataset: the branch and the release on GitHub are made."""
    attested: list[str] = []
    job.used["attest-build-provenance"] = lambda given: attested.append(given["subject-path"])
    job.event, job.event_name = {"repository": {"full_name": "somebody/notes"}}, "push"
    job.env = {**job.env, "GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v0.1.0"}
    write_dataset(job.workspace, NOTES, {"notes/a.md": note(HOSTILE[3]), "notes/b.md": note("b")})
    job.run(action("release"), branch="gh-pages", folder="data")
    assert not job.has_failed, job.log
    path = Path(job.outputs["path"])
    assert (job.outputs["version"], path.name) == ("0.1.0", "0.1.0")
    zip_file, sums = path / "notes-0.1.0.zip", path / "SHA256SUMS"
    assert attested == [f"{zip_file}\n{sums}\n"]
    (release,) = github.releases
    assert (release["tag_name"], release["name"], release["draft"]) == (
        "v0.1.0",
        "notes 0.1.0",
        False,
    )
    assert {each["name"]: github.contents[each["id"]] for each in release["assets"]} == {
        each.name: each.read_bytes() for each in (zip_file, sums)
    }
    assert names(remote, "gh-pages") == [".nojekyll", "data"]
    assert {"0.1.0", "versions.json"} < set(names(remote, "gh-pages:data"))
    assert git("-C", remote, "log", "--format=%s", "gh-pages") == "notes 0.1.0\n"
    assert_nothing_obeyed(job)


@needs_ci_check
def test_the_next_release_is_compared_and_added(job: Job, github: GitHub, remote: Path) -> None:
    """With the one that the branch has; what was published before stays. Run again, nothing changes."""
    job.event, job.event_name = {"repository": {"full_name": "somebody/notes"}}, "workflow_dispatch"
    write_dataset(job.workspace, NOTES, {"notes/a.md": note("a"), "notes/b.md": note("b")})
    job.run(action("release"), branch="gh-pages")
    first = kit.tree(Path(job.outputs["path"]))
    kit.edit(job.workspace / "datapackage.yaml", "0.1.0", "0.1.1")
    kit.edit(job.workspace / "notes/a.md", "2020", "2021")
    for _ in range(2):
        job.run(action("release"), branch="gh-pages")
        assert not job.has_failed, job.log
        assert job.outputs["version"] == "0.1.1"
    assert "notes-0.1.1.zip is there" in job.log
    assert "the branch has it already" in job.log
    assert kit.tree(Path(job.outputs["store"]) / "0.1.0") == first
    assert [each["tag_name"] for each in github.releases] == ["v0.1.0", "v0.1.1"]
    assert "cells changed: year 1" in github.releases[1]["body"]
    assert git("-C", remote, "log", "--format=%s", "gh-pages").split("\n")[:2] == [
        "notes 0.1.1",
        "notes 0.1.0",
    ]


@needs_ci_check
def test_a_branch_that_another_job_wrote_to_is_not_overwritten(job: Job, remote: Path) -> None:
    """The push is refused, and what to do is said."""
    job.event = {"repository": {"full_name": "somebody/notes"}}
    write_dataset(job.workspace, NOTES, {"notes/a.md": note("a")})
    job.skipped = {"Publish in the branch"}
    job.run(action("release"), branch="gh-pages", upload="false")
    other = job.folder / "other"
    git("clone", "--quiet", remote, other)
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    git("-C", other, *identity, "commit", "--quiet", "--allow-empty", "-m", "first")
    git("-C", other, "push", "--quiet", "origin", "HEAD:refs/heads/gh-pages")
    job.given |= {name: job.steps[name]["outputs"] for name in ("store", "names")}
    job.skipped = {"Build", "Verify"}
    job.run(action("release"), branch="gh-pages", upload="false")
    assert job.has_failed
    (message,) = job.annotations("error")
    assert message == (
        "The branch cannot be pushed. If another job has written to it, run this one again; the job needs "
        "`permissions: contents: write`."
    )
    assert git("-C", remote, "log", "--format=%s", "gh-pages") == "first\n"


@needs_ci_check
@pytest.mark.parametrize(
    ("identity", "has_failed"), [("a@b.example", False), ("c@d.example", True)]
)
def test_whom_a_release_must_be_signed_by_is_held(
    identity: str, has_failed: bool, job: Job, released: bytes
) -> None:
    """Of those in the file of signers, the one who is named."""
    folder = job.workspace / "0.1.0"
    folder.mkdir()
    with zipfile.ZipFile(io.BytesIO(released)) as members:
        members.extractall(folder)
    key = job.folder / "key"
    keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)]
    subprocess.run(keygen, check=True)
    assert kit.run("sign", str(folder), "--key", str(key))[0] == 0
    public = key.with_suffix(".pub").read_text().rsplit(" ", 1)[0]
    (job.workspace / "signers").write_text(f"a@b.example {public}\n")
    job.run(action("verify"), release="0.1.0", allowed_signers="signers", identity=identity)
    assert job.has_failed == has_failed, job.log
    assert job.annotations("notice") == []


@pytest.fixture
def to_name(job: Job) -> Job:
    """A job that has built version 0.1.0, of which nothing but the tag is to be held."""
    folder = job.folder / "work/store/0.1.0"
    folder.mkdir(parents=True)
    (folder / "notes-0.1.0.zip").touch()
    (folder / "SHA256SUMS").touch()
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n## 0.1.0\n\nThe first.\n")
    built = {"version": "0.1.0", "release": str(folder)}
    (job.folder / "work/build.json").write_text(json.dumps(built))
    job.given["store"] = {"work": str(job.folder / "work"), "store": str(folder.parent)}
    job.skipped = {"Build", "Verify", "Upload"}
    return job


@pytest.mark.parametrize("tag", ["v0.2.0", "0.1.0", "v0.1.0\n::error::pwned", "$(touch pwned)"])
def test_a_tag_of_another_version_makes_no_release(tag: str, to_name: Job) -> None:
    """A tag says which version it is of; a hostile one is no command."""
    to_name.env = {**to_name.env, "GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": tag}
    to_name.run(action("release"))
    assert to_name.has_failed
    (message,) = to_name.annotations("error")
    assert message == (
        f"The tag is {tag!r}, expected 'v0.1.0': the descriptor has version 0.1.0. Set its version with "
        "`release bump`, or tag the commit that has it."
    )
    assert_nothing_obeyed(to_name)


def test_a_release_by_hand_makes_its_tag(to_name: Job) -> None:
    """Of the version that the descriptor has, on a branch of any name."""
    to_name.env = {**to_name.env, "GITHUB_REF_TYPE": "branch", "GITHUB_REF_NAME": HOSTILE[3]}
    to_name.run(action("release"), tag_prefix="data-")
    named = to_name.steps["names"]["outputs"]
    assert (named["tag"], named["title"]) == ("data-0.1.0", "notes 0.1.0")
    assert Path(named["notes"]).read_text() == "The first."


@pytest.mark.parametrize("prefix", ["v", "data-", "survey-v"])
@pytest.mark.parametrize(("version", "is_preview"), [("0.1.0", False), ("0.2.0-dev", True)])
def test_the_release_of_a_draft_is_a_prerelease_and_no_other(
    prefix: str, version: str, is_preview: bool, to_name: Job, github: GitHub
) -> None:
    """Whatever stands before the version in a tag: what is called one is never the last release."""
    folder = to_name.folder / "work/store/0.1.0"
    (folder / "notes-0.1.0.zip").rename(folder / f"notes-{version}.zip")
    built = {"version": version, "release": str(folder)}
    (to_name.folder / "work/build.json").write_text(json.dumps(built))
    to_name.skipped -= {"Upload"}
    to_name.run(action("release"), tag_prefix=prefix)
    assert not to_name.has_failed, to_name.log
    (release,) = github.releases
    assert (release["tag_name"], release["prerelease"]) == (f"{prefix}{version}", is_preview)


def test_the_last_release_on_github_is_a_store(tmp_path: Path, released: bytes) -> None:
    """So that the next one is compared with it."""
    (tmp_path / "notes-0.1.0.zip").write_bytes(released)
    folder = unpack(tmp_path / "notes-0.1.0.zip", tmp_path / "store")
    code, printed, _ = kit.run("reindex", str(tmp_path / "store"))
    assert (code, folder.name) == (0, "0.1.0")
    assert printed.endswith("holds 1 version; the latest version is 0.1.0\n")
    code, *_ = kit.run("list", str(tmp_path / "store"))
    assert code == 0


# verify


def test_a_release_of_others_is_verified(job: Job, released: bytes) -> None:
    """By a path here; nobody vouches for it, which is said."""
    (job.workspace / "notes.zip").write_bytes(released)
    job.run(action("verify"), release="notes.zip")
    assert not job.has_failed, job.log
    (message,) = job.annotations("notice")
    assert message == (
        "The release is held against its own claims only. Who it comes from is not known: that needs "
        "allowed-signers or attested-by."
    )


@needs_ci_check
@pytest.mark.parametrize("is_changed", [False, True])
def test_a_release_behind_a_url_is_verified(
    is_changed: bool, job: Job, github: GitHub, released: bytes
) -> None:
    """One that was changed on its way is not right, and its fault is shown at the job."""
    content = released.replace(b"two", b"TWO") if is_changed else released
    number = github.add_release("v0.1.0", {"notes-0.1.0.zip": content})["assets"][0]["id"]
    job.run(
        action("verify"), release=f"{github.elsewhere}/{number}/notes-0.1.0.zip", rebuild="true"
    )
    assert job.has_failed == is_changed, job.log
    assert bool(job.annotations("error")) == is_changed


@pytest.mark.parametrize("code", [0, 1])
def test_what_github_must_have_attested_is_asked_of_gh(
    code: int, job: Job, github: GitHub, released: bytes
) -> None:
    """The zip is fetched once: what `gh` says of it is said of what is verified."""
    (job.folder / "bin").mkdir()
    gh = job.folder / "bin/gh"
    gh.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" "$GH_TOKEN" > "{job.folder}/asked"\nexit {code}\n'
    )
    gh.chmod(0o755)
    job.env = {**job.env, "PATH": f"{gh.parent}:{os.environ['PATH']}"}
    number = github.add_release("v0.1.0", {"notes-0.1.0.zip": released})["assets"][0]["id"]
    job.skipped = {"Verify the release"}
    url = f"{github.elsewhere}/{number}/notes.zip"
    job.run(action("verify"), release=url, attested_by="a/b", signer_workflow="a/b/c.yml")
    path = job.outputs["path"]
    assert Path(path).read_bytes() == released
    asked = ["attestation", "verify", path, "--repo", "a/b", "--signer-workflow", "a/b/c.yml"]
    assert (job.folder / "asked").read_text().split() == [*asked, "token-of-the-job"]
    assert job.has_failed == bool(code)


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("https://a.example/data", "GitHub attests the zip of a release: expected a path or a URL"),
        ("a\n::error::pwned", "The release is not one line of text."),
    ],
)
def test_what_cannot_be_attested_is_told(release: str, expected: str, job: Job) -> None:
    """Before anything is fetched."""
    job.run(action("verify"), release=release, attested_by="a/b")
    assert job.has_failed
    assert [each[: len(expected)] for each in job.annotations("error")] == [expected]


# the runner itself


@pytest.mark.parametrize(
    "line",
    ["::error::a", "  ::error file=x::a", "text ##[error]a", "text\r::error::a", "##[error]a"],
)
def test_the_runner_obeys_what_a_runner_obeys(line: str) -> None:
    """At the beginning of a line, or anywhere with `##[`; a lone return ends a line, too."""
    assert [(each.name, each.text) for each in obeyed(f"one\n{line}\ntwo")] == [("error", "a")]


@pytest.mark.parametrize("line", ["text ::error::a", "::nothing::a", "\\u003a:error::a", "::error"])
def test_the_runner_obeys_nothing_else(line: str) -> None:
    """Text that only looks like a command."""
    assert list(obeyed(line)) == []


def test_the_runner_obeys_nothing_until_the_token() -> None:
    """Between `stop-commands` and the token that it names."""
    printed = "::stop-commands::t\n::error::a\n::t::\n::error::b\n"
    assert [each.text for each in obeyed(printed)] == ["t", "b"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", (True, False)),
        ("always()", (True, True)),
        ("failure()", (False, True)),
        ("inputs.a == 'x' && !failure()", (True, False)),
        ("inputs.a != 'x' || always() && inputs.none == ''", (True, True)),
        ("${{ steps.b.outputs.c-d == 'it''s' }}", (True, False)),
    ],
)
def test_the_runner_reads_conditions(condition: str, expected: tuple[bool, bool]) -> None:
    """Before and after a step that failed."""
    contexts = {"inputs": {"a": "x"}, "steps": {"b": {"outputs": {"c-d": "it's"}}}}
    found = tuple(is_met(condition, contexts, has_failed=failed) for failed in (False, True))
    assert found == expected
