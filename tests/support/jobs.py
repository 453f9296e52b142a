"""A job of GitHub Actions, as its runner does it: the steps of a composite action, read from its YAML.

The runner's own rules, from https://github.com/actions/runner: what a line of output must be to be obeyed
(`ActionCommand`), what `if` and `${{ }}` mean, and which files a step writes its outputs to.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.kit import ROOT

#: What a runner obeys.
COMMANDS = frozenset(
    "set-env set-output save-state add-path add-mask add-matcher remove-matcher debug notice warning error "
    "group endgroup echo stop-commands internal-set-repo-path".split()
)

#: Whether what takes long, or needs the network, is done, too: `make ci-check`.
IS_CI_CHECK = os.environ.get("RELEASE_CI") == "all"
needs_ci_check = pytest.mark.skipif(not IS_CI_CHECK, reason="make ci-check does it: it takes long")

Outputs = Mapping[str, str]


@dataclass(frozen=True)
class Command:
    """A line of output that a runner obeys: `::error file=a.md::message`."""

    name: str
    properties: Mapping[str, str]
    text: str


@dataclass
class Job:
    """A job on a runner that was just started.

    Attributes:
        folder: Where everything of the job is.
        event: What began the workflow.
        event_name: Its name.
        env: Variables of the runner other than those below, such as GITHUB_REF_NAME.
        given: Outputs of steps that are not run, by the id of the step.
        skipped: Names of steps that are not run.
        used: What an action by others does, by its name without owner and digest: a function of its `with`.
    """

    folder: Path
    event: Mapping[str, Any] = field(default_factory=dict)
    event_name: str = "push"
    env: Mapping[str, str] = field(default_factory=dict)
    given: dict[str, Outputs] = field(
        default_factory=lambda: {"install": {"python": sys.executable}}
    )
    skipped: set[str] = field(default_factory=set)
    used: dict[str, Callable[[Mapping[str, str]], Outputs | None]] = field(default_factory=dict)
    # what comes of it
    steps: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    commands: list[Command] = field(default_factory=list)
    log: str = ""
    ran: list[str] = field(default_factory=list)
    has_failed: bool = False
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        """The folder of the caller's checkout."""
        return self.folder / "workspace"

    @property
    def temp(self) -> Path:
        """RUNNER_TEMP."""
        return self.folder / "temp"

    @property
    def summary(self) -> str:
        """What the steps wrote for the page of the job."""
        path = self.folder / "summary.md"
        return path.read_text("utf-8") if path.exists() else ""

    def annotations(self, kind: str) -> list[str]:
        """The messages of one kind that are shown at the job."""
        return [each.text for each in self.commands if each.name == kind]

    def run(self, action: Path, **inputs: str) -> Job:
        """Run the steps of an action with inputs, whose names have `_` for `-`."""
        definition = yaml.safe_load((action / "action.yml").read_text("utf-8"))
        declared = definition.get("inputs", {})
        given = {name.replace("_", "-"): text for name, text in inputs.items()}
        assert given.keys() <= declared.keys(), given.keys() - declared.keys()
        for folder in (self.workspace, self.temp, self.folder / "home"):
            folder.mkdir(exist_ok=True)
        contexts: dict[str, Any] = {
            "github": {"action_path": str(action), "token": "token-of-the-job"},
            "runner": {"temp": str(self.temp), "os": "Linux"},
            "steps": self.steps,
        }
        defaults = {
            name: evaluated(str(each.get("default", "")), contexts)
            for name, each in declared.items()
        }
        contexts["inputs"] = {**defaults, **given}
        for step in definition["runs"]["steps"]:
            self._step(step, contexts)
        self.outputs = {
            name: evaluated(each["value"], contexts)
            for name, each in definition.get("outputs", {}).items()
        }
        return self

    def _step(self, step: Mapping[str, Any], contexts: Mapping[str, Any]) -> None:
        if not is_met(str(step.get("if", "")), contexts, has_failed=self.has_failed):
            return
        name = step.get("name") or step["uses"]
        if name in self.skipped:
            return
        self.ran.append(name)
        outputs = self.steps.setdefault(step.get("id", name), {"outputs": {}})["outputs"]
        if step.get("id") in self.given:
            outputs |= self.given[step["id"]]
        elif "uses" in step:
            given = {
                key: evaluated(str(each), contexts) for key, each in step.get("with", {}).items()
            }
            action = step["uses"].partition("@")[0].partition("/")[2]
            outputs |= self.used[action](given) or {} if action in self.used else {}
        else:
            self._bash(step, contexts, outputs)

    def _bash(
        self, step: Mapping[str, Any], contexts: Mapping[str, Any], outputs: dict[str, str]
    ) -> None:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"], (
            "what a caller gives is put into variables, never into a script"
        )
        script, written = self.folder / "step.sh", self.folder / "output"
        script.write_text(step["run"], "utf-8")
        written.write_text("")
        (self.folder / "event.json").write_text(json.dumps(self.event), "utf-8")
        env = self._environment() | {
            name: evaluated(str(text), contexts) for name, text in step.get("env", {}).items()
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        done = subprocess.run(
            command, cwd=self.workspace, env=env, capture_output=True, check=False, timeout=600
        )
        printed = done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace")
        self.log += f"== {step.get('name')}: {done.returncode}\n{printed}"
        self.commands += list(obeyed(printed))
        outputs |= outputs_of(written.read_text("utf-8"))
        if done.returncode != 0 and not step.get("continue-on-error"):
            self.has_failed = True

    def _environment(self) -> dict[str, str]:
        repository = self.event.get("repository", {}).get("full_name", "somebody/notes")
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": self.event_name,
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_REPOSITORY": repository,
            "GITHUB_RUN_ID": "42",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
            **self.env,
        }


def action(name: str) -> Path:
    """Return the folder of one of the actions."""
    return ROOT / "actions" / name


# expressions

_REFERENCE = re.compile(r"'(?:[^']|'')*'|\b[a-z_]+(?:\.[\w-]+)+")
_OPERATORS = {"&&": " and ", "||": " or ", "!=": "!=", "!": " not "}


def _value(expression: str, contexts: Mapping[str, Any], has_failed: bool = False) -> Any:
    """Return the value of an expression: references, texts, comparisons, `&&`, `||`, `!` and status."""
    parts: list[str] = []

    def kept(found: re.Match[str]) -> str:
        if found[0].startswith("'"):
            parts.append(repr(found[0][1:-1].replace("''", "'")))
        else:
            value: Any = contexts
            for name in found[0].split("."):
                value = value.get(name, "") if isinstance(value, Mapping) else ""
            parts.append(repr(value))
        return f"\0{len(parts) - 1}\0"

    text = _REFERENCE.sub(kept, expression)
    text = re.sub(r"&&|\|\||!=|!", lambda found: _OPERATORS[found[0]], text).strip()
    text = re.sub("\0([0-9]+)\0", lambda found: parts[int(found[1])], text)
    functions = {
        "always": lambda: True,
        "success": lambda: not has_failed,
        "failure": lambda: has_failed,
        "cancelled": lambda: False,
        "true": True,
        "false": False,
    }
    return eval(text, {"__builtins__": {}}, functions)


def evaluated(text: str, contexts: Mapping[str, Any]) -> str:
    """Return a text with the values of its expressions."""

    def shown(found: re.Match[str]) -> str:
        value = _value(found[1].strip(), contexts)
        return str(value).lower() if isinstance(value, bool) else str(value)

    return re.sub(r"\$\{\{(.*?)\}\}", shown, text)


def is_met(condition: str, contexts: Mapping[str, Any], *, has_failed: bool) -> bool:
    """Return whether a step is run; one that says nothing of the status is not after a failure."""
    found = re.fullmatch(r"\s*\$\{\{(.*)\}\}\s*", condition)
    text = found[1] if found else condition
    says = re.search(r"\b(always|success|failure|cancelled)\(\)", text)
    if not says and has_failed:
        return False
    return not text or bool(_value(text, contexts, has_failed))


# what steps print and write


def obeyed(printed: str) -> Iterator[Command]:
    """Yield the lines that a runner obeys: none between `stop-commands` and its token."""
    token = None
    for line in re.split(r"\r\n|\n|\r", printed):
        if token is not None:
            token = None if line.strip() == f"::{token}::" else token
            continue
        found = re.match(r"::([\w-]+)(?: (.*?))?::(.*)", line.strip()) or re.match(
            r"([\w-]+)(?: (.*?))?\](.*)", line.partition("##[")[2]
        )
        if not found or found[1].lower() not in COMMANDS:
            continue
        pairs = (each.partition("=") for each in (found[2] or "").split(",") if each)
        yield Command(
            found[1].lower(), {key: unescaped(text) for key, _, text in pairs}, unescaped(found[3])
        )
        if found[1] == "stop-commands":
            token = found[3]


def unescaped(text: str) -> str:
    """Return a text as `unescapeData` and `unescapeProperty` of the runner do."""
    for code, character in {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}.items():
        text = text.replace(code, character)
    return text


def outputs_of(written: str) -> dict[str, str]:
    """Return what a step wrote to GITHUB_OUTPUT: lines `name=value`, or values between marks."""
    outputs: dict[str, str] = {}
    lines = iter(written.splitlines())
    for line in lines:
        name, sign, text = line.partition("=")
        if "<<" in name or not sign:
            name, _, end = line.partition("<<")
            several = []
            for each in lines:
                if each == end:
                    break
                several.append(each)
            text = "\n".join(several)
        outputs[name] = text
    return outputs
