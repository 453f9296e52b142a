"""The documentation says what is: its commands are run, its lists are held against the program."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import release
from release import cli
from release.cli import terminal
from release.descriptor import vocabulary
from release.findings import ALWAYS_ERRORS, RELEASE_RULES, RULES
from release.findings.errors import UsageError
from release.syntax.paths import BODY_PARTS
from release.syntax.yaml import read_yaml
from tests.support import documentation
from tests.support.documentation import NOT_RUN, ROOT
from website import wrap

DOCS = ROOT / "docs"


# every block of every page

#: Pages whose scripts and queries print the mean score of each edition.
WITH_MEANS = ("README.md", "docs/how-to/load.md")
#: Those in Chinese have the blocks of the English ones: tests/outside/test_translations.py.
WITH_BLOCKS = [
    page
    for page in documentation.pages()
    if any(documentation.blocks(page)) and not page.endswith(".zh.md")
]


@pytest.fixture(scope="module")
def kept(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with what several pages begin with: built once."""
    folder = tmp_path_factory.mktemp("kept")
    documentation.keep_built(folder, built)
    return folder


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
@pytest.mark.parametrize("page", WITH_BLOCKS)
def test_every_block_of_a_page_is_true(page: str, kept: Path, tmp_path: Path) -> None:
    """Files are written, commands and scripts run, fragments read; each prints what the page shows."""
    signing = "docs/how-to/verify.md", "docs/how-to/publish.md"
    if page in signing and shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    folder = tmp_path / "work"
    documentation.begin(page, folder, kept)
    ran = documentation.run(page, folder)
    assert not ran.differences, "\n".join(map(str, ran.differences))
    for block, printed in ran.printed if page in WITH_MEANS else []:
        if block.language in ("python", "sql"):
            assert_means(block, printed)


def assert_means(block: documentation.Block, printed: str) -> None:
    """A table that is loaded has the same means whatever loads it."""
    for language, mean in {"en": 83.0, "zh": 61.0}.items():
        assert re.search(rf"\b{language}\b.*\b{mean}", printed), (
            f"{block.page}:{block.line}: {printed}"
        )


@pytest.mark.parametrize("page", documentation.pages())
def test_all_code_stands_between_fences(page: str) -> None:
    """No page has code that is indented only: nothing would run it."""
    assert list(documentation.indented(page)) == []


@pytest.mark.parametrize("page", documentation.pages())
def test_text_has_short_lines_and_paragraphs(page: str) -> None:
    """No line of text is over 120 characters, no paragraph over five lines; tables and blocks aside."""
    for is_text, lines in wrap.paragraphs((ROOT / page).read_text("utf-8")):
        if is_text:
            wide = [line for line in lines if len(line) > wrap.WIDTH and " " in line.strip()]
            assert not wide, f"{page}: python -m website.wrap {page}: {wide[0]}"
            assert len(lines) <= 5, f"{page}: a paragraph of {len(lines)} lines: {lines[0]}"


def test_every_page_is_in_the_navigation() -> None:
    """Once: website/mkdocs.yml names each page, or the folder that lists it."""
    text = (ROOT / "website/mkdocs.yml").read_text("utf-8").split("\nnav:\n")[1]
    listed = re.findall(r"[:-] (\S+(?:\.md|/))$", text, re.MULTILINE)
    named = set(listed)
    assert len(named) == len(listed)
    there = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert {name for name in named if name.endswith(".md")} <= there
    assert {
        name for name in there if name not in named and f"{Path(name).parent}/" not in named
    } == set()


def test_what_is_not_run_is_there() -> None:
    """Each block that cannot be run here is on its page, with a reason."""
    names = {block.name for page in WITH_BLOCKS for block in documentation.blocks(page)}
    assert NOT_RUN.keys() <= names
    assert all(NOT_RUN.values())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("```sh\nls nothing-here\n```\n", "nothing-here"),
        ("```\nrelease check\n```\n", "no language"),
        ("```toml\na = 1\n```\n", "toml"),
        ("```python\nassert False\n```\n", "AssertionError"),
        ("```yaml\nseverity: {no-such-rule: warning}\n```\n", "no-such-rule"),
        ("```yaml\nrowz: notes\n```\n", "rowz"),
        ("```console\n$ echo one\ntwo\n```\n", "echo one"),
    ],
)
def test_a_block_that_is_not_true_is_found(text: str, why: str, tmp_path: Path) -> None:
    """A failing command, other output, a wrong fragment and an unknown language each fail the test."""
    (tmp_path / "page.md").write_text(text, "utf-8")
    (tmp_path / "work").mkdir()
    with pytest.raises((AssertionError, UsageError), match=why):
        assert not list(
            map(str, documentation.run("page.md", tmp_path / "work", tmp_path).differences)
        )


# reference/descriptor.md


def properties() -> set[str]:
    """Every property that the parser knows, at every level, and the values that it names."""
    levels = [
        *vocabulary.PROPERTIES.values(),
        vocabulary.CONSTRAINTS,
        vocabulary.SPECIALS,
        vocabulary.TYPES,
        vocabulary.FINDING_FIELDS,
        vocabulary.WHEN,
        BODY_PARTS,
        vocabulary.WRITTEN_BY_BUILD,
    ]
    return {name for level in levels for name in level}


def test_every_property_of_the_descriptor_is_explained() -> None:
    """docs/reference/descriptor.md names each property that the parser knows."""
    text = (DOCS / "reference/descriptor.md").read_text("utf-8")
    missing = sorted(
        name for name in properties() if not re.search(rf"[`{{ ]{re.escape(name)}[`:]", text)
    )
    assert missing == []


#: The level of what stands at a property of the descriptor; at other levels it may be something else.
LEVELS = {
    "resources": "resource",
    "checks": "check",
    "categories": "category",
    "foreignKeys": "foreignKey",
    "fields": "field",
    "page": "page",
    "pictures": "picture",
    **{
        name: name
        for name in "rows schema dialect compare codelist constraints reference".split()
        + "ignore exclude where beside companions".split()
    },
}


def examples(value: Any, level: str | None) -> Iterator[tuple[str | None, str]]:
    """Each property in a part of a descriptor, with its level; each text, with None."""
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, dict):
            yield None, str(item)
            continue
        for key, below in item.items():
            yield level, key
            if (level, key) == ("package", "records"):
                for kind in below.values():
                    yield from examples(kind, "kind")
            else:
                yield from examples(below, LEVELS.get(key))


def test_every_property_of_the_descriptor_is_in_an_example() -> None:
    """The blocks of the page have each of them at its level, and all are run by this module."""
    found: set[tuple[str | None, str]] = set()
    for block in documentation.blocks("docs/reference/descriptor.md"):
        if block.language == "yaml":
            value, _ = read_yaml(block.text)
            keys = {*value} if isinstance(value, dict) else set()
            level = "patch" if isinstance(value, list) else "resource"
            if keys and keys <= {*vocabulary.PROPERTIES["package"]}:
                level = "package"
            found |= {*examples(value, level)}
    missing = [
        f"{level}.{name}"
        for level, names in vocabulary.PROPERTIES.items()
        for name in names
        if (level, name) not in found
    ]
    texts = " ".join(text for level, text in found if level is None)
    words = *vocabulary.SPECIALS, *vocabulary.TYPES, *vocabulary.WHEN, *BODY_PARTS
    missing += [
        word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", texts)
    ]
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
        (rule, severity, "no" if rule in ALWAYS_ERRORS or severity == "note" else "yes", meaning)
        for rule, (severity, meaning) in RULES.items()
    ] + [(rule, severity, "no", meaning) for rule, (severity, meaning) in RELEASE_RULES.items()]
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
    listed = re.findall(r"^  (\w+) ", help_of(capsys), re.MULTILINE)
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


# reference/files.md


def test_every_file_of_a_release_is_explained(built: Path) -> None:
    """docs/reference/files.md has a line for each file of a release and a store, and for their keys."""
    text = (DOCS / "reference/files.md").read_text("utf-8")
    cells = "\n".join(re.findall(r"^\| (`.*?) \|", text, re.MULTILINE))
    named = set(re.findall(r"`([^`]+)`", cells))
    files = {
        path.name + ("/" if path.is_dir() else "")
        for folder in (built, built.parent)
        for path in folder.iterdir()
        if path != built
    }
    as_named = {f"ccus-policy-{built.name}.zip": "NAME-VERSION.zip"}
    as_named |= {"data/": "data/TABLE.csv", "README.md": "README.md"}
    assert {as_named.get(name, name) for name in files} <= named
    assert json.loads((built / "buildinfo.json").read_text("utf-8")).keys() <= named
    index = json.loads((built.parent / "versions.json").read_text("utf-8"))
    assert {*index["versions"][0], "reason"} <= named


# all pages


def links() -> list[tuple[str, str, str]]:
    """Every link of every page to a file of the repository: page, path of the file, anchor in it."""
    found = []
    for page in documentation.pages():
        text = re.sub(
            r"^( *)```.*?^\1```$", "", (ROOT / page).read_text("utf-8"), flags=re.M | re.S
        )
        for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", text):
            path = (ROOT / page).parent / target if target else ROOT / page
            found.append((page, path.resolve().relative_to(ROOT).as_posix(), anchor))
    return found


def anchors(page: str) -> set[str]:
    """The anchors of a page: its headings as GitHub writes them."""
    text = re.sub(r"^( *)```.*?^\1```$", "", (ROOT / page).read_text("utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_somewhere() -> None:
    """A link to a file leads to one that is there, and its anchor is a heading of that page."""
    assert links()
    for page, path, anchor in links():
        assert (ROOT / path).exists(), f"{page}: {path}"
        assert not anchor or anchor in anchors(path), f"{page}: {path}#{anchor}"


def test_every_word_of_the_glossary_is_linked_from_somewhere() -> None:
    """A reader who meets a word can follow it; a word that nobody links is not needed."""
    glossary = "docs/reference/glossary.md"
    text = (ROOT / glossary).read_text("utf-8")
    words = {word.replace(" ", "-") for word in re.findall(r"^### (.+)$", text, re.MULTILINE)}
    assert len(words) > 30
    linked = {anchor for page, path, anchor in links() if path == glossary and page != glossary}
    assert words - linked == set()


def test_decisions_are_numbered_and_say_what_was_turned_down() -> None:
    """Each record of a decision has its parts, a status and a date, and numbers have no gap."""
    records = sorted((DOCS / "decisions").glob("*.md"))
    assert [path.name[:4] for path in records] == [f"{n:04}" for n in range(1, len(records) + 1)]
    status = r"\n\nStatus: (accepted|superseded by \[\d+\]\(\S+\)), \d{4}-\d\d-\d\d[.\n]"
    for path in records:
        text = path.read_text("utf-8")
        assert re.search(status, text), path.name
        for part in ["## Context", "## Options turned down", "## Decision"]:
            assert part in text, path.name


def modules_named(page: Path) -> list[tuple[str, bool]]:
    """The dotted names on a page whose first part is a package, and whether each is a module."""
    source = ROOT / "src/release"
    packages = [path.name for path in source.iterdir() if (path / "__init__.py").exists()]
    names = re.findall(rf"`((?:{'|'.join(packages)})(?:\.\w+)+)`", page.read_text("utf-8"))
    paths = [source.joinpath(*name.split(".")) for name in names]
    there = [path.is_dir() or path.with_suffix(".py").exists() for path in paths]
    return list(zip(names, there, strict=True))


def test_the_architecture_names_modules_that_exist() -> None:
    """Every module in the four walks is there."""
    named = modules_named(DOCS / "architecture.md")
    assert len(named) > 20
    assert [name for name, is_there in named if not is_there] == []


def test_decisions_name_packages_and_no_modules() -> None:
    """A module may move or be renamed; a decision outlives that."""
    for page in (DOCS / "decisions").glob("*.md"):
        assert modules_named(page) == [], page.name


def test_the_changelog_has_a_place_for_what_is_new() -> None:
    """CHANGELOG.md follows Keep a Changelog, and knows this version or what comes after it."""
    text = (DOCS.parent / "CHANGELOG.md").read_text("utf-8")
    assert "\n## [Unreleased]\n" in text or f"\n## [{release.__version__}]" in text
