"""The path language: what is written is read back, and captures bind what they say."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from release.syntax.file_patterns import FilePattern, parse_pattern
from release.syntax.paths import Capture, Path, captures_of, parse_path, show_path
from release.system.filenames import are_portable, portability_problem

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PATHS = st.lists(st.one_of(KEYS, NAMES.map(Capture)), min_size=1, max_size=6).map(tuple)

#: What a part of a file's path may be: no slash, no dot at its start.
PARTS = st.text(string.ascii_letters + string.digits + "-_ é中", min_size=1, max_size=8)

#: Names of files, of which some are those of devices, or end as Windows keeps none.
NAMED = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["con", "AUX", "Com1", "lpt²", "conin$", "context", "a", "é", "ſ", "K"]),
        st.sampled_from(["", "", ".", " ", ".md", ". md", "x", "<", "?", "0"]),
    ),
)


@given(PATHS)
def test_a_path_is_read_as_it_was_written(path: Path) -> None:
    """ "A key that itself holds a dot or a brace is written in quotes.\""""
    assert parse_path(show_path(path)) == path


@given(PATHS)
def test_the_captures_of_a_path_stand_in_order(path: Path) -> None:
    """captures_of names each capture, in the order of the path."""
    assert captures_of(path) == tuple(part.name for part in path if isinstance(part, Capture))


@given(st.lists(st.tuples(NAMES, PARTS), min_size=1, max_size=4, unique_by=lambda pair: pair[0]))
def test_a_file_pattern_reads_what_it_filled_in(pairs: list[tuple[str, str]]) -> None:
    """ "In a file path it binds a part of the path": filling and matching are inverse."""
    captures = dict(pairs)
    pattern = FilePattern("/".join(["root", *(f"{{{name}}}" for name in captures)]) + ".md")
    assert pattern.matcher()(pattern.fill(captures)) == tuple(captures.values())
    assert pattern.captures == pattern.names == tuple(captures)
    assert pattern.folder == "root"


@given(st.lists(PARTS, max_size=5), PARTS, st.booleans())
def test_folders_at_any_depth_are_read_as_they_were_filled_in(
    folders: list[str], name: str, is_named: bool
) -> None:
    """`**` takes any number of folders, also none, and filling and matching are inverse."""
    depth = "{section:**}" if is_named else "**"
    pattern = parse_pattern(f"root/{depth}/{{name}}.md")
    path = "/".join(["root", *folders, f"{name}.md"])
    values = dict(zip(pattern.names, pattern.matcher()(path) or (), strict=True))
    assert values == {"section" if is_named else "**": "/".join(folders), "name": name}
    assert pattern.fill(values) == path
    assert pattern.folder == "root"
    hidden = "/".join(["root", *folders, f".{name}", f"{name}.md"])
    assert pattern.matcher()(hidden) is None


@given(PARTS, PARTS)
def test_a_name_used_twice_binds_one_value(one: str, other: str) -> None:
    """A capture that stands twice in a pattern matches only where both parts are the same."""
    regex = FilePattern("{name}/{name}.md").regex()
    assert bool(regex.match(f"{one}/{other}.md")) == (one == other)


@given(st.lists(st.lists(NAMED, min_size=1, max_size=3).map("/".join), max_size=3))
def test_paths_are_portable_where_none_has_a_problem(paths: list[str]) -> None:
    """The quick look at all paths at once finds what the look at each finds."""
    assert are_portable(paths) == (not any(map(portability_problem, paths)))
