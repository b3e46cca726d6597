#!/usr/bin/env python3
"""Measures `ssrfund load` beside DuckDB: load.py SSRFUND FOLDER [RUNS]

SSRFUND is a release build, FOLDER one made by `cargo bench --bench generate -- FOLDER ROWS
csv`. Needs the wheel duckdb. Both sides take turns and each run is a process of its own:
ours reads, checks and commits the whole folder into a new workspace; DuckDB copies
transactions.csv, with the type of every column given, into a Parquet file. Both have the
same cores and compress with zstd.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

COPY = """
COPY (SELECT * FROM read_csv('{source}', header = true, columns = {{
  'transaction_id': 'VARCHAR', 'project_id': 'VARCHAR', 'kind': 'VARCHAR',
  'date': 'DATE', 'amount': 'DECIMAL(18,2)', 'currency': 'VARCHAR',
  'recipient': 'VARCHAR', 'grade': 'VARCHAR', 'description': 'VARCHAR'}}))
TO '{target}' (FORMAT parquet, COMPRESSION zstd)"""


def duckdb_child(source, target):
    import duckdb
    database = duckdb.connect()
    database.execute(f"SET threads = {os.cpu_count()}")
    began = time.perf_counter()
    quoted = [path.replace("'", "''") for path in (source, target)]
    database.execute(COPY.format(source=quoted[0], target=quoted[1]))
    print(time.perf_counter() - began)


def run(command):
    """Runs a command; returns seconds, CPU seconds, peak MB and stdout."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    out = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command[0]} ended with {child.returncode}")
    wall = time.perf_counter() - began
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out


def line(what, runs):
    wall, cpu = [one[0] for one in runs], [one[1] for one in runs]
    peak = max(one[2] for one in runs)
    print(f"{what:34} {statistics.median(wall):8.2f} {min(wall):8.2f} "
          f"{statistics.median(cpu):8.2f} {peak:8.0f}", flush=True)


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "--duckdb":
        return duckdb_child(*sys.argv[2:])
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    ssrfund, folder = map(os.path.abspath, sys.argv[1:3])
    times = int(sys.argv[3]) if len(sys.argv) == 4 else 5
    ours, kept, theirs, inside = [], [], [], []
    for _ in range(times):
        for flags, runs in ((["--no-originals"], ours), ([], kept)):
            with tempfile.TemporaryDirectory(dir=".") as place:
                fund = os.path.join(place, "fund")
                subprocess.run([ssrfund, "init", fund, "-q"], check=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                runs.append(run([ssrfund, "load", "--source", "bench", "-q", "--workspace",
                                 fund, *flags, folder]))
        with tempfile.TemporaryDirectory(dir=".") as place:
            theirs.append(run([sys.executable, os.path.abspath(__file__), "--duckdb",
                               os.path.join(folder, "transactions.csv"),
                               os.path.join(place, "transactions.parquet")]))
            inside.append(float(theirs[-1][3].split()[0]))
    size = os.path.getsize(os.path.join(folder, "transactions.csv")) / 1e6
    print(f"{f'{size:.0f} MB of CSV, {times} runs':34} {'median s':>8} {'least s':>8} "
          f"{'CPU s':>8} {'peak MB':>8}")
    line("ssrfund load --no-originals", ours)
    line("ssrfund load, originals kept", kept)
    line("DuckDB COPY, whole process", theirs)
    print(f"DuckDB's statement alone: median {statistics.median(inside):.2f} s, "
          f"least {min(inside):.2f} s")
    for what, runs in (("without", ours), ("with", kept)):
        wall = statistics.median(one[0] for one in runs) / statistics.median(inside)
        cpu = (statistics.median(one[1] for one in runs)
               / statistics.median(one[1] for one in theirs))
        print(f"{what} originals: {wall:.2f} times the statement's time, {cpu:.2f} times "
              "the process's CPU time")


if __name__ == "__main__":
    main()
