"""A dataset that is watched has the findings of a check, whatever happened to its files."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from release.build import outcome
from release.build.inputs import Options
from release.build.watch.session import Session
from release.descriptor import load
from release.findings import Finding
from release.findings.errors import ReleaseError

DESCRIPTOR = """\
name: notes
version: 0.1.0
created: '2026-01-31T00:00:00Z'
records:
  notes: {path: "notes/{language}/{note}.yaml", prefer: {language: [en, fr]}, mayBeEmpty: true}
resources:
  - name: notes
    rows: notes
    compare: {across: language, fields: [size]}
    checks:
      - name: heavy
        severity: warning
        message: "size is {size}, expected 5 or less"
        query: SELECT note, language, size FROM notes WHERE size > 5
    schema:
      primaryKey: [note, language]
      fields:
        - {name: note, from: "{note}"}
        - {name: language, from: "{language}"}
        - {name: title, from: title, constraints: {unique: true}}
        - {name: size, type: integer, from: size}
        - {name: kind, from: kind, codes: kinds}
  - name: kinds
    path: kinds.csv
    codelist: {labels: "label_{language}"}
    schema:
      primaryKey: [code]
      fields: [{name: code}, {name: label_en}, {name: label_fr}]
"""

CODES = "code,label_en,label_fr\nr,rain,pluie\ns,snow,neige\n"

#: What a file may hold, by its path; None where there is none.
CHANGES = st.one_of(
    st.tuples(
        st.builds("notes/{}/{}.yaml".format, st.sampled_from(["en", "fr"]), st.sampled_from("abc")),
        st.sampled_from(
            [
                "title: A\nsize: 1\nkind: rain\n",
                "title: A \nsize: 7\nkind: pluie\n",
                "title: B\r\nsize: 1\r\nkind: snow\r\n",
                "title: B\nsize: x\nkind: hail\nmore: 1\n",
                "title: [\n",
                "",
                None,
            ]
        ),
    ),
    st.tuples(
        st.just("kinds.csv"),
        st.sampled_from([CODES, CODES + "h,hail,\n", "code\nr\n", None]),
    ),
    st.tuples(
        st.just("datapackage.yaml"),
        st.sampled_from(
            [
                DESCRIPTOR,
                DESCRIPTOR.replace("size > 5", "size > 0"),
                DESCRIPTOR + "x: [\n",
                DESCRIPTOR.replace("query: SELECT", "query: SELEKT"),
                None,
            ]
        ),
    ),
)


def change(root: Path, path: str, text: str | None, *, is_atomic: bool) -> None:
    """Write a file, in place or as editors do, or remove it."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    if text is None:
        file.unlink(missing_ok=True)
    elif is_atomic:
        (root / ".saved").write_bytes(text.encode())
        os.replace(root / ".saved", file)  # noqa: PTH105 — as an editor does
    else:
        file.write_bytes(text.encode())


def checked(root: Path) -> tuple[list[Finding], int, str]:
    """The findings and records of a check that knows nothing, or why there are none."""
    try:
        found = outcome.check(load.load(root / "datapackage.yaml"), Options())
        return list(found.findings), found.records, ""
    except (ReleaseError, OSError) as error:
        return [], -1, str(error)


@settings(max_examples=10)
@given(st.lists(st.tuples(CHANGES, st.booleans()), min_size=4, max_size=6))
def test_each_state_is_that_of_a_check(changes: list[tuple[tuple[str, str | None], bool]]) -> None:
    """Findings, records and problems after each change are those of a check of the whole dataset."""
    root = Path(tempfile.mkdtemp())
    try:
        for name, content in (("datapackage.yaml", DESCRIPTOR), ("kinds.csv", CODES)):
            change(root, name, content, is_atomic=False)
        file = root / "datapackage.yaml"
        with Session(file, lambda: (load.load(file), Options())) as session:
            session.prepare()
            before: list[Finding] = []
            for (path, text), is_atomic in changes:
                change(root, path, text, is_atomic=is_atomic)
                state = session.check()
                assert (list(state.findings), state.records, state.problem) == checked(root)
                if state.outcome is not None:
                    assert set(state.gone) <= set(before)
                    assert set(state.new) <= set(state.findings)
                    before = list(state.findings)
    finally:
        shutil.rmtree(root)
