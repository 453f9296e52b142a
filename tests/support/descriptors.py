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
