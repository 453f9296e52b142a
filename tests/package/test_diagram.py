"""The diagram of tables and keys: every reference is in it, as a mark and in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from release.descriptor.model import ForeignKey
from release.package.manifest import folder as manifest_folder
from release.package.manifest.resources import ManifestResource, ManifestSchema
from release.package.page.pictures import diagram

Keys = Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]


def tables_of(keys: Keys) -> list[ManifestResource]:
    """Return tables, each with the tables that it refers to, and by which fields."""
    return [
        ManifestResource(
            name,
            "csv",
            (f"data/{name}.csv",),
            0,
            "",
            ManifestSchema(
                (),
                ("id",),
                tuple(
                    ForeignKey(fields, "" if to == name else to, fields) for to, fields in targets
                ),
                {},
            ),
            {},
        )
        for name, targets in keys.items()
    ]


def test_a_link_says_to_which_tables_one_refers() -> None:
    """By which fields, in two ways, and to itself; a table that is not there is left out."""
    keys: Keys = {
        "notes": [("notes", ("before",)), ("places", ("from",)), ("places", ("to", "way"))],
        "places": [("elsewhere", ("id",))],
        "<b>": [],
    }
    drawn = diagram.draw(tables_of(keys))
    assert drawn is not None
    root = ElementTree.fromstring(drawn)
    assert (root.get("role"), root.get("aria-label")) == ("group", "Tables and their keys")
    assert [
        (link.get("href"), link.get("aria-label"), link[0].text) for link in root.iter("a")
    ] == [
        ("#table-notes", "notes refers to notes by before, places by from; by to and way", "notes"),
        ("#table-places", "places refers to no table", "places"),
        ("#table-%3Cb%3E", "<b> refers to no table", "<b>"),
    ]
    assert len(list(root.iter("circle"))) == 2


def test_without_references_there_is_no_diagram() -> None:
    """Tables alone say nothing that the list of tables does not."""
    assert diagram.draw(tables_of({"one": [], "two": []})) is None


def test_the_diagram_of_a_release_has_each_of_its_keys(built: Path) -> None:
    """As many circles as pairs of tables; each link leads to the dictionary of the page."""
    manifest, _ = manifest_folder.find(built)
    assert manifest is not None
    tables = list(manifest.tables.values())
    pairs = {
        (each.name, key.resource)
        for each in tables
        if each.schema
        for key in each.schema.foreign_keys
    }
    drawn = diagram.draw(tables)
    assert drawn is not None
    text = (built / "index.html").read_text("utf-8")
    assert drawn in text
    assert drawn.count("<circle") == len(pairs) > 30
    for name in re.findall(r'href="#([^"]+)"', drawn):
        assert f'id="{name}"' in text


@st.composite
def schemas(draw: st.DrawFn) -> Keys:
    """Up to thirty tables that refer to any of them."""
    names = [f"t{at}" for at in range(draw(st.integers(1, 30)))]
    pairs = draw(st.sets(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=60))
    return {
        one: [(other, ("id",)) for each, other in sorted(pairs) if each == one] for one in names
    }


@given(keys=schemas())
def test_no_two_lines_touch(keys: Keys) -> None:
    """However many tables there are, a mark belongs to one line, and none is left out."""
    drawn = diagram.draw(tables_of(keys))
    pairs = {(one, other) for one, targets in keys.items() for other, _ in targets}
    if drawn is None:
        assert not pairs
        return
    (upright,) = re.findall(r'd="([^"]*)" class="rail"', drawn)
    lines = [
        tuple(map(float, each)) for each in re.findall(r"M([\d.]+) ([\d.]+)V([\d.]+)", upright)
    ]
    assert len(lines) == len({other for _, other in pairs})
    for at, (x, first, last) in enumerate(lines):
        for other_x, other_first, other_last in lines[at + 1 :]:
            assert x != other_x or last < other_first or first > other_last
    assert drawn.count("<circle") == len(pairs)
