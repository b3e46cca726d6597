"""Measures the text classifier on held-out real descriptions, labelled by reading.

Usage: labels.py BINARY descriptions.csv. Standard library only. The texts may not be
copied, so `labels.csv` holds the first 16 hex digits of the SHA-256 of each text and the
classes that a careful reader would sign, `unclassified` where the text does not tell.
Exits with 1 where the answers of high confidence are less than 93% right.
"""

import csv
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

IN_SCOPE = {"hardware", "training", "sector_wide", "mixed"}
DECIDED = ("hardware", "training", "sector_wide")
HIGH = 9000
FIGURES = (
    "lines",
    "answered",
    "right",
    "high",
    "high right",
    "in scope",
    "in scope answered",
    "out of scope",
    "out of scope called in",
)


def read_labels():
    """Sample and readings by the hash of the text."""
    path = pathlib.Path(__file__).parent / "labels.csv"
    with open(path, encoding="utf-8", newline="") as file:
        return {
            row["sha256"]: (row["sample"], set(row["readings"].split("|")))
            for row in csv.DictReader(file)
        }


def answers(binary, rows):
    """What the tool says of each text: one SQL question over a file in place."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "texts.csv"
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "lang", "description"])
            writer.writerows(rows)
        sql = (
            "SELECT id, c['class'] AS class, c['confidence_bps'] AS bps FROM (SELECT id, "
            "classify(description, lang) AS c FROM texts)"
        )
        command = [binary, "sql", "-q", "-F", "json", "-c", sql, str(path)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            sys.exit(run.stderr)
        return {row["id"]: (row["class"], int(row["bps"])) for row in json.loads(run.stdout)}


def count(found, readings, counts, tell):
    """Adds one line to the counts."""
    said, bps = found
    right = said in readings
    counts["lines"] += 1
    if said in DECIDED and bps >= HIGH:
        counts["high"] += 1
        counts["high right"] += right
    if "unclassified" not in readings and readings <= IN_SCOPE:
        counts["in scope"] += 1
        counts["in scope answered"] += said != "unclassified"
    if readings == {"out_of_scope"}:
        counts["out of scope"] += 1
        counts["out of scope called in"] += said in IN_SCOPE
    if said != "unclassified":
        counts["answered"] += 1
        counts["right"] += right
        if not right:
            tell(said, readings)


def main():
    """Prints the counts by sample and language, and the wrong ones by hash."""
    binary, texts = sys.argv[1], sys.argv[2]
    labels = read_labels()
    rows, langs = [], {}
    with open(texts, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = hashlib.sha256(row["description"].encode()).hexdigest()[:16]
            if key in labels:
                rows.append((key, row["lang"], row["description"]))
                langs[key] = row["lang"].removeprefix("d:")
    found = answers(binary, rows)
    tables = defaultdict(Counter)
    wrong = []
    for key, lang in sorted(langs.items()):
        sample, readings = labels[key]
        for table in (f"sample {sample}", f"language {lang}", "all"):
            keep = wrong.append if table == "all" else lambda line: None
            tell = lambda said, want, key=key, keep=keep: keep(
                f"  {key}: {said}, read as {' or '.join(sorted(want))}"
            )
            count(found[key], readings, tables[table], tell)
    for name, counts in sorted(tables.items()):
        print(f"{name}: " + ", ".join(f"{what} {counts[what]}" for what in FIGURES))
    print("\n".join(["wrong:", *wrong]))
    total = tables["all"]
    sys.exit(0 if total["high right"] * 100 >= total["high"] * 93 else 1)


if __name__ == "__main__":
    main()
