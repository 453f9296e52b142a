"""`release init`: a folder of records becomes a descriptor, and what stands in the way is named."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from release.syntax.yaml import read_yaml
from tests.support import kit

NOTE = "---\ntitle: {}\n---\nText.\n"


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder."""
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def init(root: Path, *options: str) -> tuple[int, str, str]:
    """Run `init` on a folder."""
    return kit.run("init", str(root), *options)


def descriptor(root: Path) -> dict[str, object]:
    """Return the values of a descriptor."""
    value, faults = read_yaml((root / "datapackage.yaml").read_text("utf-8"))
    assert faults == []
    assert isinstance(value, dict)
    return value


def errors(root: Path) -> list[str]:
    """Return the errors of a dataset."""
    return [str(each) for each in kit.check(root).findings if each.severity == "error"]


def test_a_folder_without_records_is_told_so(tmp_path: Path) -> None:
    """Exit code 1, a clear word, and nothing is written."""
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\0")
    code, out, err = init(tmp_path)
    assert (code, out) == (1, "")
    assert err == (
        f"release: {tmp_path}: has no records: expected files in Markdown with front matter, YAML, JSON, "
        "TOML or CSV\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


def test_records_that_must_be_mended_are_named_and_left_out(tmp_path: Path) -> None:
    """Broken YAML, a byte that is no UTF-8, an empty file, a key twice: the others are released."""
    write(
        tmp_path,
        {
            "notes/a.md": NOTE.format("A"),
            "notes/b.md": NOTE.format("B"),
            "notes/byte.md": b"---\ntitle: \xff\n---\n",
            "notes/empty.md": "",
            "notes/list.md": "---\ntitle: [a\n---\n",
            "notes/twice.md": "---\ntitle: x\ntitle: y\n---\n",
        },
    )
    code, out, err = init(tmp_path)
    assert (code, err) == (0, "")
    named = out.split("4 files left out until they are mended:\n")[1].split("wrote ")[0]
    assert re.findall(r"^  (\S+): ", named, re.MULTILINE) == [
        f"notes/{name}.md" for name in ("byte", "empty", "list", "twice")
    ]
    assert errors(tmp_path) == []
    assert kit.check(tmp_path).content.tables["notes"].num_rows == 2


def test_what_only_the_check_finds_is_settled(tmp_path: Path) -> None:
    """A lost character is an error of the tables: its record is named and left out, with the reason."""
    notes = {f"notes/{name}.md": NOTE.format(f"The {name}") for name in "ab"}
    write(tmp_path, notes | {"notes/lost.md": NOTE.format("Caf\ufffd")})
    code, out, err = init(tmp_path)
    assert (code, err) == (0, ""), out
    assert out.startswith("notes: 2 records in notes/{note}.md\n")
    assert "1 file left out until it is mended:\n  notes/lost.md: line 2: " in out
    assert errors(tmp_path) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A descriptor that is there stays as it is; so does a codelist."""
    write(tmp_path, {"notes/a.md": NOTE.format("A"), "datapackage.yaml": "mine\n"})
    code, out, err = init(tmp_path)
    assert (code, out) == (2, "")
    assert err == (
        f"release: {tmp_path}/datapackage.yaml: is there already, and nothing is overwritten\n"
    )
    assert (tmp_path / "datapackage.yaml").read_text("utf-8") == "mine\n"


def test_a_dry_run_prints_the_descriptor_alone(tmp_path: Path) -> None:
    """What it prints below the report is what `init` writes."""
    write(tmp_path, {"notes/a.md": NOTE.format("A"), "notes/b.md": NOTE.format("B")})
    before = kit.tree(tmp_path)
    code, out, err = init(tmp_path, "--dry-run")
    assert (code, err, kit.tree(tmp_path)) == (0, "", before)
    assert init(tmp_path)[0] == 0
    assert out.endswith("\n" + (tmp_path / "datapackage.yaml").read_text("utf-8"))


def test_keys_of_any_kind_become_fields(tmp_path: Path) -> None:
    """Blanks, dots, braces, other scripts, keys that differ in case only, and one that is empty."""
    keys = ["Date Published", "名称", "a.b", "{x}", "$value", "A", "a", "", "=1", "x" * 300]
    write(tmp_path, {"one.json": json.dumps({key: f"v{at}" for at, key in enumerate(keys)})})
    code, out, err = init(tmp_path)
    assert (code, err) == (0, ""), out
    outcome = kit.check(tmp_path)
    (row,) = outcome.content.tables["one"].to_pylist()
    assert sorted(value for value in row.values() if str(value)[0] == "v") == [
        f"v{at}" for at in range(len(keys))
    ]
    assert {"Date Published", "名称", "a.b", "{x}", "$value", "A"} <= row.keys()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1.50", "2.00"], {"type": "number", "decimal": 2}),
        (['"1.10"', '"1.9"'], {}),
        (["007", "012"], {}),
        (["false", "2024-05-01"], {"type": "date", "when": "date"}),
        (["3", "4.5"], {"type": "number"}),
        (["yes", "true"], {"type": "boolean", "trueValues": ["true", "yes"]}),
        (["2024-05-01 12:00 +01", "2024-05-01T12:00:00Z"], {}),
        (["2024-05-01T12:00:00+01:00", "2024-05-01T12:00:00Z"], {"type": "datetime"}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_types_lose_nothing(tmp_path: Path, values: list[str], expected: dict[str, object]) -> None:
    """A number that ends in zeros keeps them; what is in quotes, or begins with a zero, is text."""
    write(tmp_path, {f"n/{at}.md": f"---\nv: {value}\n---\n" for at, value in enumerate(values)})
    code, out, err = init(tmp_path)
    assert (code, err) == (0, ""), out
    resources = descriptor(tmp_path)["resources"]
    assert isinstance(resources, list)
    (field,) = [each for each in resources[0]["schema"]["fields"] if each["name"] == "v"]
    assert {key: field[key] for key in field if key not in ("name", "from")} == expected


def test_two_editions_of_one_record_are_editions(tmp_path: Path) -> None:
    """Folders of languages tell editions apart, even if there is one record only."""
    for language in ("en", "fr"):
        write(tmp_path, {f"notes/{language}/a.md": f"---\nid: a\ntitle: {language}\nn: 1\n---\n"})
    assert init(tmp_path)[0] == 0
    assert errors(tmp_path) == []
    tables = kit.check(tmp_path).content.tables
    assert tables["notes"].to_pylist() == [{"id": "a", "n": 1}]
    assert tables["texts"].column("language").to_pylist() == ["en", "fr"]


def test_new_records_are_proposed_as_a_diff(tmp_path: Path) -> None:
    """Fields, tables and kinds that records have and the descriptor lacks; nothing is written."""
    write(tmp_path, {f"notes/{name}.md": NOTE.format(f"The {name}") for name in "ab"})
    assert init(tmp_path)[0] == 0
    kit.edit(tmp_path / "datapackage.yaml", "name: title", "name: heading")  # by its user
    assert init(tmp_path, "--update") == (
        0,
        "nothing to add: each value of the records has a place\n",
        "",
    )
    write(
        tmp_path,
        {
            "notes/c.md": "---\ntitle: C\nplace: {city: Rome}\ntags: [x, y]\n---\n",
            "people/ada.md": "---\nname: Ada\nborn: 1815\n---\n",
            "people/alan.md": "---\nname: Alan\nborn: 1912\n---\n",
        },
    )
    before = kit.tree(tmp_path)
    code, out, err = init(tmp_path, "--update")
    assert (code, err, kit.tree(tmp_path)) == (0, "", before)
    added = [line[1:].strip() for line in out.splitlines() if re.match(r"\+(?!\+)", line)]
    assert [line for line in out.splitlines() if re.match("-(?!-)", line)] == []
    assert [line for line in added if re.match("(- name|path|rows|- .name: place)", line)] == [
        "path: people/{person}.md",
        "- {name: place_city, from: place.city}",
        "- name: tags",
        "rows: .tags.{position}",
        "- name: people",
        "rows: people",
    ]


def test_a_folder_in_a_store_is_no_record(tmp_path: Path) -> None:
    """A release that stands among the records, as where `--out` is not given, is not read as one."""
    write(tmp_path, {f"{name}.md": NOTE.format(name) for name in "ab"})
    assert init(tmp_path)[0] == 0
    kit.build(tmp_path, tmp_path / "dist")
    assert errors(tmp_path) == []
    (tmp_path / "datapackage.yaml").unlink()
    assert ": 2 records in {" in init(tmp_path)[1].splitlines()[0]
    assert errors(tmp_path) == []
