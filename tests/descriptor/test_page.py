"""The property `page`: which table, title and language it names, and what it leaves to keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from release.descriptor import load
from release.descriptor.page.model import EditionColumn, PageContent, TitleColumn

STATIONS = """
name: stations
version: 0.1.0
created: '2026-01-31T00:00:00Z'
records:
  stations: {path: "{lang}/{station}.md", prefer: {lang: [en, sv]}}
page: {PAGE}
resources:
  - name: kinds
    path: kinds.csv
    codelist: {labels: "label_{language}"}
    schema:
      primaryKey: [code]
      fields: [{name: code}, {name: label_en}]
  - name: langs
    path: langs.csv
    codelist: {}
    schema: {primaryKey: [code], fields: [{name: code}]}
  - name: texts
    rows: stations
    schema:
      primaryKey: [of, tongue]
      foreignKeys: [{fields: [of], reference: {resource: stations, fields: [station]}}]
      fields:
        - {name: of, from: "{station}"}
        - {name: tongue, from: "{lang}", codes: langs}
        - {name: head.line, from: heading}
  - name: details
    rows: stations
    schema:
      primaryKey: [station]
      fields:
        - {name: station, from: "{station}"}
        - {name: nickname, from: nickname}
  - name: sensors
    rows: "stations/sensors.{n}"
    schema:
      primaryKey: [station, n]
      foreignKeys: [{fields: [station], reference: {resource: stations, fields: [station]}}]
      fields:
        - {name: station, from: "{station}"}
        - {name: n, type: integer, from: "{n}"}
        - {name: sensor, from: $value}
  - name: stations
    rows: stations
    schema:
      primaryKey: [station]
      fields:
        - {name: station, from: "{station}"}
        - {name: kind, from: kind, codes: kinds}
"""


@pytest.mark.parametrize(
    ("page", "content"),
    [
        ("{}", PageContent()),
        ("{entity: kinds, title: code}", PageContent(entity="kinds", title=TitleColumn("kinds", "code"))),
        ("{title: stations.kind}", PageContent(title=TitleColumn("stations", "kind"))),
        ("{title: details.nickname}", PageContent(title=TitleColumn("details", "nickname"))),
        (
            "{language: langs, title: texts.head.line}",
            PageContent(
                title=TitleColumn("texts", "head.line", "tongue"),
                language=EditionColumn("tongue", "langs"),
            ),
        ),
        ("{language: sensors.n}", PageContent(language=EditionColumn("n"))),
        ("{order: sensors}", PageContent(order=("sensors",))),
        ("{hide: []}", PageContent(hide=frozenset())),
        ("{hide: n}", PageContent(hide=frozenset({("sensors", "n")}))),
        (
            "{hide: [station, texts.head.line]}",
            PageContent(
                hide=frozenset({
                    ("details", "station"), ("sensors", "station"), ("stations", "station"),
                    ("texts", "head.line"),
                })
            ),
        ),
    ],
)  # fmt: skip
def test_a_page_names_tables_and_columns(page: str, content: PageContent) -> None:
    """A name may have dots, and a column of languages another name than that of the capture."""
    assert load.parse(STATIONS.replace("{PAGE}", page), Path("datapackage.yaml")).page == content
