"""Whatever a record holds, each format has its texts and nothing that obeys them."""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple
from importlib import import_module
from typing import Any, get_args
from xml.etree import ElementTree

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from release.cli.reports.result import CommandResult, ResultPart, ResultSection
from release.cli.reports.targets import OF_FINDINGS
from release.cli.terminal import say
from release.findings import Finding, Severity
from release.syntax.escapes import escape_log
from tests.support.machines import TRICKS, obeyed

MARKUP = (
    "</script>",
    "]]>",
    "<![CDATA[",
    "<!--",
    "&amp;&lt;",
    "[x](https://example.org)",
    "[x](1)",
    "![x](https://example.org/a.png)",
    "@someone",
    "#12",
    "|",
    "\\|",
    "a`b``c",
    "`",
    "{0}",
    "{{0}}",
    "%0A::error::x",
    "%25",
    ",line=1::x",
    "=1+1",
    "@SUM(1)",
    "-1",
    '"',
    "'",
    " \ud800 ",
    " \udcff ",
    "\ufffe",
    "\t",
    "a\nb",
    "\n\n# x",
)
TEXTS = st.lists(
    st.one_of(st.sampled_from([*TRICKS, *MARKUP]), st.text(max_size=6)), max_size=4
).map("".join)


def made(texts: tuple[str, str, str], severity: Severity, line: int) -> Finding:
    """Return a finding with these texts."""
    one, two, three = texts
    rule, path = one or "rule", two or "path"
    return Finding(rule, path, three, line, line, one, two, three, severity, one)


FINDINGS = st.builds(
    made, st.tuples(TEXTS, TEXTS, TEXTS), st.sampled_from(get_args(Severity)), st.integers(0, 2)
)

WORST = made(("".join([*TRICKS, *MARKUP]),) * 3, "error", 1)

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def written(form: str, findings: Sequence[Finding], **more: Any) -> str:
    """Return the result of a check with some findings in a format."""

    def show() -> None:
        for each in findings:
            say(str(each))
        say("all")

    value = {"findings": [asdict(each) for each in findings]}
    given: dict[str, Any] = {"summary": "all", "findings": findings, **more}
    result = CommandResult("check", show, lambda: value, **given)
    module = import_module(f"release.cli.reports.formats.{form}")
    return "".join(module.pieces(result, argparse.Namespace(all=True)))


def one_line(text: str) -> str:
    """Return a text as formats have it that can write neither line ends nor control characters."""
    return escape_log(text.replace("\n", "\\n"))


def place(finding: Finding) -> str:
    """Return the place of a finding as text."""
    at = f":{finding.line}:{finding.column}" if finding.line else ""
    return f"{finding.file or finding.path}{at}"


few = settings(max_examples=40)
every_list = given(st.lists(FINDINGS, max_size=2))
the_worst = example([WORST])


@few
@every_list
@the_worst
def test_json_has_the_texts(findings: list[Finding]) -> None:
    """Each comes back, and no log obeys one."""
    out = written("json", findings)
    assert json.loads(out) == {"findings": [asdict(each) for each in findings]}
    assert obeyed(out) == []


@few
@every_list
@the_worst
def test_csv_has_a_row_for_each_finding(findings: list[Finding]) -> None:
    """A cell is the text in one line; no log and no spreadsheet obeys it."""
    out = written("csv", findings)
    assert obeyed(out) == []
    assert out.count("\n") == len(findings) + 1
    rows = list(csv.reader(io.StringIO(out, newline="")))[1:]
    for row, finding in zip(rows, findings, strict=True):
        assert [cell for cell in row if cell[:1] in ("=", "+", "-", "@", "\t")] == []
        assert [cell.removeprefix("'") for cell in row] == [
            one_line(str(value)).removeprefix("'") for value in astuple(finding)
        ]


@few
@every_list
@the_worst
def test_junit_has_the_findings_of_each_rule(findings: list[Finding]) -> None:
    """The XML is read again, with a case for each rule and no element more."""
    root = ElementTree.fromstring(written("junit", findings))
    cases = list(root.iter("testcase"))
    assert {each.tag for each in root.iter()} <= {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "system-out",
    }
    lines = [line for case in cases for line in (case[0].text or "").split("\n")]
    shown = [
        escape_log(str(each).replace("\n", "\\n")).replace("\ufffe", "\\ufffe") for each in findings
    ]
    assert sorted(lines) == sorted(shown)


@few
@given(TEXTS.filter(bool), TEXTS, TEXTS)
def test_junit_has_the_steps_and_their_notes(title: str, name: str, note: str) -> None:
    """Names are attributes, notes are text."""
    parts = [ResultPart(name, "not done", (), [note])]
    root = ElementTree.fromstring(written("junit", [], sections=[ResultSection(title, parts)]))
    ((case,),) = root
    shown = [
        one_line(text).replace("\ufffe", "\\ufffe")
        for text in (f"release {title}", name, f"({note})")
    ]
    assert [root[0].get("name"), case.get("name"), case[0].text] == shown


@few
@every_list
@the_worst
def test_sarif_has_the_texts(findings: list[Finding]) -> None:
    """A viewer makes no link and no placeholder of a message."""
    out = written("sarif", findings)
    assert obeyed(out) == []
    run = json.loads(out)["runs"][0]
    for result, finding in zip(run["results"], findings, strict=True):
        text = result["message"]["text"]
        assert (result["ruleId"], result["level"]) == (finding.rule, finding.severity)
        assert viewed(text) == (finding.message, [])
        about = ("path", "table", "field", "key")
        assert result["properties"] == {
            name: getattr(finding, name) for name in about if getattr(finding, name)
        }
        address = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9_.~%/:?&=#@+,;-]*", address)


def viewed(text: str) -> tuple[str, list[str]]:
    """Return the text that a viewer of SARIF shows, and what it obeys: links and placeholders."""
    acts = re.findall(r"(?<!\\)\[(?:\\.|[^\\\]])*\]\([^)]*\)", text)
    acts += re.findall(r"(?<!\{)\{\d+\}(?!\})", text)
    shown = re.sub(r"\\\[(?=[^\]]*\]\()", "[", text)
    return re.sub(r"\{(\{\d+\})\}", r"\1", shown), acts


@few
@every_list
@the_worst
def test_markdown_has_a_row_for_each_finding(findings: list[Finding]) -> None:
    """Every text is code: there is no link, no image, no HTML, and no cell more."""
    out = written("markdown", findings)
    assert obeyed(out) == []
    tokens = list(flat(READER.parse(out)))
    acting = ("html_block", "html_inline", "image", "link_open", "strong_open", "em_open", "s_open")
    assert [token.type for token in tokens if token.type in acting] == []
    cells = [
        (tokens[at + 1].children or [])
        for at, token in enumerate(tokens)
        if token.type == "td_open"
    ]
    assert len(cells) == 4 * len(findings)
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h3"]
    texts = ["".join(token.content for token in cell) for cell in cells]
    assert texts == [
        text
        for each in findings
        for text in (each.severity, *map(one_line, (each.rule, place(each), each.message)))
    ]


def flat(tokens: Sequence[Any]) -> Iterator[Any]:
    """Yield all tokens, each before its children."""
    for token in tokens:
        yield token
        if token.type != "inline":
            yield from flat(token.children or [])
        else:
            yield from (child for child in token.children or [] if child.type != "inline")


@few
@every_list
@the_worst
def test_github_gets_one_command_for_each_finding(findings: list[Finding]) -> None:
    """A record adds no command, no property and no line."""
    out = written("github", findings)
    found = list(commands(out))
    assert [name for name, _, _ in found] == [
        *(
            {"error": "error", "warning": "warning", "note": "notice"}[severity]
            for severity in ("error", "warning", "note")
            for each in findings
            if each.severity == severity
        ),
        "group",
        "endgroup",
    ]
    annotated = sorted(findings, key=lambda each: get_args(Severity).index(each.severity))
    for (_, properties, message), finding in zip(found, annotated, strict=False):
        assert message == escape_log(f"{place(finding)}: {finding.message}")
        assert properties.keys() <= {"file", "line", "col", "title"}
        assert properties["title"] == escape_log(finding.rule)


def commands(out: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Read the workflow commands of a log as the runner of GitHub does, in which nothing else is obeyed."""
    for line in re.split(r"\r\n|\n|\r", out):
        if not obeyed(line):
            continue
        match = re.fullmatch(r"::(\w+)(?: ([^:]*))?::(.*)", line)
        assert match is not None, line
        assert "##[" not in line
        pairs = (pair.partition("=") for pair in (match[2] or "").split(",") if pair)
        properties = {name: decoded(text) for name, _, text in pairs}
        yield match[1], properties, decoded(match[3])


def decoded(text: str) -> str:
    """Return what an escape of a workflow command stands for."""
    for escape, sign in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, sign)
    return text


@few
@given(TEXTS.filter(bool))
@example("".join([*TRICKS, *MARKUP]))
def test_the_message_of_an_error_is_told_and_not_obeyed(message: str) -> None:
    """That of a command which ended without a result."""
    for form in OF_FINDINGS[2:]:
        out = written(form, [], failure=message)
        if form == "github":
            assert next(name for name, _, _ in commands(out)) == "error"
        elif form == "junit":
            assert ElementTree.fromstring(out)[0].get("errors") == "1"
        elif form == "sarif":
            (told,) = json.loads(out)["runs"][0]["invocations"][0]["toolExecutionNotifications"]
            assert viewed(told["message"]["text"]) == (message, [])
        assert form == "github" or obeyed(out) == []
