"""Decisions are found by their numbers, so each number is one decision's."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "adr"


def test_every_decision_has_a_number_of_its_own_and_says_it() -> None:
    files = sorted(FOLDER.glob("[0-9]*.md"))
    assert [file.name[:4] for file in files] == [f"{number:04d}" for number in range(len(files))]
    for file in files[1:]:
        assert file.read_text("utf-8").startswith(f"# {file.name[:4]}: "), file.name
