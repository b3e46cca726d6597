#!/usr/bin/env python3
"""The peer of `benches/classify.rs`: classify.py FILE

Reads the same texts into DuckDB and classifies them with one CASE over the same keyword
families, made from our own lexicon: once as regular expressions, once as LIKE. Two
threads, tables in memory; the time is of the classification alone. Needs duckdb.
"""
import csv
import statistics
import sys
import time
import unicodedata
from pathlib import Path

import duckdb

RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
FOLDER = Path(__file__).resolve().parent.parent / "queries" / "classification" / "lexicon"
LANGUAGES = ("en", "fr", "es", "pt")
# The order of the decision procedure; keys without a class decide nothing alone.
ORDER = ("support", "scope", "infra", "place", "equip", "ops", "running", "acc",
         "works_service", "train", "capacity", "sector", "eval")


def fold(text):
    text = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in text if not unicodedata.combining(c))


def families(languages):
    """Terms by key, and the class that most of a key's terms speak for."""
    terms, classes = {}, {}
    for lang in languages:
        with open(FOLDER / f"{lang}.csv", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["key"] in ORDER:
                    terms.setdefault(row["key"], set()).add(fold(row["term"]))
                    classes.setdefault(row["key"], []).append(row["class"] or "unclassified")
    return [(key, statistics.mode(classes[key]), sorted(terms[key]))
            for key in ORDER if key in terms]


def regular(column, terms):
    def one(term):
        plain = "".join("\\" + c if c in r".^$*+?()[]{}|\-" else c for c in term.rstrip("*"))
        return plain + (r"\w*" if term.endswith("*") else "")
    pattern = r"\b(?:" + "|".join(one(term) for term in terms) + r")\b"
    return f"regexp_matches({column}, '{pattern.replace(chr(39), chr(39) * 2)}')"


def like(column, terms):
    def one(term):
        plain = term.rstrip("*").replace("'", "''")
        end = "%" if term.endswith("*") else " %"
        return f"' ' || {column} || ' ' LIKE '% {plain}{end}'"
    return "(" + " OR ".join(one(term) for term in terms) + ")"


def case(how, languages, guarded):
    parts = []
    for lang in languages if guarded else (None,):
        guard = f"lang = '{lang}' AND " if lang else ""
        for _, name, terms in families((lang,) if lang else languages):
            parts.append(f"WHEN {guard}{how('folded', terms)} THEN '{name}'")
    return "CASE " + " ".join(parts) + " ELSE 'unclassified' END"


def main():
    file = sys.argv[1]
    db = duckdb.connect()
    db.execute("SET threads = 2")
    db.execute("CREATE TABLE texts AS SELECT * FROM read_csv(?, all_varchar = true)", [file])
    rows = db.execute("SELECT COUNT(*) FROM texts").fetchone()[0]
    print(f"DuckDB {duckdb.__version__}, {rows} texts, {RUNS} runs")
    for name, how in (("regexp_matches", regular), ("LIKE", like)):
        for guarded in (True, False):
            sql = (f"SELECT class, COUNT(*) FROM (SELECT {case(how, LANGUAGES, guarded)} AS class "
                   "FROM (SELECT lang, strip_accents(lower(description)) AS folded FROM texts)) "
                   "GROUP BY class ORDER BY class")
            times, busy, found = [], [], None
            for _ in range(RUNS):
                began, worked = time.perf_counter(), time.process_time()
                found = db.execute(sql).fetchall()
                times.append(time.perf_counter() - began)
                busy.append(time.process_time() - worked)
            word = "given" if guarded else "not given"
            print(f"{name}, language {word}: median {statistics.median(times):.3f} s, "
                  f"CPU {statistics.median(busy):.3f} s; "
                  f"{dict(found)}", flush=True)


main()
