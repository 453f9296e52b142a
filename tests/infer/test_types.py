"""`init` chooses the type that loses nothing of what people wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support import kit

#: By key: the values of three records, as they stand in YAML, and the properties of the field.
FIELDS = {
    "whole": (["1", "-20", "300"], {"type": "integer"}),
    "part": (["1", "2.5", "-0.25"], {"type": "number"}),
    "money": (["24", "39.99", "44.90"], {"type": "number", "decimal": 2}),
    "degrees": (["12.5", "170.142", "43.50"], {"type": "number", "decimal": 3}),
    "edition": (["1.9", "1.10", "2"], {}),
    "version": (["1.90", "1.10", "2"], {}),
    "zip": (["01067", "10115", "99999"], {}),
    "quoted": (['"1"', '"2"', '"3"'], {}),
    "long": (["12345678901234567890", "1", "2"], {}),
    "since": (["1905", "1850", "2001"], {"type": "year"}),
    "day": (["2024-02-29", "1066-10-14", "2026-01-31"], {"type": "date"}),
    "no_day": (["2024-02-29", "2024-02-30", "2026-01-31"], {}),
    "instant": (
        ["2024-05-01T12:00:00Z", "2024-05-01T12:00:00.25+02:00", "2024-05-02T00:00:00Z"],
        {"type": "datetime"},
    ),
    "local": (
        ["2024-05-01T12:00:00", "2024-05-01T12:00:01", "2024-05-02T00:00:00"],
        {"type": "datetime", "zone": "none"},
    ),
    "jekyll": (
        ["2023-11-02 09:00:00 +0100", "2023-12-24 18:30:00 +0100", "2024-01-15 07:45:00 +0100"],
        {"type": "datetime", "format": "any"},
    ),
    "sometimes": (["2024-05-01T12:00:00Z", "2024-05-01", "2024"], {}),
    "opens": (["09:00:00", "08:30:00", "07:45:00"], {"type": "time"}),
    "yes": (
        ["true", "yes", "no"],
        {"type": "boolean", "trueValues": ["true", "yes"], "falseValues": ["false", "no"]},
    ),
    "country": (["NO", "SE", "DK"], {}),
    "flag": (["true", "false", "true"], {"type": "boolean"}),
}


@pytest.fixture(scope="module")
def fields(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """The fields of a drafted descriptor by name, but for what is said of every field."""
    folder = tmp_path_factory.mktemp("types")
    (folder / "things").mkdir()
    for at in range(3):
        text = "".join(f"{key}: {values[at]}\n" for key, (values, _) in FIELDS.items())
        (folder / f"things/thing-{at}.yaml").write_text(text)
    code, out, err = kit.run("init", str(folder))
    assert (code, err) == (0, ""), out
    table = yaml.safe_load((folder / "datapackage.yaml").read_text("utf-8"))["resources"][0]
    return {
        each["name"]: {name: each[name] for name in each if name not in ("name", "from")}
        for each in table["schema"]["fields"]
    }


@pytest.mark.parametrize("key", FIELDS)
def test_the_type_of_a_field_keeps_what_its_values_say(
    key: str, fields: dict[str, dict[str, object]]
) -> None:
    """A number is none where its zeros would go, and a time is one with its zone or without."""
    assert fields[key] == FIELDS[key][1]


def test_a_folder_that_no_value_repeats_is_a_column(tmp_path: Path) -> None:
    """What only the path says of a record is not lost; what a value repeats is said once."""
    for path, package in [("crates/a/1", "a"), ("crates/b/2", "b"), ("rust/a/3", "a")]:
        file = tmp_path / f"{path}.md"
        file.parent.mkdir(parents=True)
        file.write_text(f"---\npackage: {package}\ntitle: One of {package}\n---\n")
    assert kit.run("init", str(tmp_path))[0] == 0
    drafted = yaml.safe_load((tmp_path / "datapackage.yaml").read_text("utf-8"))
    sources = [each["from"] for each in drafted["resources"][0]["schema"]["fields"]]
    assert "{folder}" in sources
    assert ("package" in sources) != ("{package}" in sources)


def test_a_key_that_looks_like_a_special_value_is_a_key(tmp_path: Path) -> None:
    """`$value` in a record is read as a key; the descriptor beside the record is none itself."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(f"$value: {name}\n$body: {{x: 1}}\nname: n\n")
    assert kit.run("init", str(tmp_path))[0] == 0
    release = kit.build(tmp_path, tmp_path / "dist")
    csv = next((release / "data").glob("*.csv")).read_text("utf-8")
    assert csv.splitlines()[1].count('"one"') == 1 + csv.splitlines()[0].count("path")
    assert kit.run("verify", "--rebuild", str(release))[1].endswith("\nverifies\n")
