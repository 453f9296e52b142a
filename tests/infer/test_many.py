"""A folder of so many records that several processes read them."""

from pathlib import Path

from release.infer import stage
from release.infer.draft import MANY, make_draft


def test_a_draft_does_not_depend_on_how_many_processes_read_the_records(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    (folder / "notes").mkdir(parents=True)
    for n in range(MANY):
        text = f"---\nid: n{n}\nsize: {n}\ntags: [a{n % 7}, b]\n---\nText {n}.\n"
        (folder / "notes" / f"n{n}.md").write_text(text, "utf-8")
    (folder / "notes" / "broken.md").write_text("---\nid: [\n---\n", "utf-8")

    alone, shared = make_draft(folder), make_draft(folder, workers=2)

    assert stage.files_of(shared) == stage.files_of(alone)
    assert [each.path for kind in shared.kinds for each in kind.entries] == [
        each.path for kind in alone.kinds for each in kind.entries
    ]
