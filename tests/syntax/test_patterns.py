"""The dialect of regular expressions: three engines read it alike; the rest is refused in words."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.syntax.patterns import PatternError, check_pattern

#: Patterns of the dialect.
TAKEN = [
    "[a-z]+",
    r"\d{4}(-(0[1-9]|1[0-2]))?",
    r"(?:a|b)*?c",
    r"[^\s,;]{1,20}",
    r"10\.\d{4,9}/\S+",
    r"[\w.-]+@[\w-]+(\.[\w-]+)+",
    r"\x41\t\/",
    "",
    "a||b",
    "[a-]",
    r"[^\]a-]",
    "é+|汉字",
    "(a+)+b",
    r"\W{1000}" * 10,
    "[^é]{1000}" * 10,
]

REFUSED = {
    "(?i)abc": "has flags, which Python, JavaScript and RE2 do not all have alike (character 1)",
    "a(?=b)": "has a look-ahead, which Python, JavaScript and RE2 do not all have alike (character 2)",
    "(?<!a)b": "has a look-behind, which Python, JavaScript and RE2 do not all have alike (character 1)",
    "(?P<y>a)-(?P=y)": (
        "has a named group, which Python, JavaScript and RE2 do not all have alike (character 1)"
    ),
    r"(a)\1": r"has `\1`, a back-reference, which RE2 does not have (character 4)",
    r"\A[a-z]+\Z": r"has `\A`, which Python, JavaScript and RE2 do not all read alike (character 1)",
    r"\p{Lu}+": r"has `\p`, which Python, JavaScript and RE2 do not all read alike (character 1)",
    "a**": "has `*` behind what is repeated already; use a group (character 3)",
    "a{2}+": "has `+` behind what is repeated already; use a group (character 5)",
    "*a": r"has `*` with nothing to repeat; write `\*` for the sign itself (character 1)",
    "a{,2}": r"has `{` without a number of times; write `\{` for the sign itself (character 2)",
    "a{3,2}": "has `{3,2}`, whose bounds are the wrong way round (character 2)",
    "a{1001}": "has more than 1,000 repetitions (character 1)",
    "(a{40}){40}": "has more than 1,000 repetitions (character 1)",
    r"\W{1000}" * 11: ("has more than 10,000 parts, its repetitions written out (character 89)"),
    "[z-a]": "has the range `z-a`, which is none (character 2)",
    r"[\d-z]": r"has the range `\d-z`, which is none (character 2)",
    "[]a]": r"has `[]`, which is empty; write `\]` for the sign itself (character 1)",
    "[a": r"has `[` that is never closed; write `\[` for the sign itself (character 1)",
    "[[:alpha:]]": r"has `[` in brackets; write `\[` for the sign itself (character 2)",
    "[+--]": r"has `--` in brackets; write `\-` for the sign itself (character 3)",
    "[--a]": r"has `--` in brackets; write `\-` for the sign itself (character 2)",
    "[a-z--]": r"has `--` in brackets; write `\-` for the sign itself (character 5)",
    "(a": r"has `(` that is never closed; write `\(` for the sign itself (character 1)",
    "a)": r"has `)` that closes nothing; write `\)` for the sign itself (character 2)",
    "a}": r"has `}` that closes nothing; write `\}` for the sign itself (character 2)",
    "a\\": r"has a backslash at its end; write `\\` for the sign itself (character 2)",
    "^*": "has `*` behind `^`, which cannot be repeated (character 2)",
    "(" * 60 + ")" * 60: "has more than 50 groups in each other (character 52)",
    "a" * 2001: "has 2,001 characters, expected at most 2,000",
}


@pytest.mark.parametrize("pattern", TAKEN)
def test_a_pattern_of_the_dialect_is_taken(pattern: str) -> None:
    """Nothing is said of it, and RE2 takes it too."""
    check_pattern(pattern)
    assert in_re2(pattern, ["x"]) is not None


@pytest.mark.parametrize(("pattern", "message"), REFUSED.items(), ids=range(len(REFUSED)))
def test_a_pattern_outside_of_the_dialect_is_refused_in_words(pattern: str, message: str) -> None:
    """The message speaks of the pattern as it is written: which character, and what to write."""
    with pytest.raises(PatternError) as raised:
        check_pattern(pattern)
    assert str(raised.value) == message


Engine = Callable[[str, list[str]], list[bool]]


def in_re2(pattern: str, texts: list[str]) -> list[bool]:
    """Which texts RE2 matches as a whole, as Arrow and DuckDB have it."""
    matched: list[bool] = pc.match_substring_regex(pa.array(texts), f"^(?:{pattern})$").to_pylist()
    return matched


def in_python(pattern: str, texts: list[str]) -> list[bool]:
    """Which texts Python matches as a whole, its classes those of ASCII."""
    return [re.fullmatch(pattern, text, re.ASCII) is not None for text in texts]


JAVASCRIPT = """
const lines = require('readline').createInterface({input: process.stdin});
lines.on('line', line => {
  const [pattern, texts] = JSON.parse(line);
  const regex = new RegExp('^(?:' + pattern + ')$', 'u');
  console.log(JSON.stringify(texts.map(text => regex.test(text))));
})
"""


@pytest.fixture(scope="module")
def in_javascript() -> Iterator[Engine]:
    """Which texts a browser's engine matches as a whole; there is none on every machine."""
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    with subprocess.Popen(
        ["node", "-e", JAVASCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        into, out = process.stdin, process.stdout

        def match(pattern: str, texts: list[str]) -> list[bool]:
            into.write(json.dumps([pattern, texts]) + "\n")
            into.flush()
            matched: list[bool] = json.loads(out.readline())
            return matched

        yield match
        into.close()


#: Parts of patterns, in the dialect and out of it.
PARTS = [
    *"ab01-_^$.|()[]{}*+?\\,/dwsDWSBbBntxé #:",
    *("[a-z]", "{2}", "{1,3}", "(?:", r"\d", r"\.", "(a|b)", "[^ab]", r"\x41", r"[\d-]", r"[a\-z]"),
    *(
        "{,2}",
        r"\-",
        r"\_",
        "[[:alpha:]]",
        "(?i)",
        r"\p{L}",
        r"\A",
        r"\Z",
        "(?=a)",
        "(?P<a>",
        "(?<a>",
    ),
]
patterns = st.lists(st.sampled_from(PARTS), min_size=1, max_size=9).map("".join)
values = st.lists(st.text("ab01-_^$.|A é٣\n", max_size=5), min_size=1, max_size=4)


def is_taken(pattern: str) -> bool:
    """Whether a pattern is of the dialect."""
    try:
        check_pattern(pattern)
    except PatternError:
        return False
    return True


@given(patterns.filter(is_taken), values)
def test_python_and_re2_read_the_dialect_alike(pattern: str, texts: list[str]) -> None:
    """A pattern that is taken compiles in both, and matches the same texts."""
    assert in_re2(pattern, texts) == in_python(pattern, texts)


@given(patterns.filter(is_taken), values)
def test_javascript_and_re2_read_the_dialect_alike(
    in_javascript: Engine, pattern: str, texts: list[str]
) -> None:
    """A pattern that is taken compiles in both, and matches the same texts."""
    assert in_re2(pattern, texts) == in_javascript(pattern, texts)
