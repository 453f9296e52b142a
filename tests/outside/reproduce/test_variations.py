"""The bytes of a release depend on its records and its toolchain, and on nothing else around it.

The seeds and one real snapshot are built in processes of their own, each in surroundings that differ in one
way, and every file of both releases is compared with those of a plain build.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.golden_release import BESIDE, differences, digests

#: The snapshot that is built, and what would stop the build of it, lowered: known faults of those records.
SNAPSHOT = "2026-03-05-5748d37e"
LOWERED = ("--severity", "impact-code=warning")

#: What a Python of its own needs to import what this one imports.
PYTHONPATH = os.pathsep.join(path for path in sys.path if path)

#: Builds each dataset that is named, into dist/ beside its descriptor.
DRIVER = """\
import sys
from release.cli import main
common, *places = sys.argv[1:]
for place in places:
    path, *own = place.split("|")
    code = main(["build", "--descriptor", path + "/datapackage.yaml", "--out", path + "/dist",
                 "--format", "json", *own, *common.split()])
    if code:
        sys.exit(code)
"""


def copied(files: Mapping[str, Path], folder: Path, order: Callable[[list[str]], None]) -> None:
    """Copy files one by one in some order, which is that in which their folders then list them."""
    names = sorted(files)
    order(names)
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files[name].read_bytes())


@dataclass(frozen=True)
class Datasets:
    """What is built: the files of each dataset by path, and the arguments of its own."""

    files: Mapping[str, Mapping[str, Path]]
    arguments: Mapping[str, Sequence[str]]


@pytest.fixture(scope="session")
def datasets(root: Path) -> Datasets:
    """The seeds, and a real snapshot in their place where it is at hand."""
    shared = ["datapackage.yaml", "LICENSE"]
    paths = [root / name for name in shared]
    paths += [*root.glob("codelists/*.csv"), *root.glob("seeds/**/*.md")]
    seeds = {path.relative_to(root).as_posix(): path for path in paths}
    files = {"seeds": seeds}
    corpora = Path(os.environ.get("RELEASE_SHARED", root.parent / "shared")) / "corpora"
    folder = corpora / SNAPSHOT
    if folder.is_dir():
        rest = {name: path for name, path in seeds.items() if not name.startswith("seeds/policies")}
        records = {
            f"seeds/{path.relative_to(folder)}": path for path in folder.glob("policies/*/*.md")
        }
        files["snapshot"] = rest | records
    return Datasets(files, {"seeds": (), "snapshot": LOWERED})


@dataclass(frozen=True)
class Around:
    """What is different around a build: its folder, its environment, what is done to its files before."""

    folder: str = "plain"
    environment: Mapping[str, str] = field(default_factory=dict)
    unset: Sequence[str] = ()
    arguments: str = "--no-cache --workers 1"
    order: Callable[[list[str]], None] = lambda _: None
    before: Callable[[Path], None] = lambda _: None
    umask: int = 0o022


def made_in(around: Around, datasets: Datasets, place: Path) -> dict[str, Path]:
    """Build the datasets in some surroundings; their releases by name."""
    places, releases = [], {}
    for name, files in datasets.files.items():
        folder = place / around.folder / name
        copied(files, folder, around.order)
        around.before(folder)
        places.append("|".join([str(folder), *datasets.arguments[name]]))
        releases[name] = folder / "dist/0.1.0"
    kept = {name: value for name, value in os.environ.items() if name not in around.unset}
    before = os.umask(around.umask)
    try:
        ran = subprocess.run(
            [sys.executable, "-c", DRIVER, around.arguments, *places],
            cwd=place,
            env={**kept, "PYTHONPATH": PYTHONPATH, **around.environment},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        os.umask(before)
    assert (ran.returncode, ran.stderr) == (0, "")
    return releases


def shuffled(names: list[str]) -> None:
    """An order by chance, the same in each run."""
    random.Random(7).shuffle(names)


def backwards(names: list[str]) -> None:
    """The order turned round."""
    names.reverse()


def touched(seconds: int) -> Callable[[Path], None]:
    """Gives every file this time."""

    def before(folder: Path) -> None:
        for path in folder.rglob("*"):
            os.utime(path, (seconds, seconds))

    return before


def read_only(folder: Path) -> None:
    """Takes the right to write away from all but the store."""
    (folder / "dist").mkdir()
    for path in [folder, *folder.rglob("*")]:
        if path != folder / "dist":
            path.chmod(0o555 if path.is_dir() else 0o444)


def checked_out(folder: Path) -> None:
    """Puts the files into a git repository and checks them out anew."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "core.autocrlf=false")
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"], ["rm", "-rq", "."]):
        subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True)
    command = ["reset", "-q", "--hard"]
    subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True)


THREADS = ("OMP_NUM_THREADS", "ARROW_NUM_THREADS", "ARROW_IO_THREADS", "OPENBLAS_NUM_THREADS")
NOBODY = {"USER": "nobody", "LOGNAME": "nobody", "USERNAME": "nobody", "HOSTNAME": "elsewhere"}

AROUND = {
    "folder": Around(folder="a b/ü/" + "deep/" * 20),
    "time-zone-east": Around(environment={"TZ": "Pacific/Kiritimati"}),
    "time-zone-west": Around(environment={"TZ": "America/Adak"}),
    "locale-tr": Around(environment={"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}),
    "locale-c": Around(environment={"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"}),
    "umask": Around(umask=0o077),
    "hash-seed": Around(environment={"PYTHONHASHSEED": "12345"}),
    "user-and-home": Around(environment={**NOBODY, "HOME": "/nonexistent"}),
    "no-environment": Around(unset=[name for name in os.environ if name != "PATH"]),
    "epoch-of-nonsense": Around(environment={"SOURCE_DATE_EPOCH": "a year on"}),
    "epoch-of-1970": Around(environment={"SOURCE_DATE_EPOCH": "0"}),
    "old-files": Around(before=touched(1)),
    "files-from-2100": Around(before=touched(4_102_444_800)),
    "shuffled": Around(order=shuffled),
    "backwards": Around(order=backwards),
    "two-workers": Around(arguments="--no-cache --workers 2"),
    "three-workers": Around(arguments="--no-cache --workers 3"),
    "threads": Around(environment=dict.fromkeys(THREADS, "1")),
    "read-only": Around(before=read_only),
    "checkout": Around(before=checked_out),
}


#: Where it is not installed it is C, in which no Python starts from a path that is not ASCII.
LOCALE = "tr_TR.UTF-8" if str(Path(__file__)).isascii() else "C.UTF-8"


def old_and_read_only(folder: Path) -> None:
    """Gives every file an old time, and takes the right to write away."""
    touched(1)(folder)
    read_only(folder)


#: Of `make test`: all at once, and what cannot be with it. `make reproduce` tells which one it is.
TOGETHER = {
    "all-at-once": Around(
        folder=AROUND["folder"].folder,
        environment={
            name: value
            for around in AROUND.values()
            for name, value in around.environment.items()
            if name != "PYTHONUTF8"  # only with the locale that it is for
        }
        | {"TZ": "Pacific/Kiritimati", "LC_ALL": LOCALE, "LANG": LOCALE},
        arguments="--no-cache --workers 3",
        order=shuffled,
        before=old_and_read_only,
        umask=0o077,
    ),
    "checkout": AROUND["checkout"],
}


@pytest.fixture(scope="session")
def plain(
    datasets: Datasets, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, str]]:
    """The digests of a plain build."""
    made = made_in(Around(), datasets, tmp_path_factory.mktemp("plain"))
    return {name: digests(release) for name, release in made.items()}


#: The surroundings to try.
CHOSEN = AROUND if os.environ.get("RELEASE_REPRODUCE") == "all" else TOGETHER


@pytest.mark.parametrize("name", CHOSEN)
def test_what_is_around_a_build_changes_no_byte(
    name: str, datasets: Datasets, plain: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    """Every file of every release is the one of a plain build, and so is what buildinfo.json says."""
    made = made_in(CHOSEN[name], datasets, tmp_path)
    for dataset, release in made.items():
        assert differences(digests(release), plain[dataset]) == [], dataset
        assert {path.name for path in release.iterdir()} >= BESIDE
        info = json.loads((release / "buildinfo.json").read_bytes())
        assert (info["git"] is not None) == (name == "checkout")


def test_a_kept_result_changes_no_byte(
    datasets: Datasets, plain: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    """A build that takes what another one kept gives the same bytes."""
    around = Around(arguments=f"--workers 1 --cache {tmp_path}/cache")
    for place in ("first", "second"):
        for dataset, release in made_in(around, datasets, tmp_path / place).items():
            assert differences(digests(release), plain[dataset]) == [], (place, dataset)


def test_another_record_would_be_seen(
    datasets: Datasets, plain: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    """The comparison sees one character in one record."""

    def before(folder: Path) -> None:
        path = next(iter(sorted(folder.glob("seeds/documents/*.md"))))
        path.write_bytes(path.read_bytes() + b".\n")

    seeds = Datasets({"seeds": datasets.files["seeds"]}, datasets.arguments)
    made = made_in(Around(before=before), seeds, tmp_path)
    changed = differences(digests(made["seeds"]), plain["seeds"])
    assert "changed: data/documents.csv" in changed
