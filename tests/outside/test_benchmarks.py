"""The benchmark is right: its inputs, its peer, its limits and its arithmetic."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from benchmarks import commands, goals, inputs, limits, measure, peer, report, stages, validation
from benchmarks.goals import Measures, Ratio, Series
from benchmarks.runs import Bench, Case, Settings

pytestmark = pytest.mark.skipif(
    not (inputs.shared_folder() / "corpora").is_dir(), reason="the corpora are not here"
)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 260 real records under new ids."""
    return inputs.make(260, tmp_path_factory.mktemp("inputs") / "records")


def _bytes(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


# inputs


def test_inputs_are_the_same_each_time(tmp_path: Path) -> None:
    """Inputs depend on the number of records only."""
    assert _bytes(inputs.make(12, tmp_path / "a")) == _bytes(inputs.make(12, tmp_path / "b"))


def test_inputs_are_made_once(tmp_path: Path) -> None:
    """Records that exist are not written again."""
    folder = inputs.make(4, tmp_path / "a")
    before = [inputs.record_path(folder, at).stat().st_mtime_ns for at in range(4)]
    inputs.make(4, folder)
    assert [inputs.record_path(folder, at).stat().st_mtime_ns for at in range(4)] == before


def test_an_odd_number_of_records_is_refused(tmp_path: Path) -> None:
    """A dataset has both editions of each policy."""
    with pytest.raises(ValueError, match=r"^3 records: expected an even number"):
        inputs.make(3, tmp_path / "a")


@pytest.mark.parametrize("syntax", inputs.SYNTAXES)
def test_values_survive_every_syntax(syntax: str) -> None:
    """Every syntax keeps the values of the real records; text that looks like a number stays text."""
    for editions in inputs.load_templates():
        for template in editions.values():
            text = inputs.format_front_matter(template.values, syntax)
            assert yaml.load(text, yaml.CSafeLoader) == template.values
            if syntax == "json":
                assert json.loads(text) == template.values


@pytest.mark.parametrize("name", sorted(limits.import_parsers()[1]))
def test_parsers_of_the_limits_read_the_same(name: str) -> None:
    """A parser serves as a limit only if it reads the values of the records."""
    parse = limits.import_parsers()[1][name]
    for editions in inputs.load_templates():
        for template in editions.values():
            for syntax in ("block", "flow"):
                text = inputs.format_front_matter(template.values, syntax)
                assert parse(text.encode()) == template.values


def test_the_syntaxes_have_equal_parts_and_every_policy_meets_each() -> None:
    """In three passes over the templates every policy is written in every syntax."""
    count = len(inputs.load_templates())
    met = {(number % count, inputs.syntax_of(number)) for number in range(3 * count)}
    assert len(met) == 3 * count


def test_a_later_pass_differs_in_ids_only() -> None:
    """Copies of a policy differ by a number, in their own ids and in references."""
    count = len(inputs.load_templates())
    number = next(
        at
        for at, editions in enumerate(inputs.load_templates())
        if editions["en"].values.get("evolution", {}).get("supersedes")
    )
    first = inputs.format_record(number, "en")
    later = inputs.format_record(number + 3 * count, "en")
    assert first != later
    renumbered = inputs.ID_NUMBER.sub(lambda m: f"p{int(m[1]) + 3 * count:07d}-", first)
    assert renumbered == later


def test_changed_records_are_restored(dataset: Path) -> None:
    """One percent of the records changes, each time differently, and is restored."""
    before = _bytes(dataset)
    with inputs.change_records(dataset, 3, "once") as files:
        once = _bytes(dataset)
        assert sum(once.get(name) != data for name, data in before.items()) == len(files) == 3
    with inputs.change_records(dataset, 3, "twice"):
        assert _bytes(dataset) != once
    assert _bytes(dataset) == before


def test_what_a_killed_run_left_changed_is_restored(dataset: Path) -> None:
    """`make` restores the changes of a run that was killed."""
    before = _bytes(dataset)
    undone = inputs.change_records(dataset, 2, "killed")
    undone.__enter__()
    assert _bytes(dataset) != before
    inputs.make(260, dataset)
    assert _bytes(dataset) == before


# the peer


@pytest.fixture(scope="module")
def release(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our release of the 260 records."""
    store = tmp_path_factory.mktemp("ours") / "store"
    command = commands.Abilities(commands.make_environment()).build_command(
        dataset, store, store / "cache", 1
    )
    done = subprocess.run(
        [str(part) for part in command],
        env=commands.make_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return next(path.parent for path in store.glob("*/datapackage.json"))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file; bodies are stripped, because python-frontmatter strips them."""
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield {name: text.strip() if name == "body" else text for name, text in row.items()}


def test_the_peer_makes_the_same_tables(dataset: Path, release: Path, tmp_path: Path) -> None:
    """The tables of the peer and ours have the same rows and cells, in the order of their keys."""
    done: list[str] = []
    peer.run(dataset, tmp_path / "out", done.append, validated=False)
    assert done == ["read", "tables", "csv", "parquet", "validate", "zip"]
    made = {path.name for path in (tmp_path / "out" / "data").glob("*.csv")}
    ours = {path.name for path in (release / "data").glob("*.csv")}
    assert ours - made == {"documents.csv", "evidence.csv", "findings.csv"}
    assert made <= ours
    for name in sorted(made):
        theirs = list(_rows(tmp_path / "out" / "data" / name))
        assert theirs == list(_rows(release / "data" / name)), name


def test_every_limit_is_measured(dataset: Path, release: Path, tmp_path: Path) -> None:
    """Each function returns seconds, and Parquet is written for every table."""
    paths = limits.find_records(dataset)
    assert len(paths) == 260
    names = limits.choose_parsers(paths)
    assert limits.time_hashing(paths) > 0
    assert limits.time_parsing(paths, (names[0][0], names[1][0])) > 0
    assert limits.time_writing(release, tmp_path) > 0
    assert limits.time_verifying(release) > 0
    assert len(list(tmp_path.iterdir())) == len(list((release / "data").rglob("*.parquet"))) > 0


def test_both_validators_take_the_same_table(tmp_path: Path) -> None:
    """frictionless and `release` find the table valid that they are measured with."""
    folder = validation.make(50, tmp_path)
    assert len(list(_rows(folder / "tables" / "scores.csv"))) == 50
    assert validation.time_frictionless(folder) > 0
    assert validation.time_ours(folder) > 0


# measuring


def test_memory_of_children_counts() -> None:
    """The peak is that of all processes of a command together."""
    child = "import time; held = bytearray(60_000_000); time.sleep(0.6)"
    parent = (
        "import subprocess, sys, time; held = bytearray(60_000_000); "
        f"subprocess.run([sys.executable, '-c', {child!r}])"
    )
    measured = measure.run([sys.executable, "-c", parent], Path(), os.environ)
    assert measured.seconds > 0.6
    if Path("/proc/self/smaps_rollup").is_file():
        assert 120e6 < measured.memory < 200e6


def test_a_failed_command_is_named() -> None:
    """A command that fails is reported with the last line that it printed."""
    code = "import sys; sys.exit('no such luck')"
    with pytest.raises(measure.FailedError, match=r"no such luck$"):
        measure.run([sys.executable, "-c", code], Path(), os.environ)


def test_a_case_that_fails_is_noted_and_not_counted(tmp_path: Path) -> None:
    """A failure is recorded as a note, without seconds."""
    settings = Settings([], [], rounds=1, slow_rounds=1, large_rounds=1, start_rounds=1, dask=False)
    bench = Bench(settings, tmp_path, commands.Abilities(commands.make_environment()))
    good = Case(0, "good", [sys.executable, "-c", "pass"])
    assert bench.measure(Case(0, "bad", [sys.executable, "-c", "1 / 0"]), 0) is None
    assert bench.measure(good, 0) is not None
    assert list(bench.collect_measures().series[0]) == ["good"]
    assert [note.startswith("failed: ") for note in bench.notes] == [True]


def test_what_a_run_made_is_set_aside_and_emptied(tmp_path: Path) -> None:
    """The next run starts without the outputs of the last one; their files are kept empty."""
    settings = Settings([], [], rounds=1, slow_rounds=1, large_rounds=1, start_rounds=1, dask=False)
    bench = Bench(settings, tmp_path, commands.Abilities(commands.make_environment()))
    out = tmp_path / "out"
    code = (
        "import sys; from pathlib import Path; out = Path(sys.argv[1]); assert not out.exists()\n"
        "(out / 'deep').mkdir(parents=True); (out / 'deep/file').write_text('made')"
    )
    case = Case(0, "made", [sys.executable, "-c", code, out], (out, tmp_path / "never"))
    assert bench.measure(case, 0) is not None
    assert bench.measure(case, 1) is not None
    assert not out.exists()
    left = [path for path in (tmp_path / "trash").rglob("*") if path.is_file()]
    assert [path.relative_to(tmp_path / "trash").as_posix() for path in sorted(left)] == [
        "0/deep/file",
        "1/deep/file",
    ]
    assert [path.stat().st_size for path in left] == [0, 0]


def test_modules_are_kept_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands keep compiled modules, as an installed program does, whatever the shell says."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in commands.make_environment()


def test_stages_are_named_without_numbers() -> None:
    """The chunks of a stage count as one stage."""
    assert stages.name_stage("reading 10,000 records") == "reading records"
    assert stages.name_stage("chunk 3 of 40") == stages.name_stage("chunk 4 of 40") == "chunk of"


def test_abilities_come_from_the_help() -> None:
    """The commands and options of `release` are read from its help."""
    abilities = commands.Abilities(commands.make_environment())
    assert {"build", "check"} <= abilities.commands
    assert abilities.has_option("build", "--out")
    assert not abilities.has_option("build", "--ou")
    assert not abilities.has_option("no-such-command", "--out")


# ratios and verdicts


def _measures(**seconds: list[float]) -> Measures:
    """Return measures at 10,000 records."""
    named = {
        name.replace("_", "-"): Series(tuple(s), tuple(int(x * 100) for x in s))
        for name, s in seconds.items()
    }
    return Measures({goals.MIDDLE: named})


def _verdict(measures: Measures, start: str) -> goals.Verdict:
    return next(v for v in goals.judge_goals(measures) if v.goal.name.startswith(start))


def test_a_ratio_is_that_of_medians_and_spans_its_rounds() -> None:
    """Low and high are the ratios of two runs of one round."""
    assert Ratio.of([2, 4, 3], [20, 10, 30]) == Ratio(3 / 20, 0.1, 0.4)


def test_the_limit_is_the_sum_of_three() -> None:
    """The sum has hashing, parsing split over two processes, and writing Parquet."""
    measures = _measures(
        limit_hash=[1, 2], limit_parse_1=[9, 9], limit_parse_2=[3, 3], limit_parquet=[1, 1]
    )
    assert goals.sum_limits(measures, goals.MIDDLE) == (5, 6)


def test_ratios_are_to_the_peer_and_to_the_limit() -> None:
    """Our seconds are divided by theirs, so smaller is better."""
    measures = _measures(
        peer=[40], cold_2=[4], limit_hash=[1], limit_parse_2=[0.5], limit_parquet=[0.5]
    )
    assert {name: ratio.value for name, ratio in goals.compute_ratios(measures).items()} == {
        "10000/cold-2/peer": 0.1,
        "10000/cold-2/limit": 2,
    }


def test_verdicts_say_by_how_much_a_goal_is_missed() -> None:
    """At least 15 times faster: 16 is enough, 10 misses it by half."""
    met = _verdict(_measures(peer=[48], cold_2=[3]), "cold build, 2")
    assert (met.value, met.met, str(met)) == (16, True, "met")
    missed = _verdict(_measures(peer=[30], cold_2=[3]), "cold build, 2")
    assert (missed.met, str(missed)) == (False, "missed by 1.50 times")
    memory = _verdict(_measures(peer=[2], cold_2=[3]), "its memory")
    assert (memory.value, str(memory)) == (1.5, "missed by 1.50 times")


def test_what_was_not_measured_has_no_verdict() -> None:
    """A goal without its measures is neither met nor missed; a verdict at another size says so."""
    verdict = _verdict(_measures(peer=[30]), "cold build, 2")
    assert (verdict.met, str(verdict)) == (False, "not measured: no cold-2 at 10,000 records")
    small = Measures({1000: _measures(peer=[30], cold_2=[1]).series[goals.MIDDLE]})
    assert str(_verdict(small, "cold build, 2")) == "met (at 1,000 records, not 10,000)"


def test_a_change_is_told_from_noise() -> None:
    """A ratio within the spread of the rounds, or within the tolerance, is the same."""
    now = {"a": Ratio(0.2, 0.19, 0.21), "b": Ratio(0.2, 0.1, 0.3), "c": Ratio(0.2, 0.2, 0.2)}
    before = {"a": 0.1, "b": 0.29, "c": 0.19, "d": 1.0}
    assert [change.verdict for change in goals.compare_ratios(now, before)] == [
        "2.00 times: worse",
        "same",
        "same",
    ]
    assert (
        goals.compare_ratios({"a": Ratio(0.1, 0.1, 0.1)}, {"a": 0.2})[0].verdict
        == "0.50 times: better"
    )


def _results(cold: float) -> dict[str, Any]:
    """Return the results of a run of one round."""
    return {
        "environment": {"python": "3.11.7", "cores": 2, "libraries": {}, "parsers": {}},
        "rounds": 1,
        "notes": ["one note"],
        "goals": [],
        "ratios": {"260/cold-2/peer": {"value": cold, "low": cold, "high": cold}},
        "measures": {
            "260": {
                name: {"runs": 1, "median": seconds, "min": seconds, "max": seconds}
                for name, seconds in {"peer": 1.0, "cold-2": cold}.items()
            }
        },
        "limits": {"260": 0.1},
        "stages": {"260/stages-2": {"reading records": 0.5}},
    }


def test_the_page_compares_ratios_and_the_plot_is_drawn(tmp_path: Path) -> None:
    """The page compares the ratios with the last run; the plot has a bar for each measure."""
    text = report.write_results(_results(0.8), _results(0.4), tmp_path)
    assert (
        "| cold build, 2 workers, 260 records, to the peer | 0.4 | 0.8 | 2.00 times: worse |"
        in text
    )
    assert "- one note" in text
    root = ElementTree.fromstring((tmp_path / "latest.svg").read_text())
    assert len(root.findall(".//{*}rect")) == 1 + 3
    assert json.loads((tmp_path / "latest.json").read_text())["limits"] == {"260": 0.1}
