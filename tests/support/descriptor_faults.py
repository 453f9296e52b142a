"""Descriptors that cannot be used: small changes to one that can, and what is said of each.

.venv/bin/python -m tests.support.descriptor_faults            shows what is said, and where that points
.venv/bin/python -m tests.support.descriptor_faults --accept   writes it to the golden file; look before
"""

from __future__ import annotations

import contextlib
import re
import sys
import tempfile
from pathlib import Path

from tests.support.kit import run

GOLDEN = Path(__file__).parents[1] / "golden" / "descriptor-faults.txt"
ACCEPT = ".venv/bin/python -m tests.support.descriptor_faults --accept"

BASE = """\
name: notes
version: 0.1.0
created: '2026-01-01T00:00:00Z'
records:
  notes:
    path: records/{language}/{note_id}.md
    prefer: {language: [en, de]}
    ignore:
      - {path: layout, reason: how it looks}
checks:
  - name: some-note
    message: no note
    query: SELECT 1 WHERE false
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
        - {name: note_id, type: string, from: "{note_id}"}
        - {name: language, type: string, from: "{language}"}
        - {name: title, type: string, from: title, constraints: {minLength: 1}}
        - {name: parent, type: string, from: parent}
        - {name: count, type: integer, from: count, constraints: {minimum: 0}}
        - {name: colour, type: string, from: colour, codes: colours}
  - name: colours
    path: codelists/colours.csv
    codelist: {labels: "label_{language}", aliases: aliases}
    schema:
      primaryKey: [code]
      fields:
        - {name: code, type: string}
        - {name: label_en, type: string}
        - {name: aliases, type: string}
"""

_PARTS = {
    "@all": ("", None),
    "@records": ("records:\n", "checks:\n"),
    "@checks": ("checks:\n", "resources:\n"),
    "@resources": ("resources:\n", None),
    "@fields": ("      fields:\n        - {name: code", None),
    "@schema": ("    schema:\n      primaryKey: [code]", None),
}

COUNT = "type: integer, from: count, constraints: {minimum: 0}"
TITLE = "from: title, constraints: {minLength: 1}"
#: A table of lines, and one that belongs to it, whose rows are to be given.
CHILD = """\
  - name: lines
    rows: "notes/lines.{n}"
    schema:
      primaryKey: [n]
      fields:
        - {name: n, from: "{n}"}
  - name: words
    parent: lines
    rows: "ROWS"
    schema:
      fields:
        - {name: word, from: $value}
  - name: colours"""
#: What a page shows, which is to be given, before the resources; and a table of findings as the first.
PAGE = "page: {{{}}}\nresources:"
NOTICED = """
  - name: noticed
    rows: $findings
    schema:
      primaryKey: [rule, path, line, column, field]
      fields:
        - {name: rule, type: string}
        - {name: path, type: string}
        - {name: line, type: integer}
        - {name: column, type: integer}
        - {name: field, type: string}
        - {name: severity, type: string}
        - {name: table, type: string}
        - {name: key, type: string}
        - {name: message, type: string}"""
#: A picture, whose properties are to be given, before the resources.
PICTURE = "page: {{pictures: [{{{}}}]}}\nresources:"

#: Per fault: a text of BASE, which stands in it once or more, and what stands for the first instead.
#: `@name` means that whole part of BASE.
CASES: dict[str, tuple[str, str]] = {
    # unknown properties, at each level
    "unknown-in-package": ("version:", "verison: 1\nversion:"),
    "unknown-in-kind": ("    prefer:", "    prefers: 1\n    prefer:"),
    "unknown-in-ignore": ("reason: how it looks", "reason: how it looks, reasons: 1"),
    "unknown-in-resource": ("    rows: notes", "    rows: notes\n    row: notes"),
    "unknown-in-rows": ("    rows: notes", "    rows: {path: notes, sets: {a: b}}"),
    "unknown-in-compare": ("fields: [title]}", "fields: [title], field: title}"),
    "unknown-in-schema": ("      uniqueKeys:", "      uniqueKey: 1\n      uniqueKeys:"),
    "unknown-in-foreign-key": (
        "{fields: [parent, language],",
        "{field: parent, fields: [parent, language],",
    ),
    "unknown-in-reference": ("reference: {fields", "reference: {table: notes, fields"),
    "unknown-in-field": ("from: parent}", "from: parent, form: parent}"),
    "unknown-in-constraints": ("{minLength: 1}", "{minlength: 1}"),
    "unknown-in-check": ("    message: no note", "    message: no note\n    sql: SELECT 1"),
    "unknown-in-codelist": ("aliases: aliases}", "aliases: aliases, alias: a}"),
    "property-of-the-schema": (
        "    schema:\n      primaryKey: [code]",
        "    primaryKey: code\n    schema:\n      primaryKey: [code]",
    ),
    "property-of-the-constraints": (COUNT, "type: integer, from: count, required: true"),
    "property-of-the-field": (COUNT, "type: integer, from: count, constraints: {format: default}"),
    "property-of-a-table": ("created:", "schema: notes.json\ncreated:"),
    "property-of-others": (COUNT, "type: string, from: count, label: n, constraints: {regex: a}"),
    "property-default": (COUNT, "type: integer, from: count, default: 0, nullable: false"),
    "property-of-v1": ("created:", "views: []\ncreated:"),
    "kind-of-others": ("    prefer:", "    glob: '*.md'\n    filter: draft\n    prefer:"),
    "data-inline": ("    path: codelists/colours.csv", "    data: [{code: red}]"),
    "path-elsewhere": ("path: codelists/colours.csv", "path: https://example.org/colours.csv"),
    "path-list": ("path: codelists/colours.csv", "path: [a.csv, b.csv]"),
    "dialect-elsewhere": ("path: codelists/colours.csv", "path: c.csv\n    dialect: dialect.json"),
    "dialect-of-v1": (
        "path: codelists/colours.csv",
        "path: c.csv\n    dialect: {caseSensitiveHeader: false, sep: ;}",
    ),
    "delimiter-tab": (
        "path: codelists/colours.csv",
        "path: c.csv\n    dialect: {delimiter: '\\t'}",
    ),
    "delimiter-tab-of-a-list": (COUNT, "type: list, from: count, delimiter: '\\t'"),
    "format-before-v1": (COUNT, "type: date, from: count, format: 'fmt:%d.%m.%Y'"),
    "reference-to-itself": ("reference: {fields", "reference: {resource: '', fields"),
    "unknown-and-far": ("version:", "xyzzy: 1\nversion:"),
    "written-by-the-build": ("    rows: notes", "    rows: notes\n    format: csv"),
    # properties of the standard that are not supported, by name
    "profile-of-v1": ("version:", "profile: tabular-data-package\nversion:"),
    "json-schema": ("{minLength: 1}", "{jsonSchema: {}}"),
    # how values are written
    "format-of-another-type": (COUNT, "type: integer, from: count, format: email"),
    "format-near": (TITLE, "from: title, format: e-mail"),
    "format-pattern-partial": (COUNT, "type: date, from: count, format: '%d.%m.'"),
    "format-pattern-unknown": (COUNT, "type: date, from: count, format: '%x'"),
    "format-pattern-of-a-time": (COUNT, "type: date, from: count, format: '%Y-%m-%d %H'"),
    "missing-values-text": (COUNT, "type: integer, from: count, missingValues: n/a"),
    "missing-values-number": (COUNT, "type: integer, from: count, missingValues: [-999]"),
    "true-values-of-a-number": (COUNT, "type: integer, from: count, trueValues: ['1']"),
    "true-values-false": (COUNT, "type: boolean, from: count, trueValues: [a], falseValues: [a]"),
    "decimal-char-digit": (COUNT, "type: number, from: count, decimalChar: '5'"),
    "group-char-twice": (COUNT, "type: number, from: count, decimalChar: ',', groupChar: ','"),
    "bare-number-text": (COUNT, "type: number, from: count, bareNumber: maybe"),
    "decimal-of-an-integer": (COUNT, "type: integer, from: count, decimal: 2"),
    "decimal-negative": (COUNT, "type: number, from: count, decimal: -1"),
    "decimal-crossed": (COUNT, "type: number, from: count, decimal: {precision: 2, scale: 3}"),
    "zone-by-name": (COUNT, "type: datetime, from: count, zone: Europe/Berlin"),
    "zone-without-z": (COUNT, "type: datetime, from: count, zone: utc, format: '%Y-%m-%d %H'"),
    "item-type-unknown": (COUNT, "type: list, from: count, itemType: object"),
    "bound-of-a-duration": (COUNT, "type: duration, from: count, constraints: {minimum: P1D}"),
    "enum-of-a-list": (COUNT, "type: list, from: count, constraints: {enum: ['a,b']}"),
    # how records stand in files
    "format-unknown": ("    prefer:", "    format: jsonlines\n    prefer:"),
    "format-list": ("    prefer:", "    format: [csv]\n    prefer:"),
    "records-of-markdown": ("    prefer:", '    records: "{n}"\n    prefer:'),
    "records-no-path": ("    prefer:", "    format: yaml\n    records: 1\n    prefer:"),
    "records-of-lines": ("    prefer:", "    format: jsonl\n    records: rows\n    prefer:"),
    "records-of-rows": ("    prefer:", '    format: csv\n    records: "{n}.{m}"\n    prefer:'),
    "records-bind-again": (
        "    prefer:",
        '    format: json\n    records: "{language}.{n}.{n}"\n    prefer:',
    ),
    "beside-without-records": (
        "    prefer:",
        "    beside: [{path: a, reason: b}]\n    prefer:",
    ),
    "beside-faults": (
        "    prefer:",
        (
            '    format: json\n    records: "{n}"\n'
            "    beside: [{path: a, reason: b}, {path: a, why: c}]\n    prefer:"
        ),
    ),
    "front-matter-of-rows": (
        "    prefer:",
        "    format: csv\n    frontMatter: maybe\n    prefer:",
    ),
    "dialect-of-yaml": ("    prefer:", "    format: yaml\n    encoding: latin-1\n    prefer:"),
    "dialect-of-rows": (
        "    prefer:",
        "    format: csv\n    dialect: {header: false, delimiters: ;}\n    prefer:",
    ),
    # missing and of the wrong kind
    "name-missing": ("name: notes\nversion", "version"),
    "name-bad": ("name: notes\nversion", "name: My Notes\nversion"),
    "version-missing": ("version: 0.1.0\n", ""),
    "version-bad": ("0.1.0", "v1"),
    "version-number": ("0.1.0", "1.0"),
    "version-with-v": ("version: 0.1.0", "version: v0.1.0"),
    "version-with-build": ("version: 0.1.0", "version: 0.1.0+linux"),
    "version-day": ("version: 0.1.0", "version: 2026-01-31"),
    "version-other-digits": ("0.1.0", "٠.١.٠"),
    "created-missing": ("created: '2026-01-01T00:00:00Z'\n", ""),
    "created-without-zone": ("00:00:00Z", "00:00:00"),
    "created-no-time": ("'2026-01-01T00:00:00Z'", "soon"),
    "created-no-such-day": ("2026-01-01T", "2026-02-30T"),
    "resources-missing": ("@resources", ""),
    "resources-empty": ("@resources", "resources: []\n"),
    "resources-text": ("@resources", "resources: notes\n"),
    "resource-text": ("@resources", "resources: [notes]\n"),
    "records-list": ("@records", "records: [notes]\n"),
    "kind-text": ("@records", "records: {notes: records}\n"),
    "resource-name-missing": ("  - name: notes\n    rows", "  - title: Notes\n    rows"),
    "resource-name-bad": ("  - name: notes\n    rows", "  - name: my/notes\n    rows"),
    "resource-name-again": ("  - name: colours\n", "  - name: notes\n"),
    "field-name-missing": ("{name: parent, type", "{title: parent, type"),
    "field-name-bad": ("{name: parent, type", "{name: '=parent', type"),
    "field-name-again": ("{name: count, type", "{name: title, type"),
    "type-unknown": ("name: count, type: integer", "name: count, type: int"),
    "type-near": ("name: count, type: integer", "name: count, type: date-time"),
    "type-of-others": (
        "name: count, type: integer, from: count, constraints: {minimum: 0}",
        "name: count, type: decimal, from: count",
    ),
    "type-text": ("name: count, type: integer", "name: count, type: text"),
    "type-with-format": ("name: count, type: integer", "name: count, type: url"),
    "type-list": ("name: count, type: integer", "name: count, type: [integer]"),
    "primary-key-missing": ("      primaryKey: [code]\n", ""),
    "primary-key-unknown": ("primaryKey: [code]", "primaryKey: [cod]"),
    "primary-key-number": ("primaryKey: [code]", "primaryKey: 1"),
    "primary-key-of-numbers": ("primaryKey: [code]", "primaryKey: [1]"),
    "primary-key-repeats": ("primaryKey: [code]", "primaryKey: [code, code]"),
    "unique-key-unknown": ("[[title, language]]", "[[titel, language]]"),
    "unique-key-of-lists": ("[[title, language]]", "[[[title]]]"),
    "unique-key-mapping": ("[[title, language]]", "{title: language}"),
    "foreign-key-unknown-field": ("fields: [parent, language]", "fields: [parents, language]"),
    "foreign-key-unknown-resource": ("reference: {fields", "reference: {resource: note, fields"),
    "foreign-key-unknown-reference": (
        "fields: [note_id, language]}}",
        "fields: [note_ids, language]}}",
    ),
    "foreign-key-lengths": ("fields: [note_id, language]}}", "fields: [note_id]}}"),
    "foreign-key-types": (
        "fields: [parent, language], reference: {fields: [note_id, language]}",
        "fields: [count], reference: {fields: [note_id]}",
    ),
    "foreign-key-empty": (
        "- {fields: [parent, language], reference: {fields: [note_id, language]}}",
        "- {}",
    ),
    "foreign-key-text": (
        "- {fields: [parent, language], reference: {fields: [note_id, language]}}",
        "- parent",
    ),
    "schema-missing": ("@schema", ""),
    "schema-text": ("@schema", "    schema: here\n"),
    "fields-empty": (
        "@fields",
        "      fields: []\n",
    ),
    # rows, paths, captures
    "rows-unknown-kind": ("    rows: notes", "    rows: note"),
    "rows-number": ("    rows: notes", "    rows: 7"),
    "rows-mapping-without-path": ("    rows: notes", "    rows: {set: {a: b}}"),
    "rows-bad-path": ("    rows: notes", "    rows: notes/a..b"),
    "rows-missing": ("    rows: notes\n", ""),
    "one-or-many-bad": ("    rows: notes", '    rows: {path: "notes/a.{n}", oneOrMany: 1}'),
    "one-or-many-of-no-list": ("    rows: notes", "    rows: {path: notes/a, oneOrMany: true}"),
    "split-bad": ("    rows: notes", "    rows: {path: 'notes/a.{n}', split: ''}"),
    "rows-below-no-parent": ("    rows: notes", "    rows: .notes"),
    "rows-of-a-part-nearly": ("    rows: notes", "    rows: notes/$lnks.{n}"),
    "rows-of-the-body": ("    rows: notes", "    rows: notes/$body.{n}"),
    "rows-ends-in-a-slash": ("    rows: notes", "    rows: notes/"),
    "ignore-a-part-of-the-body": ("path: layout", "path: $links.0"),
    "where-in-the-body": (
        "    prefer:",
        "    where: [{path: $heading, values: [Draft], reason: no}]\n    prefer:",
    ),
    "constant-without-field": ("    rows: notes", "    rows: [{path: notes, set: {of: x}}]"),
    # parents
    "parent-unknown-with-rows-below": (
        "  - name: colours",
        CHILD.replace("ROWS", ".words.{m}").replace("parent: lines", "parent: line"),
    ),
    "parent-unknown": ("    rows: notes", "    rows: notes\n    parent: colour"),
    "parent-of-a-file": ("    rows: notes", "    rows: notes\n    parent: colours"),
    "parent-of-itself": ("    rows: notes", "    rows: notes\n    parent: notes"),
    "parent-for-a-file": ("    path: codelists", "    parent: notes\n    path: codelists"),
    "parent-elsewhere": ("  - name: colours", CHILD.replace("ROWS", "notes/other.{n}")),
    "parent-above": ("  - name: colours", CHILD.replace("ROWS", "notes")),
    "parent-without-capture": (
        "  - name: colours",
        CHILD.replace("ROWS", ".words.{m}").replace("from: $value", "from: title"),
    ),
    "parent-key-of-values": (
        "  - name: colours",
        CHILD.replace("ROWS", ".words.{m}").replace(
            '{name: n, from: "{n}"}', "{name: n, from: $value}"
        ),
    ),
    # choices and templates
    "from-a-key-with-a-dollar": ("from: parent", "from: $id"),
    "choice-of-one": ("from: parent", "from: [parent]"),
    "choice-repeated": ("from: parent", "from: [parent, parent]"),
    "choice-of-a-number": ("from: parent", "from: [parent, 1]"),
    "template-not-closed": ("from: parent", 'from: "{note_id}-{a"'),
    "template-not-opened": ("from: parent", 'from: "{note_id}-a}"'),
    "template-empty": ("from: parent", 'from: "{note_id}{}"'),
    "template-bad-path": ("from: parent", 'from: "{note_id}-{a..b}"'),
    "template-unknown-special": ("from: parent", 'from: "{note_id}-{$boddy}"'),
    "template-unbound": ("from: parent", 'from: "{note_id}-{a.{n}}"'),
    "when-of-a-type": (COUNT, "type: datetime, from: count, when: datetime"),
    "when-of-a-year": (COUNT, "type: year, from: count, when: year"),
    "when-of-a-template": ("from: parent", 'from: "{note_id}-{a}", when: text'),
    # when
    "when-unknown": ("from: count", "from: count, when: bool"),
    "when-of-a-capture": ('from: "{note_id}"', 'from: "{note_id}", when: text'),
    "when-of-a-file": ("{name: code, type: string}", "{name: code, type: string, when: text}"),
    "from-missing": ("from: parent}", "title: parent}"),
    "from-number": ("from: parent}", "from: 7}"),
    "from-bad-path": ("from: parent}", "from: 'a.{b'}"),
    "from-empty": ("from: parent}", "from: ''}"),
    "from-unknown-special": ("from: parent}", "from: $text}"),
    "from-unbound": ("from: parent}", "from: 'tags.{n}'}"),
    "from-unbound-capture": ('from: "{language}"', 'from: "{lang}"'),
    "from-in-a-curated-table": (
        "{name: label_en, type: string}",
        "{name: label_en, type: string, from: a}",
    ),
    "locate-number": ("from: parent}", "locate: 7}"),
    "locate-in-text": ("from: parent}", "locate: parent}"),
    "path-absolute": ("path: records/", "path: /records/"),
    "path-upwards": ("path: records/", "path: ../records/"),
    "path-upwards-inside": ("path: records/", "path: records/../../"),
    "path-of-a-table-upwards": ("path: codelists/colours.csv", "path: ../colours.csv"),
    "path-of-a-table-absolute": ("path: codelists/colours.csv", "path: /etc/passwd"),
    "path-of-a-table-taken": ("path: codelists/colours.csv", "path: datapackage.yaml"),
    "path-hidden": ("path: records/", "path: .records/"),
    "path-of-a-table-hidden": ("path: codelists/colours.csv", "path: codelists/.git/config"),
    "path-backslash": ("path: records/", "path: records\\"),
    "path-missing": ("    path: records/{language}/{note_id}.md\n", ""),
    "path-without-captures": ("path: records/{language}/{note_id}.md", "path: records/note.md"),
    "path-wildcard": ("{note_id}.md", "*.md"),
    "path-wildcards": ("records/{language}/", "records/x**/"),
    "path-wildcard-of-one-sign": ("{note_id}.md", "{note_id}.m?"),
    "path-wildcard-of-signs": ("{note_id}.md", "{note_id}-[a-z].md"),
    "path-choice": ("{note_id}.md", "{note_id}.{md,txt}"),
    "path-choice-of-folders": ("records/{language}/", "records/{language:en|de}/"),
    "path-depth-in-a-part": ("{note_id}.md", "x{deep:**}.md"),
    "path-depth-without-a-file": ("{note_id}.md", "**"),
    "path-depth-twice": ("records/{language}/", "records/{language}/**/{deep:**}/"),
    "path-depth-thrice": ("records/{language}/", "records/**/a/**/{language}/**/"),
    "path-depth-named-twice": ("records/{language}/", "records/{language}/{note_id:**}/"),
    "exclude-without-reason": ("    prefer:", "    exclude: [{path: README.md}]\n    prefer:"),
    "exclude-stars": (
        "    prefer:",
        "    exclude: [{path: 'a*b*c*d*', reason: no}]\n    prefer:",
    ),
    "exclude-sign": ("    prefer:", "    exclude: [{path: 'a?.md', reason: no}]\n    prefer:"),
    "may-be-empty-text": ("    prefer:", "    mayBeEmpty: yes\n    prefer:"),
    "may-be-empty-misspelt": ("    prefer:", "    mayBeEmtpy: true\n    prefer:"),
    "path-brace": ("{note_id}.md", "{note id}.md"),
    "prefer-no-capture": ("prefer: {language:", "prefer: {lang:"),
    "prefer-text": ("prefer: {language: [en, de]}", "prefer: en"),
    "prefer-numbers": ("prefer: {language: [en, de]}", "prefer: {language: [1]}"),
    "ignore-without-reason": (", reason: how it looks", ""),
    "ignore-bad-path": ("path: layout", "path: a..b"),
    "ignore-text": ("- {path: layout, reason: how it looks}", "- layout"),
    "compare-unknown-field": ("fields: [title]}", "fields: [titel]}"),
    "compare-unknown-capture": ("across: language", "across: tongue"),
    "compare-without-across": ("{across: language, ", "{"),
    "codes-unknown": ("codes: colours", "codes: colors"),
    "codes-no-codelist": ("codes: colours", "codes: notes"),
    "codes-of-an-integer": (COUNT, "type: integer, from: count, codes: colours"),
    "codelist-labels-number": ('labels: "label_{language}"', "labels: 7"),
    "codelist-labels-without-capture": ('labels: "label_{language}"', "labels: label"),
    "codelist-aliases-unknown": ("aliases: aliases}", "aliases: alias}"),
    # constraints
    "bound-of-another-type": (COUNT, "type: integer, from: count, constraints: {minimum: low}"),
    "bound-of-a-date": (COUNT, "type: date, from: count, constraints: {maximum: '2026'}"),
    "bound-of-a-string": (TITLE, "from: title, constraints: {minimum: a}"),
    "bounds-crossed": (COUNT, "type: integer, from: count, constraints: {minimum: 9, maximum: 1}"),
    "length-of-an-integer": (COUNT, "type: integer, from: count, constraints: {minLength: 1}"),
    "length-text": (TITLE, "from: title, constraints: {minLength: short}"),
    "length-negative": (TITLE, "from: title, constraints: {maxLength: -1}"),
    "required-text": (TITLE, "from: title, constraints: {required: maybe}"),
    "unique-number": (TITLE, "from: title, constraints: {unique: 1}"),
    "pattern-no-regex": (TITLE, "from: title, constraints: {pattern: '('}"),
    "pattern-number": (TITLE, "from: title, constraints: {pattern: 7}"),
    "pattern-of-an-integer": (COUNT, "type: integer, from: count, constraints: {pattern: '[0-9]'}"),
    "enum-text": (TITLE, "from: title, constraints: {enum: low}"),
    "enum-empty": (TITLE, "from: title, constraints: {enum: []}"),
    "enum-of-another-type": (COUNT, "type: integer, from: count, constraints: {enum: [one]}"),
    "enum-of-lists": (TITLE, "from: title, constraints: {enum: [[a]]}"),
    "categories-text": (TITLE, "from: title, categories: low"),
    "categories-of-another-type": (COUNT, "type: integer, from: count, categories: [low]"),
    "categories-without-value": (TITLE, "from: title, categories: [{label: low}]"),
    "constraints-list": (TITLE, "from: title, constraints: [required]"),
    # severities and checks
    "severity-unknown-rule": ("records:\n", "severity: {unmaped-path: warning}\nrecords:\n"),
    "severity-unknown-value": ("records:\n", "severity: {unmapped-path: info}\nrecords:\n"),
    "severity-not-lowered": ("records:\n", "severity: {duplicate-key: warning}\nrecords:\n"),
    "severity-of-a-field-not-lowered": (
        "records:\n",
        "severity: {title-required: warning}\nrecords:\n",
    ),
    "severity-no-records-not-lowered": (
        "records:\n",
        "severity: {no-records: warning}\nrecords:\n",
    ),
    "severity-list": ("records:\n", "severity: [unmapped-path]\nrecords:\n"),
    "check-without-name": ("  - name: some-note\n    message", "  - message"),
    "check-named-as-a-rule": ("some-note", "unmapped-path"),
    "check-named-as-a-field-rule": ("some-note", "title-required"),
    "check-named-twice": (
        "checks:\n",
        "checks:\n  - {name: some-note, message: a, query: SELECT 1 WHERE false}\n",
    ),
    "check-without-query": ("    query: SELECT 1 WHERE false\n", ""),
    "check-unknown-resource": ("    message: no note", "    message: no note\n    resource: note"),
    "check-unknown-field": (
        "    message: no note",
        "    message: no note\n    resource: notes\n    field: titel",
    ),
    "check-bad-severity": ("    message: no note", "    message: no note\n    severity: fatal"),
    "check-text": ("@checks", "checks: none\n"),
    "check-bad-sql": ("SELECT 1 WHERE false", "SELEKT 1"),
    "check-unknown-table": ("SELECT 1 WHERE false", "SELECT * FROM note"),
    "check-reads-a-file": (
        "SELECT 1 WHERE false",
        "SELECT * FROM read_csv('codelists/colours.csv')",
    ),
    "check-of-no-key": (
        "    query: SELECT 1 WHERE false",
        "    resource: notes\n    query: SELECT title FROM notes",
    ),
    "check-of-half-a-key": (
        "    query: SELECT 1 WHERE false",
        "    resource: notes\n    query: SELECT note_id FROM notes",
    ),
    "check-of-a-key-of-another-type": (
        "    query: SELECT 1 WHERE false",
        "    resource: notes\n    query: SELECT 7 AS note_id, language FROM notes",
    ),
    "check-that-returns-nothing": ("SELECT 1 WHERE false", "CREATE TABLE x (a INTEGER)"),
    "check-that-fails-on-a-row": (
        "SELECT 1 WHERE false",
        "SELECT CAST(title AS INTEGER) FROM notes",
    ),
    # how the page shows tables and rows
    "page-text": ("resources:", "page: notes\nresources:"),
    "page-entity": ("resources:", PAGE.format("entity: note")),
    "page-entity-list": ("resources:", PAGE.format("entity: [notes]")),
    "page-entity-of-findings": ("resources:", PAGE.format("entity: noticed") + NOTICED),
    "page-title": ("resources:", PAGE.format("title: titel")),
    "page-title-of-no-table": ("resources:", PAGE.format("title: texts.title")),
    "page-title-of-no-column": (
        "resources:",
        PAGE.format("entity: colours, title: colours.labl_en"),
    ),
    "page-title-of-another-table": ("resources:", PAGE.format("title: colours.label_en")),
    "page-title-of-an-entity-that-is-none": (
        "resources:",
        PAGE.format("entity: note, title: titel"),
    ),
    "page-title-of-other-rows": ("resources:", PAGE.format("entity: colours, title: notes.title")),
    "page-title-number": ("resources:", PAGE.format("title: 3")),
    "page-language": ("resources:", PAGE.format("language: languages")),
    "page-language-of-no-edition": ("resources:", PAGE.format("language: colours")),
    "page-language-column": ("resources:", PAGE.format("language: notes.langauge")),
    "page-language-empty": ("resources:", PAGE.format("language: ''")),
    "page-order": ("resources:", PAGE.format("order: [colours, note, colours, 3]")),
    "page-order-empty": ("resources:", PAGE.format("order: []")),
    "page-order-mapping": ("resources:", PAGE.format("order: {notes: 1}")),
    "page-hide": (
        "resources:",
        PAGE.format("hide: [titel, notes.titel, colour.code, '', title, title, [x], notes]"),
    ),
    "page-hide-text": ("resources:", PAGE.format("hide: titel")),
    "page-hide-number": ("resources:", PAGE.format("hide: 3")),
    "page-hide-null": ("resources:", PAGE.format("hide: null")),
    "page-hide-in-field": ("from: parent}", "from: parent, hide: true}"),
    "page-entity-in-package": ("resources:", "entity: notes\nresources:"),
    "page-hidden": ("resources:", PAGE.format("hidden: [title]")),
    # pictures of the page
    "page-unknown": ("resources:", "page: {picture: []}\nresources:"),
    "page-empty": ("resources:", "page: {pictures: []}\nresources:"),
    "picture-text": ("resources:", "page: {pictures: [bars]}\nresources:"),
    "picture-kind": ("resources:", PICTURE.format("kind: pie")),
    "picture-without-kind": ("resources:", PICTURE.format("table: notes")),
    "picture-table": ("resources:", PICTURE.format("kind: bars, table: note, by: title")),
    "picture-without-table": ("resources:", PICTURE.format("kind: bars, by: title")),
    "picture-property-of-another-kind": (
        "resources:",
        PICTURE.format("kind: bars, table: notes, by: title, over: count, columns: title"),
    ),
    "picture-column": ("resources:", PICTURE.format("kind: bars, table: notes, by: titel")),
    "picture-column-missing": (
        "resources:",
        PICTURE.format("kind: heatmap, table: notes, rows: title"),
    ),
    "picture-column-elsewhere": (
        "resources:",
        PICTURE.format("kind: bars, table: colours, by: notes.title"),
    ),
    "picture-column-of-no-table": (
        "resources:",
        PICTURE.format("kind: bars, table: notes, by: colour.code"),
    ),
    "picture-over-text": ("resources:", PICTURE.format("kind: line, table: notes, over: title")),
    "picture-mean-of-text": (
        "resources:",
        PICTURE.format("kind: bars, table: notes, by: title, mean: language"),
    ),
    "picture-of-findings": ("resources:", PICTURE.format("kind: disagreements, table: notes")),
    "picture-title": (
        "resources:",
        PICTURE.format("kind: bars, title: 3, table: notes, by: title"),
    ),
    # the file itself
    "yaml-tab": ("version: 0.1.0", "version:\t0.1.0\n\tname: x"),
    "yaml-duplicate-key": ("version: 0.1.0", "version: 0.1.0\nversion: 0.1.0"),
    "yaml-anchor": ("version: 0.1.0", "version: &v 0.1.0"),
    "yaml-unclosed": ("fields: [parent, language],", "fields: [parent, language,"),
    "a-list": ("@all", "- name: notes\n"),
    "a-text": ("@all", "notes\n"),
    "empty": ("@all", ""),
    "several": ("@all", "name: N\nversion: 1\nresources:\n  - {name: a}\n"),
}


def changed(name: str) -> str:
    """BASE with the fault of that name."""
    old, new = CASES[name]
    if old in _PARTS:
        begins, ends = _PARTS[old]
        start = BASE.index(begins)
        end = BASE.index(ends, start) if ends else len(BASE)
        return BASE[:start] + new + BASE[end:]
    assert old in BASE, name
    return BASE.replace(old, new, 1)


def write_dataset(folder: Path) -> None:
    """The dataset that BASE describes, without its descriptor."""
    files = {
        "records/en/rain.md": "---\ntitle: Rain\ncount: 3\ncolour: red\nparent: rain\n---\nText.\n",
        "records/de/rain.md": "---\ntitle: Rain\ncount: 3\ncolour: red\nparent: rain\n---\nText.\n",
        "codelists/colours.csv": "code,label_en,aliases\nred,Red,\n",
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def check(name: str, folder: Path) -> tuple[int, str, str]:
    """What `release check` does with a fault, in a folder that has the rest of the dataset."""
    (folder / "datapackage.yaml").write_text(changed(name), encoding="utf-8")
    with contextlib.chdir(folder):
        return run("check")


def golden() -> dict[str, str]:
    """What should be said of each fault."""
    text = GOLDEN.read_text(encoding="utf-8") if GOLDEN.exists() else ""
    parts = re.split(r"^== (\S+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _pointed_at(name: str, line: str) -> str:
    match = re.match(r"(?:release: )?datapackage\.yaml:(\d+):(\d+)", line)
    if match is None:
        return ""
    rows = changed(name).split("\n")
    return f"\n      -> {rows[int(match[1]) - 1][int(match[2]) - 1 :][:60]!r}"


def main(accept: bool) -> None:
    """Show or accept what is said of every fault that is refused."""
    said = {}
    with tempfile.TemporaryDirectory() as folder:
        write_dataset(Path(folder))
        for name in CASES:
            try:
                code, _out, err = check(name, Path(folder))
            except Exception as error:  # noqa: BLE001 — it is what the faults are about
                print(f"== {name}: {type(error).__name__}")
                continue
            if code == 2:
                said[name] = err
            if not accept:
                lines = [line + _pointed_at(name, line) for line in err.splitlines()]
                print(f"== {name}: {code}", *lines, sep="\n")
    if accept:
        GOLDEN.write_text(
            "".join(f"== {name}\n{text}" for name, text in said.items()), encoding="utf-8"
        )


if __name__ == "__main__":
    main("--accept" in sys.argv)
