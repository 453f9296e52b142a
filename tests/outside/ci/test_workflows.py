"""The workflows of this repository, the template for GitLab, and the hook for pre-commit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.datasets import NOTES, write_dataset
from tests.support.jobs import IS_CI_CHECK, Job, action, needs_ci_check
from tests.support.kit import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FINE = {"notes/a.md": "---\ntitle: one\nyear: 2020\n---\n"}
WRONG = {"notes/a.md": "---\ntitle: one\nyear: soon\n---\n"}
MESSAGE = "notes/a.md:3:7: error: year-type: "


def jobs() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each job of each workflow, with its name."""
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text("utf-8"))["jobs"].items():
            yield f"{path.name}: {name}", job


def test_workflows_name_what_others_made_by_digest() -> None:
    """A tag may be moved to other code; `$/` is this repository at the commit that runs."""
    used = {step["uses"] for _, job in jobs() for step in job["steps"] if "uses" in step}
    assert used
    assert [
        each for each in used if not re.fullmatch(r"\$/[\w/-]+|[\w/-]+@[0-9a-f]{40}", each)
    ] == []
    own = [each[2:] for each in used if each.startswith("$/")]
    assert [each for each in own if not (ROOT / each / "action.yml").is_file()] == []


def test_one_digest_stands_for_one_version() -> None:
    """The comment beside a digest says which version it is, the same one everywhere."""
    paths = [*WORKFLOWS, *ROOT.glob("actions/*/action.yml"), ROOT / "docs/how-to/ci.md"]
    lines = [
        line for path in paths if path.exists() for line in path.read_text("utf-8").split("\n")
    ]
    found = [re.search(r"uses: ([\w/-]+)@([0-9a-f]{40})(?: # (v[\d.]+))?$", line) for line in lines]
    named = {each.groups() for each in found if each}
    assert len({name for name, *_ in named}) == len(named), named
    assert all(version for *_, version in named), named


def test_a_job_has_no_more_rights_than_it_names() -> None:
    """And ends by itself, and leaves no token in its checkout."""
    for path in WORKFLOWS:
        assert yaml.safe_load(path.read_text("utf-8"))["permissions"] == {}, path.name
    for name, job in jobs():
        assert "timeout-minutes" in job, name
        assert "permissions" in job, name
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, name


def test_a_script_of_a_workflow_is_a_target() -> None:
    """Whatever a workflow or `.ci/run` runs can be run here."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, re.M))
    for name, job in jobs():
        chosen = job.get("strategy", {}).get("matrix", {}).get("target", [])
        for step in job["steps"]:
            if step.get("run", "exit 1") != "exit 1":
                found = re.fullmatch(r'make ([a-z-]+|"\$TARGET")', step["run"])
                assert found, (name, step["run"])
                assert set(chosen if "TARGET" in found[1] else [found[1]]) <= targets, name
    (listed,) = re.findall(r"^for target in (.+); do$", (ROOT / ".ci/run").read_text("utf-8"), re.M)
    assert set(listed.split()) <= targets


# the page


def in_docs() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the files that the page shows, by name."""
    page = (ROOT / "docs/how-to/ci.md").read_text("utf-8")
    for name, text in re.findall(r"^```yaml file=(\S+)\n(.*?)^```$", page, re.M | re.S):
        yield name, yaml.safe_load(text)


def test_the_page_uses_what_is_there() -> None:
    """Each action and workflow of ours that it names, with inputs that it has, all that are required."""
    seen = set()
    for _, value in in_docs():
        for job in value.get("jobs", {}).values():
            for used in [job, *job.get("steps", [])]:
                if not (found := re.fullmatch(r"OWNER/release/(.+)@v[\d.]+", used.get("uses", ""))):
                    continue
                path = ROOT / found[1]
                is_action = path.is_dir()
                read = yaml.safe_load(
                    (path / "action.yml" if is_action else path).read_text("utf-8")
                )
                # `on` is true in YAML 1.1
                inputs = read["inputs"] if is_action else read[True]["workflow_call"]["inputs"]
                given = used.get("with", {})
                assert given.keys() <= inputs.keys()
                assert {each for each in inputs if inputs[each].get("required")} <= given.keys()
                seen.add(path.relative_to(ROOT).as_posix())
    actions = {f"actions/{name}" for name in ("check", "pull-request", "release", "verify")}
    assert seen == actions | {".github/workflows/dataset.yml"}


def test_the_page_tells_of_every_input() -> None:
    """In the section of its action, in the first column of its table."""
    page = (ROOT / "docs/how-to/ci.md").read_text("utf-8")
    for section in re.split(r"^## ", page, flags=re.M):
        used = re.search(r"OWNER/release/(actions/[\w-]+)@", section)
        cells = re.findall(r"^\| (`.*?) \|", section, re.M)
        if used and cells:
            action_of = yaml.safe_load((ROOT / used[1] / "action.yml").read_text("utf-8"))
            told = {name for cell in cells for name in re.findall(r"`([\w-]+)`", cell)}
            assert told == set(action_of["inputs"]), used[1]


def test_the_page_shows_the_hook_and_the_template() -> None:
    """By the names that they have."""
    shown = dict(in_docs())
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (repository,) = shown[".pre-commit-config.yaml"]["repos"]
    assert [each["id"] for each in repository["hooks"]] == [each["id"] for each in hooks]
    (included,) = shown[".gitlab-ci.yml"]["include"]
    template = yaml.safe_load((ROOT / included["file"]).read_text("utf-8"))
    assert shown[".gitlab-ci.yml"]["variables"].keys() <= template["variables"].keys()


# GitLab


def gitlab(job: str, workspace: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a job of the template, as a runner does: its lines in one shell that ends at the first failure."""
    template = yaml.safe_load((ROOT / "ci/gitlab.yml").read_text("utf-8"))
    own, base = template[job], template[template[job]["extends"]]
    lines = [*(base["before_script"] if IS_CI_CHECK else []), *own["script"]]
    given = {**template["variables"], **base["variables"], **variables}
    env = {name: text.replace("$CI_PROJECT_DIR", str(workspace)) for name, text in given.items()}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env |= {"PATH": path, "HOME": str(workspace), "LANG": "C.UTF-8", "GITLAB_CI": "true"}
    return subprocess.run(
        ["sh", "-e", "-c", "\n".join(lines)],
        cwd=workspace,
        env={**env, "RELEASE_PACKAGE": "pip"},  # which is there: this is about the other lines
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("files", "code"), [(FINE, 0), (WRONG, 1)])
def test_gitlab_shows_findings_as_tests(files: dict[str, str], code: int, tmp_path: Path) -> None:
    """In the log, and as JUnit that the merge request shows."""
    write_dataset(tmp_path, NOTES, files)
    done = gitlab("release-check", tmp_path)
    assert done.returncode == code, done.stderr
    assert (MESSAGE in done.stdout) == bool(code)
    assert ("<failure" in (tmp_path / "release-junit.xml").read_text("utf-8")) == bool(code)


@needs_ci_check
def test_gitlab_publishes_pages(tmp_path: Path) -> None:
    """With the releases that the repository keeps, and the new one, verified."""
    write_dataset(tmp_path, NOTES, FINE)
    done = gitlab("pages", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "public/0.1.0/datapackage.json").is_file()
    assert done.stdout.endswith("verifies\n")


# from the network


@needs_ci_check
def test_the_actions_install_what_the_lock_says(tmp_path: Path) -> None:
    """In an environment of their own, once for a job; a folder named as a module is not imported."""
    write_dataset(
        tmp_path / "workspace", NOTES, {**FINE, "release/__init__.py": "raise SystemExit(9)"}
    )
    job = Job(tmp_path, given={"setup": {"python-path": sys.executable}})
    for _ in range(2):
        job.run(action("check"))
        assert not job.has_failed, job.log
    python = Path(job.steps["install"]["outputs"]["python"])
    assert python.is_relative_to(job.temp)
    assert job.log.count("::endgroup::") == 2


@needs_ci_check
def test_pre_commit_runs_the_hook(tmp_path: Path) -> None:
    """From a clean clone, with the newest versions of all that it needs; it fails where check does."""
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b.example")
    subprocess.run(["git", "clone", "--quiet", ROOT, tmp_path / "clone"], check=True)
    for files, code in ((FINE, 0), (WRONG, 1)):
        dataset = write_dataset(tmp_path / f"dataset-{code}", NOTES, files)
        subprocess.run([*git, "init", "--quiet"], cwd=dataset, check=True)
        subprocess.run([*git, "add", "."], cwd=dataset, check=True)
        done = subprocess.run(
            [ROOT / ".workflows/bin/pre-commit", "try-repo", tmp_path / "clone", "release-check"],
            cwd=dataset,
            env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home"), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert (MESSAGE in done.stdout) == bool(code), done.stdout
