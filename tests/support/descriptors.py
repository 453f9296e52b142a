"""What descriptors of several tests have."""

from __future__ import annotations

#: The table of findings, as the last one of a descriptor.
FINDINGS = """\
  - name: findings
    rows: $findings
    schema:
      primaryKey: [rule, path, line, column, field]
      fields:
        - {name: rule}
        - {name: path}
        - {name: line, type: integer}
        - {name: column, type: integer}
        - {name: field}
        - {name: severity}
        - {name: table}
        - {name: key}
        - {name: message}
"""

#: A table of the texts in `tags` of a note, one or many, and one of those in `mails` of its people.
TAGS_AND_MAILS = """\
  - name: tags
    parent: notes
    rows: {path: ".tags.{n}", oneOrMany: true, split: ","}
    schema:
      fields: [{name: n, from: "{n}"}, {name: tag, from: $value}]
  - name: mails
    parent: people
    rows: {path: ".mails.{m}", oneOrMany: true}
    schema:
      fields: [{name: m, from: "{m}"}, {name: mail, from: $value}]
"""
