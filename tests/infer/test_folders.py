"""`init` on small folders as people keep them: what is a kind, a key, a codelist, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

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


def keys(descriptor: dict[str, Any]) -> dict[str, list[str]]:
    """Return the primary keys of tables."""
    return {each["name"]: each["schema"]["primaryKey"] for each in descriptor["resources"]}


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
    drawn = keys(drafted)
    assert (drawn["artists"], drawn["objects"]) == (["Artist"], ["Object ID"])
    assert len(drafted["records"]) == 3


def test_a_number_that_is_unique_by_chance_is_no_key(tmp_path: Path) -> None:
    """What things are called by is; it may stand in a mapping. Without any such text, the position is."""
    named = "---\n".join(
        f"kind: Pod\nmetadata: {{name: app-{at}}}\nreplicas: {at}\n" for at in range(4)
    )
    counted = "".join(f'{{"replicas": {at}, "load": {9 - at}}}\n' for at in range(4))
    drafted = draft(tmp_path, {"pods.yaml": named, "loads.jsonl": counted})
    assert keys(drafted) == {"pods": ["name"], "loads": ["n"]}


def test_texts_that_differ_in_every_record_are_no_codes(tmp_path: Path) -> None:
    """A translated title goes to the texts of each language; a status that repeats is a codelist."""
    status = {"en": ("open", "closed"), "fr": ("ouvert", "fermé"), "zh": ("开", "关")}
    drafted = draft(
        tmp_path,
        {
            f"n/item-{at}.{language}.md": f"---\ntitle: {language} {at}\nstatus: {words[at % 2]}\n---\n"
            for at in range(5)
            for language, words in status.items()
        },
    )
    fields = {
        each["name"]: [field["name"] for field in each["schema"]["fields"]]
        for each in drafted["resources"]
    }
    assert fields == {
        "n": ["n", "status"],
        "texts": ["n", "language", "title"],
        "statuses": ["code", "label_en", "label_fr", "label_zh"],
    }
