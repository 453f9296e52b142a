"""`init` on small folders as people keep them: what is a kind, a key, a codelist, and what is left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from release.descriptor.load import load
from release.syntax.yaml import read_yaml
from tests.support import kit


def draft(root: Path, files: Mapping[str, str | bytes]) -> dict[str, Any]:
    """Write files, and return the descriptor that `init` makes of them; its check finds nothing at all."""
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    code, out, err = kit.run("init", str(root))
    assert (code, err) == (0, ""), out
    found = [str(each) for each in kit.check(root).findings if each.severity != "note"]
    assert found == [], out
    value, _ = read_yaml((root / "datapackage.yaml").read_text("utf-8"))
    assert isinstance(value, dict)
    return value


def keys(root: Path) -> dict[str, list[str]]:
    """Return the primary keys of tables."""
    read = load(root / "datapackage.yaml")
    return {each.name: list(each.primary_key) for each in read.resources}


def fields(root: Path) -> dict[str, dict[str, str]]:
    """Return the types of fields by name, by the names of their tables."""
    read = load(root / "datapackage.yaml")
    return {each.name: {field.name: field.type for field in each.fields} for each in read.resources}


def test_csv_files_with_other_headers_are_tables_of_their_own(tmp_path: Path) -> None:
    """Two files of one collection share a column or two; two years of one table share nearly all."""
    rows = "".join(f"{at:03},Work {at},Ada,18{at}0\n" for at in range(4))
    drafted = draft(
        tmp_path,
        {
            "artists.csv": "Artist,Born,Country\nAda,1790,DE\nBo,1801,SE\n",
            "objects.csv": f"Object ID,Title,Artist,Year\n{rows}",
            "visits-2023.csv": "day,adults,children\n2023-01-01,1,2\n2023-01-02,3,4\n",
            "visits-2024.csv": "day,adults,children\n2024-01-01,1,2\n2024-01-02,3,4\n",
        },
    )
    drawn = keys(tmp_path)
    assert (drawn["artists"], drawn["objects"]) == (["Artist"], ["Object ID"])
    assert len(drafted["records"]) == 3


def test_a_number_that_is_unique_by_chance_is_no_key(tmp_path: Path) -> None:
    """What things are called by is; it may stand in a mapping. Without any such text, the position is."""
    named = "---\n".join(
        f"kind: Pod\nmetadata: {{name: app-{at}}}\nreplicas: {at}\n" for at in range(4)
    )
    counted = "".join(f'{{"replicas": {at}, "load": {9 - at}}}\n' for at in range(4))
    draft(tmp_path, {"pods.yaml": named, "loads.jsonl": counted})
    assert keys(tmp_path) == {"pods": ["name"], "loads": ["n"]}


def test_texts_that_differ_in_every_record_are_no_codes(tmp_path: Path) -> None:
    """A translated title goes to the texts of each language; a status that repeats is a codelist."""
    status = {"en": ("open", "closed"), "fr": ("ouvert", "fermé"), "zh": ("开", "关")}
    draft(
        tmp_path,
        {
            f"n/item-{at}.{language}.md": f"---\ntitle: {language} {at}\nstatus: {words[at % 2]}\n---\n"
            for at in range(5)
            for language, words in status.items()
        },
    )
    assert {name: list(each) for name, each in fields(tmp_path).items()} == {
        "n": ["n", "status"],
        "texts": ["n", "language", "title"],
        "statuses": ["code", "label_en", "label_fr", "label_zh"],
    }


def test_the_signs_between_cells_and_in_numbers_are_found(tmp_path: Path) -> None:
    """Semicolons, tabs and bars, also between cells with commas; numbers as they are written there."""
    shops = "".join(f"0012{at};Shop, {at};1.0{at}4,50;{at},234\n" for at in range(4))
    drafted = draft(
        tmp_path,
        {
            "shops.csv": f"zip;name;revenue;unclear\n{shops}",
            "excel.csv": "\ufeffcode;label\r\na;x\r\nb;y\r\n",
            "bars.csv": 'code|price\na|"1,234.50"\nb|2.75\n',
            "tabs.csv": "code\tlabel\na\tone; two\nb\tthree, four\n",
            "plain.csv": 'code,label\na,"one; two"\nb,"x|y"\n',
        },
    )
    dialects = {name: kind.get("dialect") for name, kind in drafted["records"].items()}
    assert dialects == {
        "shops": {"delimiter": ";"},
        "excel": {"delimiter": ";"},
        "bars": {"delimiter": "|"},
        "tabs": {"delimiter": "\t"},
        "plain": None,
    }
    assert drafted["records"]["excel"]["encoding"] == "utf-8-sig"
    tables = kit.check(tmp_path).content.tables
    assert tables["excel"].column_names == ["code", "label"]
    assert str(tables["shops"].to_pylist()[1]["revenue"]) == "1014.50"
    assert tables["shops"].to_pylist()[1]["unclear"] == "1,234"
    assert [str(row["price"]) for row in tables["bars"].to_pylist()] == ["1234.50", "2.75"]


def test_other_endings_of_known_formats_are_read(tmp_path: Path) -> None:
    """The features of GeoJSON and the graph of JSON-LD are records; what stands beside them is left out."""
    shapes = [
        {"type": "Point", "coordinates": [0.5, 1]},
        {"type": "LineString", "coordinates": [[0, 1], [2, 3]]},
    ]
    features = [
        {"type": "Feature", "properties": {"name": f"P{at}", "pop": at}, "geometry": shapes[at]}
        for at in range(2)
    ]
    terms = [{"@id": "a", "label": "A"}, {"@id": "b", "label": "B"}]
    drafted = draft(
        tmp_path,
        {
            "places.geojson": json.dumps({"type": "FeatureCollection", "features": features}),
            "terms.jsonld": json.dumps({"@context": {"label": "http://e.org/l"}, "@graph": terms}),
            "log.ndjson": '{"id": "x"}\n{"id": "y"}\n',
            "pages/a.qmd": "---\ntitle: A\n---\n",
            "pages/b.qmd": "---\ntitle: B\n---\n",
        },
    )
    assert {
        name: (kind.get("format"), kind.get("records")) for name, kind in drafted["records"].items()
    } == {
        "log": (None, "{n}"),
        "pages": (None, None),
        "places": ("json", "features.{n}"),
        "terms": ("json", "@graph.{n}"),
    }
    assert fields(tmp_path)["places"] == {
        "name": "string",
        "type": "string",
        "pop": "integer",
        "geometry": "geojson",
    }


def test_every_file_beside_records_has_a_place(tmp_path: Path) -> None:
    """Pictures belong to records by name, bundle or folder; all else is left out with an honest reason."""
    note = "---\ntitle: {}\n---\n"
    drafted = draft(
        tmp_path,
        {
            **{f"notes/{name}.md": note.format(name * 2) for name in "ab"},
            **{f"trips/{name}/index.md": note.format(name * 2) for name in "xy"},
            "notes/a.jpg": b"\xff\xd8",
            "notes/map.png": b"\x89PNG",
            "notes/table.xlsx": b"PK",
            "notes/README.md": "About.\n",
            "notes/site/style.css": "a {}\n",
            "notes/site/deep/x.js": "1\n",
            "trips/x/photos/one.jpg": b"\xff\xd8",
            "elsewhere/logo.png": b"\x89PNG",
        },
    )
    assert drafted["records"]["notes"]["companions"] == [
        {"path": "notes/{note}.jpg"},
        {"path": "notes/*.png"},
    ]
    assert drafted["records"]["notes"]["exclude"] == [
        {"path": "notes/README.md", "reason": "is about its folder"},
        {"path": "notes/site/**", "reason": "is code"},
        {
            "path": "notes/table.xlsx",
            "reason": "is a spreadsheet: save it as CSV if its rows are records",
        },
    ]
    (bundle,) = drafted["records"]["trips"]["companions"]
    assert bundle["path"].endswith("}/**/*.jpg")


def test_what_is_about_the_root_of_records_is_left_out(tmp_path: Path) -> None:
    """Of a site: its README, the pictures in a folder of their own, and what holds no record."""
    drafted = draft(
        tmp_path,
        {
            "_config.yml": "title: A site\n",
            "_posts/a.md": "---\ntitle: A\n---\n",
            "_posts/b.md": "---\ntitle: B\n---\n",
            "README.md": "About.\n",
            "img/0.png": b"\x89PNG",
            "img/1.png": b"\x89PNG",
        },
    )
    assert drafted["records"]["config"]["exclude"] == [
        {"path": "README.md", "reason": "is about its folder"},
        {"path": "img/**", "reason": "is a picture"},
    ]


def test_names_of_things_as_keys_are_rows_though_few(tmp_path: Path) -> None:
    """Versions by name are a table, whether a record without any has an empty mapping or none."""
    needs = [
        None,
        {"a": "^1.0.0"},
        {"a": "^2.0", "b": "^2.0.1"},
        {"b": "~3.0.0", "c": "^3.1.0"},
        {},
    ]
    packages = {
        f"packages/p{at}/package.json": json.dumps(
            {"name": f"p{at}", "author": {"name": "Ada", "url": f"https://e.org/{at}"}}
            | ({} if need is None else {"dependencies": need})
        )
        for at, need in enumerate(needs)
    }
    draft(tmp_path, packages)
    assert keys(tmp_path)["dependencies"] == ["name", "dependency"]
    assert kit.check(tmp_path).content.tables["dependencies"].num_rows == 5
    assert list(fields(tmp_path)["packages"]) == ["name", "author_name", "author_url"]


def test_notes_in_folders_at_several_depths_are_one_kind(tmp_path: Path) -> None:
    """Their folders are a column; notes with other keys would be another kind."""
    note = "---\ncreated: 2024-01-0{}\ntags: [x]\n---\nText.\n"
    paths = ["Projects/One", "Projects/Two", "Areas/Home/Three", "Areas/Home/Four", "Five", "Six"]
    files = {f"{path}.md": note.format(at + 1) for at, path in enumerate(paths)}
    drafted = draft(tmp_path / "vault", files)
    (kind,) = drafted["records"].values()
    assert kind["path"] == "{section:**}/{page}.md"
    assert keys(tmp_path / "vault") == {"vault": ["page"], "tags": ["page", "position"]}
    other = {"Areas/Home/Four.md": "---\nauthor: Ada\nisbn: x\n---\n"}
    other |= {"Areas/Home/Three.md": "---\nauthor: Bo\nisbn: y\n---\n"}
    mixed = {path: text for path, text in (files | other).items() if "/" in path}
    assert len(draft(tmp_path / "mixed", mixed)["records"]) == 2


def test_a_file_too_large_for_a_companion_is_left_out(tmp_path: Path) -> None:
    """Of two recordings among the records one is released beside them."""
    files = {f"n/{name}.md": f"---\nt: x{name}\n---\n" for name in "ab"} | {"n/short.mp4": b"x"}
    (tmp_path / "n").mkdir()
    with (tmp_path / "n/long.mp4").open("wb") as file:
        file.truncate(256 * 2**20 + 1)  # takes no room
    kind = draft(tmp_path, files)["records"]["n"]
    assert kind["companions"] == [{"path": "n/*.mp4"}]
    assert [each["path"] for each in kind["exclude"]] == ["n/long.mp4"]


def test_keys_in_two_levels_are_one_key(tmp_path: Path) -> None:
    """An address and a method tell operations apart; what a crate needs is a row, in whatever form."""
    get = "get: {summary: List, tags: [x]}"
    draft(
        tmp_path,
        {
            "api.yaml": f"t: A\npaths:\n  /a: {{{get}, put: {{tags: [y], summary: B}}}}\n  /b: {{{get}}}\n",
            "crates/a.toml": 'name = "a"\n[dependencies]\nx = "1.0"\ny = {version = "2", path = "../y"}\n',
            "crates/b.toml": 'name = "b"\n[dependencies]\nx = "^1.1"\n',
        },
    )
    drawn = keys(tmp_path)
    assert (drawn["paths"], drawn["tags"]) == (["path", "key"], ["path", "key", "position"])
    assert list(fields(tmp_path)["dependencies"]) == [
        "name",
        "dependency",
        "value",
        "version",
        "path",
    ]


def test_rows_within_one_thing_have_its_key_and_their_number(tmp_path: Path) -> None:
    """A time is unique by chance; what a record is called elsewhere refers to nothing."""
    times = "".join(f"T{at // 2},0{at}:30:00,S1,{at % 2}\n" for at in range(6))
    things = {
        f"things/{name}.yaml": f"by: [{{name: x{name}}}, Team]\nsites: [{{wiki: {name}}}]\n"
        for name in "abcd"
    }
    draft(
        tmp_path,
        {"stop_times.csv": f"trip_id,arrival,stop_id,sequence\n{times}", **things}
        | {"things/e.yaml": "by: Someone\nsites: [{wiki: e}]\n"},
    )
    assert keys(tmp_path)["stop_times"] == ["trip_id", "sequence"]
    assert list(fields(tmp_path)["by"]) == ["thing", "position", "value", "name"]
    (reference,) = load(tmp_path / "datapackage.yaml").resource("sites").foreign_keys
    assert reference.fields == ("thing",)


def test_folders_called_by_numbers_are_a_column(tmp_path: Path) -> None:
    """Notes of one year so far: another year will come. A day that a file is called by is a date."""
    days = {f"Daily/2024/0{m}/2024-0{m}-11.md": f"---\nmood: {m}\n---\n" for m in (1, 2)}
    (kind,) = draft(tmp_path, days)["records"].values()
    assert kind["path"] == "Daily/{year}/{month}/{daily}.md"
    assert fields(tmp_path)["daily"]["daily"] == "date"
