#!/usr/bin/env python3
"""Reads CSV files with `ssrfund sql` and compares every field with what is expected.

csv.py BINARY FOLDER: each FOLDER/csvs/NAME.csv against FOLDER/json/NAME.json.
"""

import json
import pathlib
import subprocess
import sys


def text(value):
    """A field as text; an empty one is null in SQL."""
    return "" if value is None else str(value)


def main():
    binary, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    files = sorted((folder / "csvs").glob("*.csv"))
    assert files, f"no files in {folder}"
    for file in files:
        query = f'SELECT * FROM "{file.stem}"'
        command = [binary, "sql", str(file), "-c", query, "-F", "json"]
        told = subprocess.run(command, capture_output=True, check=False)
        if told.returncode != 0:
            sys.exit(f"{file.name}: {told.stderr.decode()}")
        found = [list(map(text, row.values())) for row in json.loads(told.stdout)]
        expected = json.loads((folder / "json" / f"{file.stem}.json").read_bytes())
        expected = [list(map(text, row.values())) for row in expected]
        if found != expected:
            sys.exit(f"{file.name}: {found} instead of {expected}")
    print(f"{len(files)} files, every field as expected")


main()
