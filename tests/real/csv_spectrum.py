#!/usr/bin/env python3
"""Reads CSV files with `ssrfund sql` and compares every field with what is expected.

csv_spectrum.py BINARY FOLDER: each FOLDER/csvs/NAME.csv against FOLDER/json/NAME.json.
"""

import json
import pathlib
import subprocess
import sys
import tempfile


def text(value):
    """A field as text; an empty one is null in SQL."""
    return "" if value is None else str(value)


def with_its_line_ends(file, folder):
    """The file as it is meant: a checkout may have made the CR LF of `_crlf` files LF."""
    content = file.read_bytes()
    if not file.stem.endswith("_crlf") or b"\r" in content:
        return file
    place = pathlib.Path(folder) / file.name
    place.write_bytes(content.replace(b"\n", b"\r\n"))
    return place


def main():
    binary, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    files = sorted((folder / "csvs").glob("*.csv"))
    assert files, f"no files in {folder}"
    for file in files:
        query = f'SELECT * FROM "{file.stem}"'
        with tempfile.TemporaryDirectory() as place:
            path = with_its_line_ends(file, place)
            command = [binary, "sql", str(path), "-c", query, "-F", "json"]
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
