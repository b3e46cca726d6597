#!/usr/bin/env python3
"""A template that another program opened, filled and saved loads back.

Usage: tests/real/templates.py BINARY

Needs openpyxl (skipped with a message where there is none): it writes workbooks that are
laid out otherwise than ours, with other styles, shared strings and dates.
"""

import datetime
import pathlib
import subprocess
import sys
import tempfile

try:
    import openpyxl
except ImportError:
    print("templates through another program: skipped, there is no openpyxl")
    sys.exit(0)

HERE = pathlib.Path(__file__).resolve().parent
BASE = HERE.parent.parent / "fixtures/scenarios/_base"
PROJECT = "00112233"
TABLES = (
    "milestones observations reports reviews clearances signatures requests".split()
)


def call(binary, folder, *arguments):
    done = subprocess.run(
        [binary, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}")
    return done


def expect(found, wanted, what):
    if found != wanted:
        sys.exit(f"{what}: {found!r}, not {wanted!r}")


def look(book):
    """What a person needs in the sheets: headers, a frozen first row, drop-downs."""
    for name in TABLES:
        sheet = book[name]
        expect(sheet.freeze_panes, "A2", f"frozen rows of {name}")
        kinds = {rule.type for rule in sheet.data_validations.dataValidation}
        if "list" not in kinds:
            sys.exit(f"{name} has no drop-down")
        for rule in sheet.data_validations.dataValidation:
            if rule.type == "list":
                place = rule.formula1.split("!")[-1].replace("$", "")
                values = [cell.value for row in book["lists"][place] for cell in row]
                if not values or None in values:
                    sys.exit(f"{name}: the drop-down {rule.sqref} offers {values}")


def header(sheet):
    return [cell.value for cell in sheet[1]]


def add(sheet, **values):
    names = header(sheet)
    unknown = set(values) - set(names)
    expect(unknown, set(), f"columns of {sheet.title}")
    row = 2
    while any(cell.value is not None for cell in sheet[row]):
        row += 1
    for name, value in values.items():
        sheet.cell(row, names.index(name) + 1, value)


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        call(binary, folder, "init", "-q", "fund")
        here = ("--workspace", "fund")
        call(binary, folder, "load", "-q", "--source", "hq", BASE, *here)
        call(binary, folder, "data", "template", "-q", "facts.xlsx", "--project", PROJECT, *here)
        book = openpyxl.load_workbook(folder / "facts.xlsx")
        look(book)
        # Saved as it is, it tells nothing and is refused for nothing.
        book.save(folder / "untouched.xlsx")
        call(binary, folder, "load", "-q", "--source", "u", "--dry-run", "untouched.xlsx", *here)
        milestone = dict(
            milestone_id="M-OP", project_id=PROJECT, tranche=1, title="Révision du budget",
            kind="output", measure="number", baseline=0, target=10, weight=3,
            critical=True, due_on=datetime.date(2024, 3, 31),
        )
        milestone["class"] = "sector_wide"
        add(book["milestones"], **milestone)
        add(
            book["observations"], milestone_id="M-OP", evidence="minutes of the board",
            observed_on=datetime.datetime(2024, 5, 2), value=7.5,
        )
        add(
            book["requests"], project_id=PROJECT, tranche=1, recipient="UNDP",
            requested_on=datetime.date(2024, 6, 1), amount=1979500.05,
        )
        book.save(folder / "filled.xlsx")
        add_facts = ("load", "-q", "--source", "facts", "--append", "filled.xlsx", *here)
        call(binary, folder, *add_facts)
        asked = call(
            binary, folder, "sql", "-F", "csv", *here, "-c",
            "SELECT m.title, m.weight, m.critical, m.due_on, o.observed_on, o.value, "
            "r.amount FROM milestones m JOIN observations o USING (milestone_id) "
            "CROSS JOIN requests r WHERE m.milestone_id = 'M-OP' AND r.requested_on = "
            "DATE '2024-06-01'",
        )
        rows = asked.stdout.splitlines()
        wanted = "Révision du budget,3,true,2024-03-31,2024-05-02,7.500000,1979500.05"
        expect(rows[1:], [wanted], "the facts")
        verified = call(binary, folder, "data", "verify", *here)
        expect(verified.stdout.split()[0], "2", "loads")
    print("templates through another program: opened, filled, saved and loaded")


if __name__ == "__main__":
    main()
