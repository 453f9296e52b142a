"""What is mended is mended in every notation, and every other byte and value stays."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from release.build.inputs import Options
from release.descriptor import load
from release.findings.rules import family
from release.fix import placement, remedy
from release.fix.repairs import trim
from release.syntax.looks.appearance import find_hidden, is_blank
from tests.support.kit import check

#: One kind for each format, all with a text and a number beside it.
FORMATS = ("md", "yaml", "json", "toml", "jsonl", "csv")
FIELDS = "[{name: id, from: id}, {name: text, from: text}, {name: size, type: integer, from: size}]"
DESCRIPTOR = (
    "name: notes\nversion: 0.1.0\ncreated: '2026-01-31T00:00:00Z'\nrecords:\n"
    + "".join(f'  {form}: {{path: "{form}/{{file}}.{form}"}}\n' for form in FORMATS)
    + "resources:\n"
    + "".join(
        f"  - name: {form}\n    rows: {form}\n    schema: {{primaryKey: [id], fields: {FIELDS}}}\n"
        for form in FORMATS
    )
)

#: Texts with what is mended, and with what makes a notation hard.
TEXTS = st.text(
    st.sampled_from("ab \t\u00a0\u3000\u200b\u00adé中😀'\"\\:#-{}[]|>,%@`\n&*!?~0."),
    min_size=1,
    max_size=12,
)


def write_yaml(texts: list[str], draw: Any) -> str:
    """Write a list of texts as YAML, each in a style of its own."""
    lines = []
    for text in texts:
        style = draw(st.sampled_from([None, "'", '"', "|", ">"]))
        width, escapes = draw(st.sampled_from([4, 80])), draw(st.booleans())
        dumped = yaml.dump(
            {"text": text}, default_style=style, width=width, allow_unicode=not escapes
        )
        lines.append(dumped.replace('"text":', "text:").replace("'text':", "text:"))
    return lines[0]


def write_toml(text: str, draw: Any) -> str:
    """Write a text as a value of TOML."""
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    ways = [f'"{escaped}"', f'"""{escaped}"""', f'"""\n{escaped}"""']
    if "'" not in text:
        ways += [f"'''{text}'''", f"'''\n{text}'''"]
        ways += [f"'{text}'"] if "\n" not in text else []
    return str(draw(st.sampled_from(ways)))


def write_json(text: str, draw: Any) -> str:
    """Write a record as JSON; `size` comes behind the text."""
    return json.dumps(
        {"id": "a", "text": text, "size": 1},
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 1])),
    )


def write_files(texts: dict[str, str], draw: Any) -> dict[str, str]:
    """Write a file of each format, which has one text."""
    front = "# who\nid: a\n{}size: 1\n"
    cells = io.StringIO()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    csv.writer(cells, quoting=quoting, lineterminator="\n").writerows(
        [["id", "text", "size"], ["a", texts["csv"], "1"]]
    )
    of_lines = json.dumps({"id": "a", "text": texts["jsonl"], "size": 1})
    return {
        "md": f"---\n{front.format(write_yaml([texts['md']], draw))}---\nIts body \n",
        "yaml": front.format(write_yaml([texts["yaml"]], draw)),
        "json": write_json(texts["json"], draw),
        "toml": f'id = "a" # of it\ntext = {write_toml(texts["toml"], draw)}\nsize = 1\n',
        "jsonl": f"{of_lines}\n",
        "csv": cells.getvalue(),
    }


def read(form: str, text: str) -> dict[str, Any]:
    """Read a record by another reader than that of the program; numbers are texts."""
    if form == "csv":
        return next(csv.DictReader(io.StringIO(text, newline="")))
    if form in ("json", "jsonl"):
        value = json.loads(text)
    elif form == "toml":
        value = tomllib.loads(text)
    else:
        value = yaml.load(text.split("---\n")[1] if form == "md" else text, yaml.BaseLoader)
    return {key: str(each) for key, each in value.items()}


def mended(text: str) -> str:
    """The right text, by the definition of what is mended."""
    if is_blank(text):
        return text
    hidden = set(find_hidden(text))
    return trim("".join(sign for at, sign in enumerate(text) if at not in hidden))


def is_part(short: bytes, long: bytes) -> bool:
    """Whether bytes are others of which some were removed."""
    rest: Iterator[int] = iter(long)
    return all(each in rest for each in short)


def causes(root: Path) -> Counter[tuple[str, str]]:
    """The findings of a check, by rule and file."""
    return Counter((family(each.rule), each.path) for each in check(root).findings)


@settings(max_examples=6)
@given(st.data())
def test_values_are_mended_and_nothing_else(data: st.DataObject) -> None:
    """By other readers, each text is the right one or as before; nothing new is found."""
    texts = {form: data.draw(TEXTS, form) for form in FORMATS}
    written = write_files(texts, data.draw)
    root = Path(tempfile.mkdtemp())
    try:
        (root / "datapackage.yaml").write_text(DESCRIPTOR)
        for form, text in written.items():
            (root / form).mkdir()
            (root / form / f"x.{form}").write_bytes(text.encode())
        before = causes(root)
        found = remedy.propose(load.load(root / "datapackage.yaml"), Options())
        for change in found.changes:
            placement.place(change)
        after = causes(root)
        assert after - before == Counter()
        left = {each.finding.path for each in found.left} | {e.change.path for e in found.dropped}
        for form, text in written.items():
            path = f"{form}/x.{form}"
            now = (root / path).read_bytes()
            old, new = read(form, text), read(form, now.decode())
            assert {**new, "text": ""} == {**old, "text": ""}
            kept = now.removesuffix(b"\n").translate(None, b"\"'")  # `}` alone needs quotes
            assert is_part(kept, text.encode()), (form, text, now)
            if path not in left:
                right = mended(old["text"]) if before_has(before, path) else old["text"]
                assert new["text"].rstrip("\n") == right.rstrip("\n")
                assert not before_has(after, path)
    finally:
        shutil.rmtree(root)


def before_has(found: Counter[tuple[str, str]], path: str) -> bool:
    """Whether a file has findings that can be mended."""
    return any((rule, path) in found for rule in ("blank-ends", "hidden-character"))
