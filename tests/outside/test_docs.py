"""The documentation says what is: its commands are run, its lists are held against the program."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import release
from release import cli
from release.cli import terminal
from release.descriptor import model
from release.findings import ALWAYS_ERRORS, RULES
from tests.support.consoles import DOCS, REGENERATE, blocks, commands, shell


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_the_tutorial_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file of the tutorial is written, every command run, and each prints what it shows."""
    monkeypatch.chdir(tmp_path)
    run = 0
    for about, block in blocks((DOCS / "tutorial.md").read_text("utf-8")):
        if match := re.search(r"file=(\S+)", about):
            path = tmp_path / match[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block, "utf-8")
        elif about == "console":
            for command, expected in commands(block):
                assert shell(command, tmp_path) == expected, REGENERATE
                run += 1
        else:
            assert about == "python"
            exec(block, {})
            run += 1
    assert run >= 8


# reference/descriptor.md


def properties() -> set[str]:
    """Every property that the parser knows, at every level, and the values that it names."""
    levels = [
        *model.PROPERTIES.values(),
        model.CONSTRAINTS,
        model.SPECIALS,
        model.TYPES,
        model.FINDING_FIELDS,
        model.WRITTEN_BY_BUILD,
    ]
    return {name for level in levels for name in level}


def test_every_property_of_the_descriptor_is_explained() -> None:
    """docs/reference/descriptor.md names each property that the parser knows."""
    text = (DOCS / "reference/descriptor.md").read_text("utf-8")
    missing = sorted(
        name for name in properties() if not re.search(rf"[`{{ ]{re.escape(name)}[`:]", text)
    )
    assert missing == []


def test_what_the_parser_does_not_know_is_not_explained() -> None:
    """The first column of the page's tables names properties that the parser knows."""
    text = (DOCS / "reference/descriptor.md").read_text("utf-8")
    cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    names = {name for cell in cells for name in re.findall(r"`([$\w]+)`", cell)}
    assert names
    assert names <= properties()


# reference/findings.md


def test_every_rule_is_explained_as_it_is() -> None:
    """docs/reference/findings.md has a line for each rule: severity, lowering, meaning."""
    text = (DOCS / "reference/findings.md").read_text("utf-8")
    lines = re.findall(r"^\| `([\w-]+)` \| (\w+) \| (\w+) \| (.*) \|$", text, re.MULTILINE)
    expected = [
        (rule, severity, "no" if rule in ALWAYS_ERRORS else "yes", meaning)
        for rule, (severity, meaning) in RULES.items()
    ]
    assert lines == expected


# reference/cli.md


def help_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command says of itself."""
    with pytest.raises(SystemExit):
        cli.main([*arguments, "--help"])
    return capsys.readouterr().out


def test_every_command_and_option_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """docs/reference/cli.md has a section for each command, with a line for each option."""
    text = (DOCS / "reference/cli.md").read_text("utf-8")
    listed = re.findall(r"^    (\w+) ", help_of(capsys).split("commands:")[1], re.MULTILINE)
    assert re.findall(r"^## release (\w+)$", text, re.MULTILINE) == listed
    for command in listed:
        section = text.split(f"## release {command}\n")[1].split("\n## ")[0]
        options = set(re.findall(r"--[a-z-]+", help_of(capsys, command)))
        lines = "\n".join(re.findall(r"^\| (`--.*?) \|", section, re.MULTILINE))
        assert set(re.findall(r"--[a-z-]+", lines)) == options, command


def test_every_exit_code_is_explained() -> None:
    """The exit codes of the page are those of the program."""
    text = (DOCS / "reference/cli.md").read_text("utf-8")
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert codes == {terminal.DONE, terminal.FOUND, terminal.UNUSABLE, terminal.INTERRUPTED}


# all pages


def pages() -> list[Path]:
    """Every page of the documentation."""
    root = DOCS.parent
    return [*root.glob("*.md"), *sorted(DOCS.rglob("*.md"))]


def test_every_link_leads_somewhere() -> None:
    """A link to a file of the repository leads to one that is there."""
    links = [
        (page, target)
        for page in pages()
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    ]
    assert links
    for page, target in links:
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_decisions_are_numbered_and_say_what_was_turned_down() -> None:
    """Each record of a decision has its parts, and numbers have no gap."""
    records = sorted((DOCS / "decisions").glob("*.md"))
    assert [path.name[:4] for path in records] == [f"{n:04}" for n in range(1, len(records) + 1)]
    for path in records:
        text = path.read_text("utf-8")
        for part in ["## Context", "## Options turned down", "## Decision"]:
            assert part in text, path.name


def test_the_changelog_has_a_place_for_what_is_new() -> None:
    """CHANGELOG.md follows Keep a Changelog, and knows this version or what comes after it."""
    text = (DOCS.parent / "CHANGELOG.md").read_text("utf-8")
    assert "\n## [Unreleased]\n" in text or f"\n## [{release.__version__}]" in text
