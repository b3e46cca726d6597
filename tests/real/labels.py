"""Measures the text classifier on real descriptions, labelled by reading.

Usage: labels.py BINARY SHARED_REAL_FOLDER [--wrong], or labels.py --kinds, which prints the
rows of queries/classification/measured.csv from the labels and from the answers of
`first_answers.csv`, given when the sets had not been read yet. Standard library only. The texts may
not be copied: the label files hold the first 16 hex digits of the SHA-256 of each text and
the classes that a careful reader would sign, `unclassified` where the text does not tell.
Sets A and B are of `labels.csv`, `test` and `reserve` of `labels_sealed.csv`; which of them
was looked at when is told in docs/classification.md. Exits with 1 where a figure falls
below its floor.
"""

import csv
import hashlib
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict

HERE = pathlib.Path(__file__).parent
IN_SCOPE = {"hardware", "training", "sector_wide", "mixed"}
DECIDED = ("hardware", "training", "sector_wide")
HIGH = 9000
SHIPPED = HERE.parent.parent / "queries" / "classification" / "measured.csv"
# Rules that are counted together, and whether sets A and B count for them.
KINDS = [("C2", ["C2"], False), ("C4", ["C4"], False), ("C5", ["C5"], True),
         ("C6", ["C6", "C8"], True), ("C7", ["C7"], True), ("C8", ["C6", "C8"], True),
         ("*", ["C1", "C3", "C4", "C5", "C6", "C7", "C8", "C9"], None)]
FEW = 10
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# The last figures, in per cent and rounded down (`called in` up): what falls below fails.
FLOORS = {
    "A and B": {
        "high": 97, "answered": 82, "called in": 3, "measured high": 100,
        "answered, measured high": 39,
    },
    "test": {
        "high": 96, "answered": 79, "called in": 0.5, "beneficiary": 94, "subclass": 95,
        "measured high": 100, "answered, measured high": 44,
    },
    "reserve": {
        "high": 87, "answered": 78, "called in": 1, "beneficiary": 88, "subclass": 90,
        "measured high": 100, "answered, measured high": 21,
    },
    "test and reserve": {
        "high": 92, "answered": 79, "called in": 0.7, "measured high": 100,
        "answered, measured high": 35,
    },
}


def first_text(element):
    """The first text of a title or description: of a narrative (2.x) or its own (1.x)."""
    if element is None:
        return ""
    for part in [*element.findall("narrative"), element]:
        text = " ".join((part.text or "").split())
        if text:
            return text
    return ""


def texts(folder):
    """Language and text by key: of descriptions.csv, and of every IATI activity."""
    found = {}
    for path in sorted(folder.glob("iati/*/*.xml")):
        for activity in ElementTree.parse(path).getroot().iter("iati-activity"):
            title = first_text(activity.find("title"))
            more = first_text(activity.find("description"))
            text = f"{title} — {more}" if title and more and more != title else title or more
            found.setdefault(key_of(text[:300].strip()), ("", text[:300].strip()))
    with open(folder / "descriptions.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[key_of(row["description"])] = (row["lang"], row["description"])
    return found


def key_of(text):
    """The name of a text in the label files."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_labels():
    """Set, readings, beneficiaries, subclasses and stratum by key."""
    labels = {}
    for name in ("labels.csv", "labels_sealed.csv"):
        with open(HERE / name, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                plain = [set(filter(None, (row.get(what) or "").split("|")))
                         for what in ("beneficiary", "subclass")]
                group = row.get("set") or row["sample"]
                readings = set(row["readings"].split("|"))
                labels[row["sha256"]] = (group, readings, *plain, row.get("stratum"))
    return labels


def answers(binary, rows):
    """What the tool says of each text: one SQL question over a file in place."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "texts.csv"
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "lang", "description"])
            writer.writerows(rows)
        sql = "SELECT id, classify(description, lang) AS c FROM texts"
        command = [binary, "sql", "-q", "-F", "json", "-c", sql, str(path)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            sys.exit(run.stderr)
        return {row["id"]: row["c"] for row in json.loads(run.stdout)}


def interval(right, lines):
    """The 95% interval of a share (Wilson)."""
    z, share = 1.96, right / lines
    middle = share + z * z / (2 * lines)
    room = z * math.sqrt(share * (1 - share) / lines + z * z / (4 * lines * lines))
    return [max(0, middle + side * room) / (1 + z * z / lines) for side in (-1, 1)]


def at_least(cell):
    """The lower end of the interval in basis points, down to whole per cents."""
    return int(100 * interval(*cell)[0] + 1e-9) * 100


def first_counts(labels):
    """Right and all by rule, runner-up and named, of the first answers; A and B apart."""
    counts = defaultdict(lambda: [0, 0])
    with open(HERE / "first_answers.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            group, readings = labels[row["sha256"]][:2]
            rule = row["rule_id"].rstrip("abc")
            cell = counts[rule, group in "AB", row["runner_up"], row["named"]]
            cell[0] += row["class"] in readings
            cell[1] += 1
    return counts


def kinds(labels):
    """The counts of measured.csv. Where few lines name a body, or few do not, both are
    counted together, and if that is few too they are left to `*`. Then neighbours whose
    order is wrong are counted together until a runner-up, or a text without a body of
    security, makes no answer worth more."""
    counts, table = first_counts(labels), {}
    both = {rule for _, rules, with_ab in KINDS if with_ab for rule in rules}
    for name, rules, _ in KINDS[::-1]:
        pools = {}
        for rival in ("no", "yes"):
            pair = {}
            for named in ("yes", "no"):
                parts = [counts.get((rule, ab, rival, named), (0, 0)) for rule in rules
                         for ab in (False, True) if not ab or rule in both]
                pair[rival, named] = tuple(sum(p[at] for p in parts) for at in (0, 1))
            together = tuple(map(sum, zip(*pair.values())))
            if min(cell[1] for cell in pair.values()) >= FEW:
                pools.update({kind: ({kind}, cell) for kind, cell in pair.items()})
            elif together[1] >= FEW:
                pools.update({kind: (set(pair), together) for kind in pair})
        while worse := disorder(pools):
            members = pools[worse[0]][0] | pools[worse[1]][0]
            first, second = (pools[kind] for kind in worse)
            cell = tuple(map(sum, zip(first[1], second[1])))
            pools.update({one: (members, cell) for one in members})
        for kind, (members, cell) in pools.items():
            table[name, *kind] = (*cell, at_least(cell))
    return {key: table[key] for key in sorted(table, key=lambda key: (key[0] == "*", key))}


def disorder(pools):
    """Two kinds of a rule of which the doubted one is worth more, or nothing."""
    for rival, named in pools:
        for other in ((("yes", named) if rival == "no" else None),
                      ((rival, "no") if named == "yes" else None)):
            if other in pools and at_least(pools[other][1]) > at_least(pools[rival, named][1]):
                return (rival, named), other
    return None


def shipped():
    """What measured.csv says by kind."""
    table = {}
    with open(SHIPPED, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["rule"] != "high":
                kind = (row["rule"], row["runner_up"], row["named"])
                table[kind] = tuple(int(row[what]) for what in ("right", "lines", "at_least_bps"))
    return table


def wilson(right, lines):
    """A share with its 95% interval, in per cent."""
    if not lines:
        return "no line"
    share, (low, high) = right / lines, interval(right, lines)
    return f"{right} of {lines} ({100 * share:.1f}%, {100 * low:.1f} to {100 * high:.1f})"


def count(said, readings, bodies, details, tally):
    """Adds one answer to the pairs (good, all) of its set."""
    what, bps = said["class"], int(said["confidence_bps"])
    right = what in readings
    if what != "unclassified":
        tally["any confidence"].update([right])
        tally[f"confidence {bps}"].update([right])
    if what in DECIDED and bps >= HIGH:
        tally["high"].update([right])
        tally[f"high, {what}"].update([right])
    if what in DECIDED and said["measured_high"]:
        tally["measured high"].update([right])
        tally[f"measured high, {what}"].update([right])
    if "unclassified" not in readings and readings <= IN_SCOPE:
        tally["answered"].update([what != "unclassified"])
        tally["answered, measured high"].update([bool(said["measured_high"])])
    if readings == {"out_of_scope"}:
        tally["called in"].update([what in IN_SCOPE])
    if bodies and what != "unclassified":
        tally["beneficiary"].update([said["beneficiary"] in bodies])
    if details and right:
        tally["subclass"].update([said["subclass"] in details])


def below(name, tally):
    """The figures of a set that are worse than their floor."""
    worse = []
    for figure, least in FLOORS.get(name, {}).items():
        good, lines = tally[figure][True], sum(tally[figure].values())
        share = 100 * good / lines if lines else least
        if (share > least) if figure == "called in" else (share < least):
            worse.append(f"{name}: {figure} is {share:.1f}%, the floor is {least}%")
    return worse


def main():
    """Prints the figures by set and language, and the wrong ones by key."""
    labels = read_labels()
    counted = kinds(labels)
    if sys.argv[1] == "--kinds":
        for (rule, rival, named), (right, lines, bps) in counted.items():
            print(f"{rule},{rival},{named},{lines},{right},{bps}")
        return
    binary, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    known = texts(folder)
    missing = sorted(key for key in labels if key not in known)
    if missing:
        sys.exit(f"{len(missing)} labelled texts are not in {folder}: {missing[0]}")
    found = answers(binary, [(key, *known[key]) for key in sorted(labels)])
    tables, wrong = defaultdict(lambda: defaultdict(Counter)), []
    for key in sorted(labels):
        group, readings, bodies, details, stratum = labels[key]
        joined = "A and B" if group in "AB" else "test and reserve"
        kind = stratum or known[key][0].removeprefix("d:")
        for table in (group, joined, f"{joined}, {kind}"):
            count(found[key], readings, bodies, details, tables[table])
        said = found[key]["class"]
        if said not in readings and said != "unclassified":
            wrong.append(f"  {group} {key}: {said} ({found[key]['confidence_bps']}), "
                         f"read as {' or '.join(sorted(readings))}")
    for name, tally in sorted(tables.items()):
        print(f"{name}:")
        for figure, pairs in sorted(tally.items()):
            print(f"  {figure}: {wilson(pairs[True], sum(pairs.values()))}")
    if "--wrong" in sys.argv:
        print("\n".join(["wrong:", *wrong]))
    worse = [line for name in FLOORS for line in below(name, tables[name])]
    if counted != shipped():
        worse.append(f"{SHIPPED.name} differs from what --kinds counts")
    sys.exit("\n".join(worse) or 0)


if __name__ == "__main__":
    main()
