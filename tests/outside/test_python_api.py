"""The Python API: what docs/reference/python.md documents is there, and importing it loads nothing heavy."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys

import pytest

from tests.support.kit import ROOT

PAGE = (ROOT / "docs/reference/python.md").read_text("utf-8")
FACES = ("release", "release.build", "release.diff", "release.verify")


@pytest.mark.parametrize("name", FACES)
def test_every_name_of_a_face_is_there(name: str) -> None:
    """Each name of `__all__` can be imported, and an unknown one is refused as by any module."""
    face = importlib.import_module(name)
    assert all(getattr(face, each) is not None for each in face.__all__)
    with pytest.raises(AttributeError, match=f"^module '{name}' has no attribute 'nothing'$"):
        _ = face.nothing


@pytest.mark.parametrize("name", FACES)
def test_no_name_of_a_face_is_that_of_a_module(name: str) -> None:
    """After `import release.build.pipeline` the name `pipeline` of the package is the module."""
    face = importlib.import_module(name)
    assert {each.name for each in pkgutil.iter_modules(face.__path__)}.isdisjoint(face.__all__)


def test_importing_a_face_loads_nothing_heavy() -> None:
    """Names are imported when they are asked for."""
    code = (
        f"import sys, {', '.join(FACES)}; "
        "print({'pyarrow', 'numpy', 'duckdb', 'pandas'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


def test_the_page_documents_every_function_of_a_face() -> None:
    """Functions and what they take are on the page; so is each field of `Options`."""
    names = {each for name in FACES for each in importlib.import_module(name).__all__}
    for name in names - {"__version__"}:
        if name[0].islower() or name.endswith("Options"):
            assert re.search(rf"`(release\.)?{name}\b", PAGE), name
    options = importlib.import_module("release.build").Options
    for field in options.__dataclass_fields__:
        assert f"| `{field}` |" in PAGE, field
