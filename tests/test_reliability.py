"""docs/reliability.md says which test proves which row; the marks in the tests and the page agree."""

from tests.reliability import PAGE, Proof, all_rows, marked_tests, page


def rows_with_tests(text: str) -> set[int]:
    """Read the numbers of the rows a page has a test for."""
    cells = [[cell.strip() for cell in line.split("|")] for line in text.splitlines()]
    return {int(row[1]) for row in cells if len(row) > 2 and row[1].isdigit() and row[4] != "—"}


def test_every_mark_names_a_row_that_exists() -> None:
    assert set(marked_tests()) <= {row.number for row in all_rows()}


def test_the_page_names_the_rows_that_have_a_test_and_no_others() -> None:
    named = rows_with_tests(PAGE.read_text(encoding="utf-8"))
    assert named == set(marked_tests()), "run `pytest tests -m row --reliability docs/reliability.md`"


def test_one_failure_or_a_test_that_did_not_run_is_said() -> None:
    first, second = Proof("a.py", "test_a"), Proof("b.py", "test_b")
    proofs = {51: [first, second], 52: [first], 53: [first, second]}
    text = page(proofs, {first: "passed", second: "failed"})
    ends = {
        line.split("|")[1].strip(): line.split("|")[-2].strip() for line in text.splitlines() if line.startswith("| 5")
    }
    assert [ends[number] for number in ("51", "52", "53", "54")] == ["failed", "passed", "failed", "no test"]
    assert page({51: [first]}, {}).count("| not run |") == 1
