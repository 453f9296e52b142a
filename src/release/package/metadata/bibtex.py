"""Write the entry of a release for BibTeX."""

from __future__ import annotations

from release.package.manifest.model import Contributor, Manifest
from release.package.metadata.facts import authors, called, day, doi, title, url

#: What TeX takes for something else than the character, and how the character is written.
_ESCAPES = str.maketrans(
    {
        **{character: f"\\{character}" for character in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


def write_bibtex(manifest: Manifest) -> str:
    """Return the entry of a release, with a line for each fact that it has.

    It is of the type misc, as BibTeX knows no dataset. What is no person by both names is in braces, so that
    no comma or `and` in it parts it.
    """
    identifier = doi(manifest)
    facts = {
        "author": " and ".join(_write_author(each) for each in authors(manifest)),
        "title": f"{{{_escape(title(manifest))}}}",
        "year": day(manifest)[:4],
        "note": f"Dataset, version {_escape(manifest.version)}",
        "doi": identifier and _escape_address(identifier),
        "url": _escape_address(url(manifest.text("homepage")) or ""),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in facts.items() if value]
    return f"@misc{{{manifest.name}-{manifest.version},\n" + ",\n".join(lines) + "\n}"


def _write_author(contributor: Contributor) -> str:
    if contributor.given_name and contributor.family_name:
        return f"{_escape(contributor.family_name)}, {_escape(contributor.given_name)}"
    return f"{{{_escape(called(contributor))}}}"


def _escape(text: str) -> str:
    """Return a text on one line, for TeX to show as it is."""
    return " ".join(text.split()).translate(_ESCAPES)


def _escape_address(text: str) -> str:
    """Return an address, which is not escaped but for what would end or open a group."""
    return "".join(text.split()).replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")
