#!/usr/bin/env python3
"""Measures ssrfund beside DuckDB and lxml: compare.py SSRFUND WORKSPACE IATI_FOLDER

SSRFUND is a release build, WORKSPACE one made by `cargo bench --bench generate`, and
IATI_FOLDER holds IATI activity files at any depth. Needs the wheels duckdb and lxml.
Both sides of a comparison take turns; the table gives medians and ratios.
"""
import io
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

AS_OF = "2024-12-31"
GATE_RUNS = 50
REPORT_RUNS = 5
XML_RUNS = 7


def run(command):
    """Runs a command; returns seconds, CPU seconds, peak MB, exit code and stdout."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, child.returncode, out


def line(what, runs, more=""):
    """Prints median and least wall time, median CPU time and peak memory of runs."""
    wall = [one[0] * 1e3 for one in runs]
    cpu = statistics.median(one[1] * 1e3 for one in runs)
    peak = max(one[2] for one in runs)
    print(f"{what:44} {statistics.median(wall):9.1f} {min(wall):9.1f} {cpu:9.1f} "
          f"{peak:8.0f}  {more}", flush=True)


def head(title):
    print(f"\n{title:44} {'median ms':>9} {'least ms':>9} {'CPU ms':>9} {'peak MB':>8}")


def gate(ssrfund):
    head("One verdict, cold process")
    with tempfile.TemporaryDirectory() as folder:
        demo = os.path.join(folder, "demo")
        subprocess.run([ssrfund, "demo", "--keep", demo], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        check = [ssrfund, "gate", "check", "00112233", "--tranche", "2", "--as-of",
                 "2024-06-30", "--workspace", demo, "-F", "json"]
        runs = [run(check) for _ in range(GATE_RUNS)]
        if any(one[3] != 5 or one[4] != runs[0][4] for one in runs):
            sys.exit("a run differs from the others, or is not `partial` (exit code 5)")
        line(f"gate check, {GATE_RUNS} runs", runs)
        line(f"ssrfund --version, {GATE_RUNS} runs",
             [run([ssrfund, "--version"]) for _ in range(GATE_RUNS)])


# What `report run composition` sums, as SQL over the same derived file.
QUERY = f"""
SELECT t.currency, t.class, SUM(t.amount),
       COALESCE(SUM(t.amount) FILTER (WHERE t.grade = 'certified'), 0)
FROM read_parquet('{{file}}') t
WHERE t.kind = 'expenditure' AND t.date <= DATE '{AS_OF}'
  AND (t.superseded_on IS NULL OR t.superseded_on > DATE '{AS_OF}')
GROUP BY 1, 2 ORDER BY 1, 2"""


def duckdb_child(path):
    """The query in a process of its own; prints its seconds and the sums."""
    import duckdb
    database = duckdb.connect()
    database.execute("SET threads = 2")
    began = time.perf_counter()
    rows = database.execute(QUERY.format(file=path.replace("'", "''"))).fetchall()
    print(time.perf_counter() - began)
    for row in rows:
        print(*row)


def report(ssrfund, workspace):
    derived = Path(workspace) / "derived"
    command = [ssrfund, "report", "run", "composition", "--workspace", workspace,
               "--as-of", AS_OF, "-F", "json"]
    head("report run composition")
    if not list(derived.glob("classified_transactions-*.parquet")):
        line("first run, derives the classes", [run(command)])
    newest = max(derived.glob("classified_transactions-*.parquet"),
                 key=lambda path: path.stat().st_mtime)
    other = [sys.executable, __file__, "--duckdb", str(newest)]
    ours, theirs = [], []
    for _ in range(REPORT_RUNS):
        ours.append(run(command))
        theirs.append(run(other))
    told = ours[0][4].decode()
    for row in theirs[0][4].decode().splitlines()[1:]:
        currency, name, amount, _ = row.split()
        if currency == "USD" and f'"{name}": "{amount}"' not in told:
            sys.exit(f"DuckDB sums {name} to {amount}, and the report does not")
    query = statistics.median(float(one[4].split()[0]) for one in theirs) * 1e3
    line("ssrfund, whole process", ours)
    line("DuckDB, whole process", theirs, f"the query alone {query:.1f} ms")
    ratio = statistics.median(o[0] for o in ours) / statistics.median(t[0] for t in theirs)
    whole = statistics.median(o[0] for o in ours) * 1e3
    print(f"ssrfund takes {ratio:.2f} times DuckDB's process, "
          f"{whole / query:.2f} times its query alone; same sums")


LANG = "{http://www.w3.org/XML/1998/namespace}lang"
KINDS = {str(n): n for n in range(1, 14)} | dict(
    IF=1, C=2, D=3, E=4, IR=5, LR=6, R=7, QP=8, QS=9, CG=10)


def words(element, lang):
    if element is None:
        return None, None
    narrative = element.find("narrative")
    if narrative is not None:
        return (narrative.text or "").strip(), narrative.get(LANG) or lang
    return (element.text or "").strip(), element.get(LANG) or lang


def organisation(element):
    if element is None:
        return None
    return element.get("ref") or words(element, None)[0]


def day(element):
    if element is None:
        return None
    try:
        return date.fromisoformat(element.get("iso-date") or (element.text or "").strip())
    except ValueError:
        return None


def shares(elements):
    vocabularies = {}
    for one in elements:
        of = vocabularies.setdefault(one.get("vocabulary", "1"), [])
        of.append((one.get("code"), one.get("percentage")))
    out = []
    for vocabulary, listed in vocabularies.items():
        weights = []
        for _, percentage in listed:
            try:
                weights.append(Decimal(percentage) if percentage else Decimal(100))
            except InvalidOperation:
                weights.append(Decimal(0))
        whole = sum(weights) or 1
        out += [(vocabulary, code, int(weight * 10000 / whole))
                for (code, _), weight in zip(listed, weights)]
    return out


def extract(etree, data):
    """What the loader takes from a file, as tuples, and exact sums by kind and currency."""
    rows = {name: [] for name in (
        "projects", "countries", "recipients", "transactions", "sectors", "budgets",
        "milestones")}
    tally = {}
    activities = etree.iterparse(io.BytesIO(data), tag="iati-activity", huge_tree=False,
                                 resolve_entities=False)
    for _, activity in activities:
        lang, usual = activity.get(LANG), activity.get("default-currency")
        name = (activity.findtext("iati-identifier") or "").strip()
        status = activity.find("activity-status")
        ends = {one.get("type"): day(one) for one in activity.findall("activity-date")
                if one.get("type") in ("3", "4", "end-planned", "end-actual")}
        rows["projects"].append((name, words(activity.find("title"), lang)[0],
                                 status.get("code") if status is not None else None,
                                 ends, usual, activity.sourceline))
        countries = shares(activity.findall("recipient-country"))
        rows["countries"] += [(name,) + one for one in countries]
        implementing = {organisation(one) for one in activity.findall("participating-org")
                        if one.get("role") in ("4", "Implementing")}
        rows["recipients"] += [(name, one, "gross") for one in implementing]
        sectors = shares(activity.findall("sector"))
        rows["sectors"] += [("project", name) + one for one in sectors]
        for number, one in enumerate(activity.iterfind("transaction"), 1):
            value, kind = one.find("value"), one.find("transaction-type")
            if value is None or kind is None:
                continue
            kind, currency = KINDS.get(kind.get("code")), value.get("currency") or usual
            try:
                amount = Decimal((value.text or "").strip())
            except InvalidOperation:
                continue
            count, total = tally.get((kind, currency), (0, Decimal(0)))
            tally[kind, currency] = (count + 1, total + amount)
            own = f"{name}#{number}"
            text, spoken = words(one.find("description"), lang)
            valued = value.get("value-date")
            try:
                valued = date.fromisoformat(valued[:10]) if valued else None
            except ValueError:
                valued = None
            rows["transactions"].append((
                own, name, kind, day(one.find("transaction-date")) or valued, amount,
                currency, valued, organisation(one.find("provider-org")),
                organisation(one.find("receiver-org")), text, spoken, one.get("ref"),
                one.sourceline))
            sectors = shares(one.findall("sector"))
            rows["sectors"] += [("transaction", own) + share for share in sectors]
        for number, one in enumerate(activity.iterfind("budget"), 1):
            value = one.find("value")
            if value is not None:
                rows["budgets"].append((
                    f"{name}#budget-{number}", day(one.find("period-start")),
                    day(one.find("period-end")), (value.text or "").strip(),
                    value.get("currency") or usual, one.sourceline))
        for at, result in enumerate(activity.iterfind("result"), 1):
            for place, indicator in enumerate(result.iterfind("indicator"), 1):
                title = words(indicator.find("title"), lang)[0]
                baseline = indicator.find("baseline")
                start = baseline.get("value") if baseline is not None else None
                for number, period in enumerate(indicator.iterfind("period"), 1):
                    target, actual = period.find("target"), period.find("actual")
                    rows["milestones"].append((
                        f"{name}#r{at}.{place}.{number}", title, start,
                        target.get("value") if target is not None else None,
                        actual.get("value") if actual is not None else None,
                        day(period.find("period-end")), period.sourceline))
        activity.clear()
        while activity.getprevious() is not None:
            del activity.getparent()[0]
    return rows, tally


def xml(ssrfund, folder):
    from lxml import etree
    paths = sorted(str(path) for path in Path(folder).rglob("*.xml"))
    files = [Path(path).read_bytes() for path in paths]
    size = sum(map(len, files)) / 1e6
    # No workspace: what is measured is reading, not references to other loads.
    with tempfile.TemporaryDirectory() as nowhere:
        command = ["env", "-C", nowhere, os.path.abspath(ssrfund), "load", "--dry-run",
                   "-q", "-F", "json", *map(os.path.abspath, paths)]
        ours, theirs = [], []
        for _ in range(XML_RUNS):
            ours.append(run(command))
            began, cpu = time.perf_counter(), time.process_time()
            found = [extract(etree, data) for data in files]
            theirs.append((time.perf_counter() - began, time.process_time() - cpu, 0))
    head(f"IATI XML, {len(files)} files, {size:.1f} MB")
    transactions = sum(len(rows["transactions"]) for rows, _ in found)
    counted = sum(map(int, re.findall(rb'"count": *"?(\d+)', ours[0][4])))
    line("ssrfund load --dry-run, whole process", ours, f"{counted} amounts")
    line("lxml iterparse, files already in memory", theirs, f"{transactions} transactions")
    fast, slow = (statistics.median(one[0] for one in runs) for runs in (ours, theirs))
    print(f"{size / fast:.0f} MB/s against {size / slow:.1f} MB/s: "
          f"{slow / fast:.1f} times as fast")


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--duckdb":
        return duckdb_child(sys.argv[2])
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    ssrfund, workspace, folder = sys.argv[1:]
    gate(ssrfund)
    report(ssrfund, workspace)
    xml(ssrfund, folder)


if __name__ == "__main__":
    main()
