"""A descriptor is read into values, or refused: every problem of it with its place, word for word."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from release.descriptor import profile
from release.descriptor.load import load, parse, with_severities
from release.descriptor.model import Descriptor
from release.descriptor.vocabulary import EXTENSIONS, PROPERTIES
from release.findings.errors import UsageError
from release.package.referee import judgement
from release.tables import keys
from release.tables.queries import checks
from tests.support.descriptors import FINDINGS

ROOT = Path(__file__).parents[2]

BASE = """\
name: notes
version: 0.1.0
created: '2026-01-01T00:00:00Z'
records:
  notes:
    path: records/{language}/{note_id}.md
    prefer: {language: [en, de]}
checks:
  - name: some-note
    message: "{title} is short"
    query: SELECT title FROM notes
resources:
  - name: notes
    rows: notes
    compare: {across: language, fields: [title]}
    schema:
      primaryKey: [note_id, language]
      uniqueKeys: [[title, language]]
      foreignKeys:
        - {fields: [parent, language], reference: {fields: [note_id, language]}}
      fields:
        - {name: note_id, from: "{note_id}"}
        - {name: language, from: "{language}"}
        - {name: title, from: title}
        - {name: parent, from: parent}
        - {name: count, type: integer, from: count}
        - {name: colour, from: colour, codes: colours}
        - {name: seen, type: date, from: seen}
  - name: tags
    rows:
      - {path: "notes/tags.{n}", set: {place: tag}}
    schema:
      primaryKey: [note_id, place, n]
      fields:
        - {name: note_id, from: "{note_id}"}
        - {name: place, from: "{place}"}
        - {name: n, type: integer, from: "{n}"}
        - {name: tag, from: $value}
        - {name: start, type: integer, locate: "tags.{n}"}
  - name: colours
    path: codelists/colours.csv
    codelist: {labels: "label_{language}", aliases: aliases}
    schema:
      primaryKey: code
      fields:
        - {name: code}
        - {name: label_en}
        - {name: aliases}
        - {name: rank, type: integer}
""" + FINDINGS.replace("name: findings", "name: found")

FILE = Path("datapackage.yaml")
TITLE = "{name: title, from: title}"
DEVICE = "which Windows keeps for a device; expected another one"
COUNT = "{name: count, type: integer, from: count}"
SEEN = "{name: seen, type: date, from: seen}"

PROFILE_URL = "https://datapackage.org/profiles/2.0/datapackage.json"
READ = "has no meaning here: the table is read from its file; leave it out"
WRITES = "has no meaning here: the build writes the findings; leave it out"
NO_VALUES = "has no meaning here: the table holds findings, not data; leave it out"
A_PATH = "expected a path below the folder, with / between parts"
A_TIME = "expected a time with its zone, from 1980 to 2107, such as '2026-01-31T00:00:00Z'"
A_TABLE = "expected a kind of `records`, or KIND/PATH"
A_CAPTURE = "expected a {capture} of letters, digits and _ at character"
F = "resources.0.schema.fields"
C = f"{F}.2.constraints"
N = f"{F}.4.constraints"

#: Per fault: what stands for what in BASE, and the problems: where each points, and what it says.
REFUSED: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    # the standard's own properties
    "keywords-number": (
        "version:",
        "keywords: 7\nversion:",
        [("7", "keywords is 7, expected a list of texts")],
    ),
    "keywords-empty": (
        "version:",
        "keywords: []\nversion:",
        [("[]", "keywords is an empty list, expected a list of texts")],
    ),
    "keywords-of-numbers": (
        "version:",
        "keywords: [rain, 7]\nversion:",
        [("7", "keywords.1 is 7, expected text")],
    ),
    "licenses-mapping": (
        "version:",
        "licenses: {name: MIT}\nversion:",
        [("{name: MIT}", "licenses is a mapping, expected a list of mappings")],
    ),
    "license-without-name": (
        "version:",
        "licenses: [{title: MIT}]\nversion:",
        [("{title", "licenses.0 has no `name` or `path`, expected one of them")],
    ),
    "license-name": (
        "version:",
        "licenses: [{name: CC BY}]\nversion:",
        [("CC BY", "licenses.0.name is 'CC BY', expected a licence's name such as 'CC-BY-4.0'")],
    ),
    "contributors-null": (
        "version:",
        "contributors: null\nversion:",
        [("null", "contributors is null, expected a list of mappings")],
    ),
    "contributor-of-v1": (
        "version:",
        "contributors: [{title: Ann, role: author}]\nversion:",
        [
            (
                "role",
                "contributors.0.role is of Data Package v1, expected `roles`, a list of texts",
            )
        ],
    ),
    "contributor-without-name": (
        "version:",
        "contributors: [{roles: [author]}]\nversion:",
        [
            (
                "{roles",
                (
                    "contributors.0 has no `title` or `givenName` or `familyName` or `organization`, "
                    "expected one of them"
                ),
            )
        ],
    ),
    "source-text": (
        "version:",
        "sources: [x]\nversion:",
        [("x]", "sources.0 is 'x', expected a mapping")],
    ),
    "source-without-title": (
        "version:",
        "sources: [{path: a.csv}]\nversion:",
        [("{path", "sources.0.title is missing, expected text: README.md lists the sources by it")],
    ),
    "source-path": (
        "version:",
        "sources: [{title: A, path: /etc/x}]\nversion:",
        [("/etc/x", "sources.0.path is '/etc/x', expected a URL, or a path below the folder")],
    ),
    "source-email": (
        "version:",
        "sources: [{title: A, email: ann}]\nversion:",
        [("ann", "sources.0.email is 'ann', expected an e-mail address")],
    ),
    "homepage-number": (
        "version:",
        "homepage: 7\nversion:",
        [("7", "homepage is 7, expected a URL")],
    ),
    "title-empty": (
        "version:",
        "title: ''\nversion:",
        [("''", "title is empty text, expected text")],
    ),
    "schema-of-v1": (
        "version:",
        "$schema: https://example.org/x.json\nversion:",
        [
            (
                "https://example",
                (
                    "$schema is 'https://example.org/x.json', expected "
                    f"'{PROFILE_URL}', or no $schema"
                ),
            )
        ],
    ),
    "field-description-list": (
        TITLE,
        "{name: title, from: title, description: []}",
        [("[]", f"{F}.2.description is an empty list, expected text")],
    ),
    "field-rdf-type": (
        TITLE,
        "{name: title, from: title, rdfType: {}}",
        [("{}", f"{F}.2.rdfType is an empty mapping, expected text")],
    ),
    "field-example": (
        COUNT,
        "{name: count, type: integer, from: count, example: few}",
        [("few", f"{F}.4.example is 'few', expected an integer, written as text")],
    ),
    "field-example-number": (
        COUNT,
        "{name: count, type: integer, from: count, example: 7}",
        [("7}", f"{F}.4.example is 7, expected an integer, written as text")],
    ),
    "ordered-without-categories": (
        TITLE,
        "{name: title, from: title, categoriesOrdered: true}",
        [
            (
                "categoriesOrdered",
                (
                    f"{F}.2.categoriesOrdered has no meaning here: "
                    "there are no categories; leave it out"
                ),
            )
        ],
    ),
    "created-before-zip": (
        "'2026-01-01T00:00:00Z'",
        "'1970-01-01T00:00:00Z'",
        [("'1970", f"created is '1970-01-01T00:00:00Z', {A_TIME}")],
    ),
    "created-week": (
        "'2026-01-01T00:00:00Z'",
        "2026-W01-1T00:00:00Z",
        [("2026-W", f"created is '2026-W01-1T00:00:00Z', {A_TIME}")],
    ),
    "created-behind-zip": (
        "'2026-01-01T00:00:00Z'",
        "'2107-12-31T23:00:00-02:00'",
        [("'2107", f"created is '2107-12-31T23:00:00-02:00', {A_TIME}")],
    ),
    # records
    "kind-name": (
        "  notes:\n    path",
        "  a/b:\n    path",
        [
            (
                "a/b",
                "records.a/b is named 'a/b', expected lower-case letters, digits, _ and -, a letter first",
            ),
            ("notes\n    compare", f"resources.0.rows is 'notes', {A_TABLE}"),
            ('"notes/tags', f"resources.1.rows.0.path is 'notes/tags.{{n}}', {A_TABLE}"),
        ],
    ),
    "kinds-of-the-same-files": (
        "checks:\n",
        "  more:\n    path: records/{a}/{b}.md\nchecks:\n",
        [
            (
                "records/{a}",
                "records.more.path matches the same files as notes, expected other files",
            )
        ],
    ),
    "pattern-takes-the-descriptor": (
        "records/{language}/{note_id}.md",
        "'{note_id}.{language}'",
        [
            (
                "'{note_id}",
                (
                    "records.notes.path is '{note_id}.{language}', which matches datapackage.yaml, "
                    "expected a pattern of records only, or `exclude` for datapackage.yaml"
                ),
            )
        ],
    ),
    "pattern-brace": (
        "{note_id}.md",
        "{note-id}.md",
        [
            (
                "records/{l",
                f"records.notes.path is 'records/{{language}}/{{note-id}}.md', {A_CAPTURE} 20",
            )
        ],
    ),
    "pattern-captures-meet": (
        "{language}/{note_id}",
        "{language}{note_id}",
        [
            (
                "records/{l",
                (
                    "records.notes.path is 'records/{language}{note_id}.md', "
                    "expected something between two captures at character 19"
                ),
            )
        ],
    ),
    "prefer-empty": (
        "{language: [en, de]}",
        "{language: []}",
        [
            (
                "[]",
                "records.notes.prefer.language is an empty list, expected a name or a list of names",
            )
        ],
    ),
    "prefer-again": (
        "{language: [en, de]}",
        "{language: [en, en]}",
        [("en]", "records.notes.prefer.language.1 is 'en' again, expected it once")],
    ),
    "ignore-again": (
        "    prefer:",
        "    ignore: [{path: a.b, reason: x}, {path: a.b, reason: y}]\n    prefer:",
        [("a.b, reason: y", "records.notes.ignore.1.path is 'a.b' again, expected it once")],
    ),
    # rows, paths
    "rows-empty": (
        "    rows: notes\n",
        "    rows: []\n",
        [("[]", f"resources.0.rows is an empty list, {A_TABLE}")],
    ),
    "rows-and-path": (
        "    rows: notes\n",
        "    rows: notes\n    path: a.csv\n",
        [
            (
                "path: a.csv",
                (
                    "resources.0.path has no meaning here: "
                    "the table is made from `rows`; leave it out"
                ),
            )
        ],
    ),
    "rows-bind-again": (
        "notes/tags.{n}",
        "notes/tags.{language}.{n}",
        [
            (
                '"notes/tags',
                "resources.1.rows.0.path binds {language}, which is bound already, expected another name",
            )
        ],
    ),
    "rows-bind-twice": (
        "notes/tags.{n}",
        "notes/tags.{n}.{n}",
        [
            (
                '"notes/tags',
                "resources.1.rows.0.path binds {n}, which is bound already, expected another name",
            )
        ],
    ),
    "set-binds-again": (
        "{place: tag}",
        "{place: tag, n: x}",
        [
            (
                '"notes/tags',
                "resources.1.rows.0.path binds {n}, which is bound already, expected another name",
            )
        ],
    ),
    "set-number": (
        "{place: tag}",
        "{place: 7}",
        [("7", "resources.1.rows.0.set.place is 7, expected text")],
    ),
    "set-unused": (
        "{place: tag}",
        "{place: tag, kind: x}",
        [
            (
                "kind",
                "resources.1.rows.0.set.kind is used by no field, expected a field that has it in `from`",
            )
        ],
    ),
    "path-upwards": (
        "codelists/colours.csv",
        "codelists/../../colours.csv",
        [("codelists/..", f"resources.2.path is 'codelists/../../colours.csv', {A_PATH}")],
    ),
    "path-of-the-licence": (
        "codelists/colours.csv",
        "LICENSE",
        [
            (
                "LICENSE",
                "resources.2.path is 'LICENSE', which is no table, expected the path of a CSV file",
            )
        ],
    ),
    "path-of-a-record": (
        "codelists/colours.csv",
        "records/en/a.md",
        [
            (
                "records/en",
                (
                    "resources.2.path is 'records/en/a.md', which is also a record of notes, "
                    "expected another file"
                ),
            )
        ],
    ),
    "value-of-whole-records": (
        TITLE,
        "{name: title, from: $value}",
        [
            (
                "$value",
                f"{F}.2.from is '$value', expected a path, as each row of the table is a whole record",
            )
        ],
    ),
    "body-as-a-date": (
        SEEN,
        "{name: seen, type: date, from: $body}",
        [
            (
                "$body",
                f"{F}.6.from is $body, which is text, expected a field of the type string, not date",
            )
        ],
    ),
    "from-and-locate": (
        'locate: "tags.{n}"',
        'locate: "tags.{n}", from: a',
        [
            (
                "from: a",
                (
                    "resources.1.schema.fields.4.from has no meaning here: "
                    "the field's values come from `locate`; leave it out"
                ),
            )
        ],
    ),
    "codes-and-locate": (
        'locate: "tags.{n}"',
        'locate: "tags.{n}", codes: colours',
        [
            (
                "codes: colours}",
                (
                    "resources.1.schema.fields.4.codes has no meaning here: "
                    "the field holds the offset of a text; leave it out"
                ),
            )
        ],
    ),
    "locate-in-a-curated-table": (
        "{name: rank, type: integer}",
        "{name: rank, type: integer, locate: a}",
        [("locate: a", f"resources.2.schema.fields.3.locate {READ}")],
    ),
    # compare
    "compare-of-a-curated-table": (
        "    codelist: ",
        "    compare: {across: language}\n    codelist: ",
        [
            (
                "compare: {across: language}\n",
                (
                    "resources.2.compare has no meaning here: "
                    "only rows from records have editions; leave it out"
                ),
            )
        ],
    ),
    "compare-across-no-edition": (
        "across: language",
        "across: note_id",
        [
            (
                "note_id, fields",
                "resources.0.compare.across is 'note_id', expected a capture in `prefer` of notes",
            )
        ],
    ),
    "compare-across-no-key": (
        '{name: language, from: "{language}"}',
        "{name: language, from: lang}",
        [
            (
                "language, fields: [title]",
                (
                    "resources.0.compare.across is 'language', expected a field of the primary key "
                    "with `from: {language}`"
                ),
            )
        ],
    ),
    "compare-the-key": (
        "fields: [title]}",
        "fields: [note_id]}",
        [
            (
                "[note_id]}",
                (
                    "resources.0.compare.fields names 'note_id', which is in the primary key, "
                    "expected other fields"
                ),
            )
        ],
    ),
    # codelists
    "codelist-of-rows": (
        "    compare: ",
        "    codelist: {}\n    compare: ",
        [
            (
                "codelist: {}",
                (
                    "resources.0.codelist has no meaning here: "
                    "only a table with a `path` is a codelist; leave it out"
                ),
            )
        ],
    ),
    "codelist-of-integers": (
        "primaryKey: code",
        "primaryKey: rank",
        [
            (
                "rank\n",
                (
                    "resources.2.schema.primaryKey is the key of a codelist, expected one field "
                    "of the type string"
                ),
            )
        ],
    ),
    "labels-of-two-captures": (
        '"label_{language}"',
        '"{kind}_{language}"',
        [
            (
                '"{kind}',
                (
                    "resources.2.codelist.labels is '{kind}_{language}', expected a pattern with one "
                    "capture, for the language"
                ),
            )
        ],
    ),
    "labels-match-nothing": (
        '"label_{language}"',
        '"name_{language}"',
        [
            (
                '"name_',
                (
                    "resources.2.codelist.labels is 'name_{language}', expected a pattern that matches a "
                    "field of the table: code, label_en, aliases, rank"
                ),
            )
        ],
    ),
    "labels-of-integers": (
        '"label_{language}"',
        '"r{language}"',
        [
            (
                '"r{',
                "resources.2.codelist.labels matches rank, expected a field of the type string, not integer",
            )
        ],
    ),
    "aliases-integer": (
        "aliases: aliases",
        "aliases: rank",
        [
            (
                "rank}\n",
                "resources.2.codelist.aliases is 'rank', expected a field of the table of the type string",
            )
        ],
    ),
    "aliases-are-the-code": (
        "aliases: aliases",
        "aliases: code",
        [
            (
                "code}\n",
                "resources.2.codelist.aliases is 'code', expected a field other than the primary key",
            )
        ],
    ),
    # constraints
    "minimum-empty": (
        COUNT,
        "{name: count, type: integer, from: count, constraints: {minimum: ''}}",
        [("''", f"{N}.minimum is empty text, expected an integer")],
    ),
    "minimum-null": (
        COUNT,
        "{name: count, type: integer, from: count, constraints: {minimum: null}}",
        [("null", f"{N}.minimum is null, expected an integer")],
    ),
    "bounds-meet": (
        COUNT,
        "{name: count, type: integer, from: count, constraints: {minimum: 3, exclusiveMaximum: '3'}}",
        [("'3'", f"{N}.exclusiveMaximum is '3', expected more than 3, the value of minimum")],
    ),
    "dates-crossed": (
        SEEN,
        "{name: seen, type: date, from: seen, constraints: {minimum: 2026-02-01, maximum: 2026-01-01}}",
        [
            (
                "2026-01-01}",
                (
                    f"{F}.6.constraints.maximum is '2026-01-01', expected at least '2026-02-01', "
                    "the value of minimum"
                ),
            )
        ],
    ),
    "lengths-crossed": (
        TITLE,
        "{name: title, from: title, constraints: {minLength: 9, maxLength: 1}}",
        [("1}}", f"{C}.maxLength is 1, expected at least 9, the value of minLength")],
    ),
    "length-beyond-all": (
        TITLE,
        "{name: title, from: title, constraints: {maxLength: 99999999999}}",
        [("9999", f"{C}.maxLength is 99999999999, expected a number of characters")],
    ),
    "table-of-a-device": (
        "- name: tags",
        "- name: aux",
        [
            (
                "aux",
                f"resources.1.name is 'aux', which has the name 'aux', {DEVICE}",
            )
        ],
    ),
    "pattern-with-flags": (
        TITLE,
        "{name: title, from: title, constraints: {pattern: (?i)rain}}",
        [
            (
                "(?i)",
                (
                    f"{C}.pattern is '(?i)rain', expected a regular expression of the common "
                    "dialect; it has flags, which Python, JavaScript and RE2 do not all have alike "
                    "(character 1)"
                ),
            )
        ],
    ),
    "pattern-too-large": (
        TITLE,
        "{name: title, from: title, constraints: {pattern: 'a{99999999999999999999}'}}",
        [
            (
                "'a{",
                (
                    f"{C}.pattern is 'a{{99999999999999999999}}', expected a regular expression of the "
                    "common dialect; it has more than 1,000 repetitions (character 1)"
                ),
            )
        ],
    ),
    "enum-of-numbers-for-text": (
        TITLE,
        "{name: title, from: title, constraints: {enum: [Rain, 7]}}",
        [("7", f"{C}.enum.1 is 7, expected text, in quotes")],
    ),
    "enum-again": (
        COUNT,
        "{name: count, type: integer, from: count, constraints: {enum: [7, 8, 7]}}",
        [("7]", f"{N}.enum.2 is 7 again, expected it once")],
    ),
    "enum-mixed": (
        COUNT,
        "{name: count, type: integer, from: count, constraints: {enum: [7, '8']}}",
        [("'8'", f"{N}.enum.1 is '8', expected all values as text, or none")],
    ),
    "categories-of-dates": (
        SEEN,
        "{name: seen, type: date, from: seen, categories: [2026-01-01]}",
        [
            (
                "categories",
                (
                    f"{F}.6.categories has no meaning here: "
                    "only strings and integers have them; leave it out"
                ),
            )
        ],
    ),
    "category-again": (
        TITLE,
        "{name: title, from: title, categories: [{value: a}, {value: a, label: b}]}",
        [("a, label", f"{F}.2.categories.1.value is 'a' again, expected it once")],
    ),
    "category-unknown-property": (
        TITLE,
        "{name: title, from: title, categories: [{value: a, lable: b}]}",
        [
            (
                "lable",
                (f"{F}.2.categories.0.lable is an unknown property; did you mean 'label'?"),
            )
        ],
    ),
    # keys
    "unique-key-of-names": (
        "[[title, language]]",
        "[title, language]",
        [
            (
                "title, language]",
                "resources.0.schema.uniqueKeys.0 is 'title', expected a list of names",
            ),
            (
                "language]\n",
                "resources.0.schema.uniqueKeys.1 is 'language', expected a list of names",
            ),
        ],
    ),
    "unique-key-again": (
        "[[title, language]]",
        "[[title, language], [title, language]]",
        [
            (
                "[title, language]]",
                "resources.0.schema.uniqueKeys.1 is title, language again, expected it once",
            )
        ],
    ),
    "foreign-key-to-itself": (
        "{fields: [parent, language], reference: {fields: [note_id, language]}}",
        "{fields: [parent], reference: {fields: parent}}",
        [
            (
                "{fields: [parent], ",
                (
                    "resources.0.schema.foreignKeys.0 refers to its own fields, expected other fields or "
                    "another table"
                ),
            )
        ],
    ),
    "foreign-key-to-findings": (
        "reference: {fields: [note_id, language]}",
        "reference: {resource: found, fields: [rule, path]}",
        [
            (
                "found,",
                (
                    "resources.0.schema.foreignKeys.0.reference.resource is 'found', "
                    "expected the name of a table"
                ),
            )
        ],
    ),
    "foreign-key-types": (
        "{fields: [parent, language], reference: {fields: [note_id, language]}}",
        "{fields: [count, seen], reference: {fields: [note_id, count]}}",
        [
            (
                "{fields: [count",
                (
                    "resources.0.schema.foreignKeys.0 refers from count, which is an integer, to note_id, "
                    "which is text; expected the same type"
                ),
            ),
            (
                "{fields: [count",
                (
                    "resources.0.schema.foreignKeys.0 refers from seen, which is a date such as "
                    "2026-01-31, to count, which is an integer; expected the same type"
                ),
            ),
        ],
    ),
    # the table of findings
    "findings-field-type": (
        "{name: line, type: integer}",
        "{name: line}",
        [("{name: line}", "resources.3.schema.fields.2.type is 'string', expected integer")],
    ),
    "findings-field-missing": (
        "        - {name: key}\n",
        "",
        [
            (
                "- {name: rule}",
                "resources.3.schema.fields lacks key, expected every field of the findings",
            )
        ],
    ),
    "findings-field-unknown": (
        "        - {name: key}\n",
        "        - {name: key}\n        - {name: sevirity}\n",
        [
            (
                "sevirity",
                (
                    "resources.3.schema.fields.8.name is 'sevirity', expected one of rule, path, line, "
                    "column, field, severity, table, key, message; did you mean 'severity'?"
                ),
            )
        ],
    ),
    "findings-key": (
        "[rule, path, line, column, field]",
        "[rule]",
        [
            (
                "[rule]",
                (
                    "resources.3.schema.primaryKey is rule, expected rule, path, line, column, field: "
                    "only these are unique"
                ),
            )
        ],
    ),
    "findings-from": (
        "{name: key}",
        "{name: key, from: a, codes: colours}",
        [
            ("from: a, codes", f"resources.3.schema.fields.7.from {WRITES}"),
            (
                "codes: colours}\n        - {name: message}",
                f"resources.3.schema.fields.7.codes {WRITES}",
            ),
        ],
    ),
    "findings-keys": (
        "    rows: $findings\n    schema:\n",
        "    rows: $findings\n    checks: []\n    schema:\n      uniqueKeys: [[message]]\n",
        [
            ("checks: []", f"resources.3.checks {NO_VALUES}"),
            ("uniqueKeys: [[message]]", f"resources.3.schema.uniqueKeys {NO_VALUES}"),
        ],
    ),
    # checks and severities
    "check-of-findings": (
        "    query: SELECT title FROM notes\n",
        "    query: SELECT title FROM notes\n    resource: found\n",
        [("found\n", "checks.0.resource is 'found', expected the name of a table")],
    ),
    "check-field-of-no-table": (
        "    query: SELECT title FROM notes\n",
        "    query: SELECT title FROM notes\n    field: title\n",
        [
            (
                "field: title\n",
                ("checks.0.field has no meaning here: the check has no `resource`; leave it out"),
            )
        ],
    ),
    "check-of-another-table": (
        "    compare: ",
        "    checks: [{name: a, message: b, query: SELECT 1, resource: tags}]\n    compare: ",
        [
            (
                "tags}]",
                (
                    "resources.0.checks.0.resource is 'tags', expected 'notes', "
                    "as the check is in that resource"
                ),
            )
        ],
    ),
    "check-named-twice": (
        "    compare: ",
        "    checks: [{name: some-note, message: b, query: SELECT 1}]\n    compare: ",
        [("some-note\n", "checks.0.name is 'some-note' again, expected it once")],
    ),
    "check-named-like-a-table-rule": (
        "name: some-note",
        "name: notes-codelist",
        [
            (
                "notes-codelist",
                (
                    "checks.0.name is 'notes-codelist', which is a name for the rule codelist of a "
                    "field, expected another name"
                ),
            )
        ],
    ),
    "check-query-blank": (
        "query: SELECT title FROM notes",
        "query: ' '",
        [("' '", "checks.0.query is ' ', expected a query in SQL")],
    ),
    "severity-list": (
        "records:\n",
        "severity: {some-note: [error]}\nrecords:\n",
        [("[error]", "severity.some-note is a list, expected error or warning")],
    ),
    "severity-of-no-field": (
        "records:\n",
        "severity: {tilte-type: warning}\nrecords:\n",
        [
            (
                "tilte-type",
                "severity.tilte-type is no rule, expected the name of one; did you mean 'title-type'?",
            )
        ],
    ),
}


def problems(text: str) -> list[str]:
    """What is said of a descriptor, a line each."""
    with pytest.raises(UsageError) as refused:
        parse(text, FILE)
    return str(refused.value).split("\n")


def place_of(text: str, near: str, start: int) -> str:
    """The line and column, from 1, of a part of a text: its first behind `start`, or the last before."""
    at = text.find(near, start)
    at = text.rindex(near) if at < 0 else at
    return f"{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"


def test_the_descriptor_without_a_fault_is_read() -> None:
    """Each fault is one change to a descriptor that is right."""
    descriptor = parse(BASE, FILE)
    assert [resource.name for resource in descriptor.resources] == [
        "notes",
        "tags",
        "colours",
        "found",
    ]
    assert [resource.is_curated for resource in descriptor.resources] == [False, False, True, False]


@pytest.mark.parametrize("name", REFUSED)
def test_what_means_nothing_is_refused_word_for_word(name: str) -> None:
    """Every problem stands on a line of its own, with the line and column that it points at."""
    old, new, expected = REFUSED[name]
    assert BASE.count(old) >= 1
    text = BASE.replace(old, new, 1)
    assert problems(text) == [
        f"datapackage.yaml:{place_of(text, near, BASE.index(old))}: {message}"
        for near, message in expected
    ]


def test_all_problems_are_told_in_the_order_of_the_file() -> None:
    """Reading goes on behind a problem, and the list is sorted by line and column."""
    text = BASE.replace("version: 0.1.0", "version: one").replace("name: rank", "name: =rank")
    text = text.replace("from: parent", "form: parent").replace("type: date", "type: day")
    assert problems(text) == [
        (
            "datapackage.yaml:2:10: version is 'one', expected a version such as '1.2.0', or "
            "'1.3.0-dev' for a draft"
        ),
        (
            "datapackage.yaml:25:11: resources.0.schema.fields.3.from is missing, expected the path of the "
            "field's values"
        ),
        (
            "datapackage.yaml:25:26: resources.0.schema.fields.3.form is an unknown property; "
            "did you mean 'from'?"
        ),
        "datapackage.yaml:28:30: resources.0.schema.fields.6.type is 'day', expected date",
        (
            "datapackage.yaml:49:18: resources.2.schema.fields.3.name is '=rank', which begins with '=', "
            "with which spreadsheets begin a formula; expected another first character"
        ),
    ]


def test_a_long_key_is_cut_in_messages() -> None:
    """A message stays short, whatever the descriptor holds, and a terminal may show it."""
    (problem,) = problems(f'? "{"k" * 9999}\\n"\n: 1\n{BASE}')
    assert problem == (
        f"datapackage.yaml:1:3: {'k' * 59}… is an unknown property, expected one of "
        + ", ".join(PROPERTIES["package"])
    )


def test_a_table_may_have_the_name_of_a_word_of_sql() -> None:
    """Names are quoted wherever they stand in SQL."""
    text = BASE.replace("- name: tags", "- name: select").replace("{name: tag,", "{name: from,")
    descriptor = parse(text, FILE)
    table = pa.table({"note_id": ["a", "a"], "place": ["x", "x"], "n": [0, 0]})
    table = table.append_column("from", pa.array(["t", "t"]))
    table = table.append_column("start", pa.array([None, None], pa.int64()))
    found = keys.find_violations({"select": table}, descriptor)
    assert [violation.rule for violation in found] == ["select-primaryKey"]


def test_the_shapes_are_of_known_properties() -> None:
    """What the profile is asked about is what a descriptor may hold, and none of it is ours."""
    for level, shapes in profile.SHAPES.items():
        assert set(shapes) <= set(PROPERTIES[level]) - EXTENSIONS


def published(value: Any) -> Any:
    """A descriptor as the profile sees it: with what the build writes, without what is ours."""
    package = {key: item for key, item in value.items() if key not in EXTENSIONS}
    resources = [
        {key: item for key, item in one.items() if key not in EXTENSIONS}
        for one in value["resources"]
    ]
    for one in resources:
        one["path"] = "data/x.csv"
        fields = [
            {
                "type": "string",
                **{key: item for key, item in field.items() if key not in EXTENSIONS},
            }
            for field in one["schema"]["fields"]
        ]
        one["schema"] = {**one["schema"], "fields": fields}
    return {**package, "resources": resources}


def test_what_the_profile_refuses_is_refused_here() -> None:
    """No descriptor of these that jsonschema finds fault with under the v2 profile gets by."""
    import jsonschema

    schema = json.loads(
        (ROOT / "src/release/verify/profiles/2.0/datapackage.json").read_text("utf-8")
    )
    validator = jsonschema.Draft7Validator(schema)
    assert list(validator.iter_errors(published(yaml.safe_load(BASE)))) == []
    refused = 0
    values: list[Any] = [
        7,
        "",
        "x",
        None,
        [],
        {},
        ["x"],
        [7],
        [{}],
        [{"title": 7}],
        [{"path": "/x"}],
    ]
    for key in (*profile.SHAPES["package"], "name", "version", "created"):
        for value in values:
            changed = {**yaml.safe_load(BASE), key: value}
            if list(validator.iter_errors(published(changed))):
                refused += 1
                assert problems(yaml.safe_dump(changed)), (key, value)
    assert refused > 50


# severities given on the command line


def test_severities_stand_in_the_text_that_travels() -> None:
    """What is read from the text again has them, and everything else as it was."""
    before = parse(BASE, FILE)
    after = with_severities(before, {"unmapped-path": "warning", "title-type": "error"})
    assert after.text == f"{BASE}severity:\n  title-type: error\n  unmapped-path: warning\n"
    assert parse(after.text, FILE).severities == after.severities
    again = with_severities(parse(after.text, FILE), {"unmapped-path": "error"})
    assert again.text == after.text.replace("unmapped-path: warning", "unmapped-path: error")


@pytest.mark.parametrize("end", ["", "\n...\n"])
def test_severities_stand_in_a_descriptor_written_otherwise(end: str) -> None:
    """A descriptor in JSON, or one with an end mark, takes no block, and is written anew."""
    text = BASE.rstrip("\n") + end if end else json.dumps(yaml.safe_load(BASE))
    after = with_severities(parse(text, FILE), {"unmapped-path": "warning"})
    again = parse(after.text, FILE)
    assert again.severities == {"unmapped-path": "warning"}
    assert again.resources == parse(BASE, FILE).resources


def test_a_severity_that_no_rule_can_have_is_refused() -> None:
    """Every one of them is told."""
    with pytest.raises(UsageError) as refused:
        with_severities(parse(BASE, FILE), {"unmaped-path": "error", "type": "info"})  # type: ignore[dict-item]
    assert str(refused.value) == (
        "--severity: unmaped-path is no rule, expected the name of one; did you mean 'unmapped-path'?\n"
        "--severity: type is 'info', expected error or warning"
    )


# queries


def found(query: str, message: str = "title is {title}", about: str = "") -> list[tuple[str, int]]:
    """What a check finds in a small table: its messages and rows."""
    text = BASE.replace("SELECT title FROM notes", json.dumps(query))
    text = text.replace('"{title} is short"', json.dumps(message))
    if about:
        text = text.replace("    message:", f"    resource: {about}\n    message:", 1)
    return [
        (message, row)
        for wrong in run(parse(text, FILE))
        for message, row in zip(wrong.messages.to_pylist(), wrong.rows.to_pylist(), strict=True)
    ]


def run(descriptor: Descriptor) -> list[checks.CheckResult]:
    """The checks over two notes."""
    notes = {"note_id": ["a", "b"], "language": ["en", None], "title": ["Rain", None]}
    origin = {"$record": [0, 0], "$source": [0, 1], "$entry": [0, 0]}
    return checks.run({"notes": pa.table(notes | origin)}, descriptor)


@pytest.mark.parametrize(
    "end", ["", ";", " ;\n", " -- no more", "; -- no more\n", "\n/* no more */"]
)
def test_a_query_is_run_as_it_is_written(end: str) -> None:
    """It may end in a semicolon or a comment."""
    assert found(f"SELECT title FROM notes WHERE title = 'Rain'{end}") == [("title is 'Rain'", -1)]


def test_a_query_finds_the_rows_of_its_table() -> None:
    """By the primary key, a missing part of which is as good as a value."""
    rows = found("SELECT note_id, language, title FROM notes", about="notes")
    assert rows == [("title is 'Rain'", 0), ("title is missing", 1)]


def test_values_of_every_type_are_shown() -> None:
    """Text stands in quotes; no type of DuckDB's is beyond a message."""
    query = (
        "SELECT 'a' AS t, 7 AS n, 1.50 AS d, true AS b, DATE '290000-01-01' AS far, [1, 2] AS l, "
        "TIMESTAMPTZ '2026-01-01 00:00:00+00' AS at, {'x': 1} AS s, 1::HUGEINT AS h, NULL AS none"
    )
    message = "{t} {n} {d} {b} {far} {l} {at} {s} {h} {none}"
    said = "'a' 7 1.50 true 290000-01-01 [1, 2] 2026-01-01 00:00:00+00 {'x': 1} 1 missing"
    assert found(query, message) == [(said, -1)]


def test_a_query_sees_the_fields_of_tables_and_no_more() -> None:
    """All columns of two tables are those of their fields, so the others never stand twice."""
    query = "SELECT * EXCLUDE (title), * FROM notes n JOIN notes m USING (note_id, language, title)"
    with pytest.raises(UsageError, match="selects note_id again"):
        found(query)
    rows = found("SELECT * FROM notes n JOIN notes m USING (note_id, language, title)")
    assert rows == [("title is 'Rain'", -1)]


def test_no_query_sees_the_result_of_another() -> None:
    """A check whose rows cannot be placed leaves nothing for the hints of the next one."""
    first = "SELECT [note_id] AS note_id, language, title FROM notes"
    second = "  - {name: other, message: a, query: FROM chec}\nresources:"
    text = BASE.replace("resources:", second, 1)
    text = text.replace(
        "    query: SELECT title FROM notes", f'    resource: notes\n    query: "{first}"'
    )
    with pytest.raises(UsageError) as refused:
        run(parse(text, FILE))
    assert str(refused.value).splitlines() == [
        (
            "datapackage.yaml:12:12: checks.0.query cannot be run: Conversion Error: Type VARCHAR with "
            "value 'a' can't be cast to the destination type VARCHAR[] when casting from source column "
            "note_id in line 1 of the query"
        ),
        (
            "datapackage.yaml:13:38: checks.1.query reads chec (line 1, column 6), "
            "expected a table of the release"
        ),
    ]


@pytest.mark.parametrize(
    ("query", "message", "place", "problem"),
    [
        (
            "SELECT\nFROM WHERE",
            "a",
            "11:12",
            'query cannot be run: Parser Error: syntax error at or near "WHERE" in line 2 of the query',
        ),
        (
            "SELECT * FROM note",
            "a",
            "11:12",
            (
                "query reads note (line 1, column 15), expected a table of the release; "
                "did you mean 'notes'?"
            ),
        ),
        (
            "SELECT error('x') AS a FROM notes",
            "a",
            "11:12",
            "query cannot be run: Invalid Input Error: x",
        ),
        (
            "SELECT note_id, now() AS a FROM notes WHERE current_date > '2026-01-31'",
            "a",
            "11:12",
            (
                "query calls now (line 1, column 17), which depends on the time, "
                "expected a query that always gives the same result"
            ),
        ),
        (
            "SELECT entri FROM notes",
            "a",
            "11:12",
            (
                'query cannot be run: Binder Error: Referenced column "entri" not found in FROM clause! '
                'Candidate bindings: "note_id"'
            ),
        ),
        (
            'SELECT "$source" FROM notes',
            "a",
            "11:12",
            (
                'query cannot be run: Binder Error: Referenced column "$source" not found in FROM clause! '
                'Candidate bindings: "language"'
            ),
        ),
        (
            "SELECT * EXCLUDE (row) FROM notes",
            "a",
            "11:12",
            (
                'query cannot be run: Binder Error: Column "row" in EXCLUDE list not found in FROM clause '
                'Candidate bindings: "note_id"'
            ),
        ),
        (
            "SELECT * FROM notes",
            "{sourc}",
            "10:14",
            "message says {sourc}, expected a column of the query: note_id, language, title",
        ),
        ("SELECT 1; SELECT 2", "a", "11:12", "query has 2 statements, expected one SELECT"),
        ("-- nothing", "a", "11:12", "query has no statement, expected one SELECT"),
        ("DROP VIEW notes", "a", "11:12", "query is DROP, expected one SELECT"),
        ("SET threads = 1", "a", "11:12", "query is SET, expected one SELECT"),
        ("SELECT 1 AS a, 2 AS a", "a", "11:12", "query selects a again, expected it once"),
        (
            "SELECT title FROM notes WHERE false",
            "{titel}",
            "10:14",
            "message says {titel}, expected a column of the query: title; did you mean 'title'?",
        ),
    ],
)
def test_a_check_that_cannot_be_run_says_where(
    query: str, message: str, place: str, problem: str
) -> None:
    """The place of the query or message, and DuckDB's reason in one line without our wrapper."""
    with pytest.raises(UsageError) as refused:
        found(query, message)
    assert str(refused.value) == f"datapackage.yaml:{place}: checks.0.{problem}"


def test_every_part_of_a_query_that_may_change_is_told() -> None:
    """Each on a line of its own, with its place in the query."""
    with pytest.raises(UsageError) as refused:
        found("SELECT random() AS a\nFROM notes\nWHERE now() > TIMESTAMP '2026-01-31'", "a")
    assert str(refused.value).splitlines() == [
        (
            "datapackage.yaml:11:12: checks.0.query calls random (line 1, column 8), which depends on "
            "chance, expected a query that always gives the same result"
        ),
        (
            "datapackage.yaml:11:12: checks.0.query calls now (line 3, column 7), which depends on the "
            "time, expected a query that always gives the same result"
        ),
    ]


def test_a_query_may_say_how_long_is_between_two_times() -> None:
    """Nor is a text that looks like part of a query one."""
    query = """SELECT age(DATE '2026-03-01', DATE '2026-01-01') AS a, '"sample":{' AS today"""
    assert found(query, "{a} {today}") == [("2 months '\"sample\":{'", -1)]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        (
            "SELECT note_id FROM notes WHERE false",
            (
                "does not select language, expected the primary key of notes, "
                "so that its findings have a location"
            ),
        ),
        (
            "SELECT 7 AS note_id, language FROM notes",
            "selects note_id as INTEGER, expected string as in notes",
        ),
    ],
)
def test_a_check_of_a_table_selects_its_key(query: str, problem: str) -> None:
    """Whether the query finds a row or not."""
    with pytest.raises(UsageError) as refused:
        found(query, "a", about="notes")
    assert str(refused.value) == f"datapackage.yaml:12:12: checks.0.query {problem}"


def test_every_check_that_cannot_be_run_is_told() -> None:
    """The first does not hide the second."""
    text = BASE.replace(
        "checks:\n",
        "checks:\n  - {name: a, message: b, query: SELEKT}\n",
    ).replace("SELECT title", "SELECT titel")
    with pytest.raises(UsageError) as refused:
        run(parse(text, FILE))
    places = re.findall(
        r"^datapackage.yaml:(\d+):\d+: checks\.(\d)", str(refused.value), re.MULTILINE
    )
    assert places == [("9", "0"), ("12", "1")]


# foreign keys and the referee


def test_a_foreign_key_has_all_of_its_parts_or_none() -> None:
    """As frictionless has it: a row with some of them refers to nothing, and may not."""
    notes = {
        "note_id": ["a", "b", "c", "d"],
        "language": ["en", "en", None, "en"],
        "parent": [None, "a", None, "x"],
    }
    table = pa.table({**notes, "title": ["1", "2", "3", "4"]})
    descriptor = parse(BASE, FILE)
    found = keys.find_violations({"notes": table}, descriptor, coded=["notes"])
    assert [(v.row, v.field, v.message) for v in found if v.rule == "notes-foreignKeys"] == [
        (
            0,
            "parent",
            (
                "parent is missing beside language 'en', expected all fields that refer to notes, "
                "or none of them"
            ),
        ),
        (
            3,
            "language",
            (
                "parent 'x', language 'en' refers to nothing, expected a row of notes with that "
                "note_id, language"
            ),
        ),
    ]


@pytest.mark.parametrize(
    ("package", "words"),
    [
        ({"name": "a", "resources": 7}, "resources"),
        ({"name": "a", "resources": [], "keywords": 7}, "keywords"),
        ({"name": "a"}, "resources"),
    ],
)
def test_the_referee_says_what_it_cannot_read(package: Any, words: str, tmp_path: Path) -> None:
    """A descriptor that frictionless cannot take is a problem, never a traceback."""
    (tmp_path / "datapackage.json").write_text(json.dumps(package), "utf-8")
    said = judgement.judge(tmp_path)
    assert said
    assert any(words in problem for problem in said)


def test_the_shipped_descriptor_is_read() -> None:
    """It is the example of all this."""
    assert load(ROOT / "datapackage.yaml").resources
