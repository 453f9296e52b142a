"""The text of the configuration: collections in YAML, and in comments what a form cannot express."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from release.descriptor.model import Descriptor
from release.editors.cms.collections import Collection, make_collection
from release.records.codelists import Lookup

_HEAD = """\
# Forms for the records of {name}, for Sveltia CMS or Decap CMS: config.yml beside the page of the CMS.
# `release schema --cms` wrote it from datapackage.yaml. Keys, editions and checks in SQL are no matter of
# forms: `release check` holds them.
backend:
  name: github
  # repo: OWNER/NAME
  branch: main
media_folder: media
"""


def write_config(descriptor: Descriptor, lookups: Mapping[str, Lookup]) -> str:
    """Write the configuration with a collection for each kind of records.

    `lookups` are the codelists, by the name of their table.
    """
    found = [make_collection(descriptor, kind, lookups) for kind in descriptor.kinds]
    blocks = [_HEAD.format(name=descriptor.name), "collections:\n"]
    if not any(each.value for each in found):
        blocks[-1] = "collections: []\n"
    return "".join([*blocks, *map(_write_collection, found)])


def _write_collection(collection: Collection) -> str:
    notes = "".join(f"  # {_one_line(note)}\n" for note in collection.notes)
    if collection.value is None:
        return notes
    text = yaml.safe_dump(
        [collection.value], allow_unicode=True, sort_keys=False, width=110, default_flow_style=False
    )
    return notes + "".join(f"  {line}\n" for line in text.splitlines())


def _one_line(text: str) -> str:
    return " ".join(text.split())
