"""Whatever text is a name is written and read as it is: in the header of CSV, in SQL, as an id."""

from __future__ import annotations

import csv
import io
import re

import duckdb
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from release.descriptor.schema import names
from release.findings.message import named
from release.syntax.escapes import escape_log
from release.system.filenames import path_problem, portability_problem
from release.tables.csv import to_bytes
from release.tables.sql import quote_name

DATABASE = duckdb.connect()

#: Texts of signs that mean something somewhere, and of all others.
TEXTS = st.text(
    "aB1_ \"'`,;:=$#{}[]()<>/\\|%&-.+@\n\t\u0301é名\u200bя\u202e", max_size=8
) | st.text(max_size=8)


@given(st.lists(TEXTS, min_size=4, max_size=12, unique=True))
def test_fields_are_columns_of_their_names(texts: list[str]) -> None:
    """Python's csv module and DuckDB find each by its name, and no other."""
    texts = [text for text in texts if text and not names.find_problem(text)]
    twins = [at for at, _ in names.find_twins(texts)]
    texts = [text for at, text in enumerate(texts) if at not in twins]
    if not texts:
        return
    table = pa.table([[str(at)] for at in range(len(texts))], names=texts)
    header, row = csv.reader(io.StringIO(to_bytes(table).decode(), newline=""))
    assert (header, row) == (texts, [str(at) for at in range(len(texts))])
    DATABASE.register("t", table)
    wanted = ", ".join(map(quote_name, texts))
    assert DATABASE.execute(f"SELECT {wanted} FROM t").fetchall() == [tuple(row)]


@given(TEXTS)
def test_a_name_is_one_line_that_nothing_obeys(text: str) -> None:
    """It is shown in a log as it is but for commands of CI, and no spreadsheet takes it for a formula."""
    if not text or names.find_problem(text):
        return
    assert text.splitlines() == [text]
    assert escape_log(text).replace("\\u0023", "#").replace("\\u003a", ":") == text
    assert text.strip() == text
    assert text[0] not in "=+-@"
    assert named(text) == text or named(text).startswith("'")


@given(TEXTS)
def test_a_table_has_the_name_of_a_file(text: str) -> None:
    """On every system, below `data/`, without a sign that a shell or a glob takes for something else."""
    if not text or names.find_table_problem(text):
        return
    path = f"data/{text}/part-00001.parquet"
    assert not path_problem(path)
    assert not portability_problem(path)
    assert not re.search(r'[*?\[\]{}$`"\\;&#%~<>|]', text)
