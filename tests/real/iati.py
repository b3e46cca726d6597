"""Compares `ssrfund load --dry-run -F json` with an independent reading of IATI files.

Usage: iati.py BINARY FOLDER INVALID. Standard library only. Every file's activities and,
per transaction type and currency, the count and exact sum of the amounts must agree.

INVALID holds files that must pass and files that must fail the standard, each for one
reason. Their codes are placeholders, which are repaired first, so that the one reason is
what `ssrfund data validate` finds: every file that must pass loads, and every file that
must fail is refused, or a rule of the standard is told that it breaks.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import defaultdict
from decimal import Decimal, getcontext

getcontext().prec = 60

KINDS = (
    "incoming_funds outgoing_commitment disbursement expenditure interest_payment "
    "loan_repayment reimbursement purchase_of_equity sale_of_equity credit_guarantee "
    "incoming_commitment outgoing_pledge incoming_pledge"
).split()
LETTERS = dict(zip("IF C D E IR LR R QP QS CG".split(), KINDS))
AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def kind_of(code):
    """The transaction type in words, for a 2.0x number or a 1.0x letter."""
    if code and code.isdigit() and 1 <= int(code) <= len(KINDS):
        return KINDS[int(code) - 1]
    return LETTERS.get(code)


def expected(path):
    """Activities and sums of one file, from its elements alone."""
    sums = defaultdict(lambda: [0, Decimal(0)])
    activities = 0
    for activity in ET.parse(path).getroot().iter("iati-activity"):
        activities += 1
        default = (activity.get("default-currency") or "").strip()
        for transaction in activity.iter("transaction"):
            kind = transaction.find("transaction-type")
            value = transaction.find("value")
            if kind is None or value is None:
                continue
            word = kind_of((kind.get("code") or "").strip())
            text = (value.text or "").strip()
            currency = (value.get("currency") or "").strip() or default
            if word and AMOUNT.fullmatch(text) and re.fullmatch("[A-Z]{3}", currency):
                entry = sums[word, currency]
                entry[0] += 1
                entry[1] += Decimal(text)
    return activities, {key: tuple(entry) for key, entry in sums.items()}


def found(binary, path):
    """What the loader says of the same file."""
    command = [binary, "load", "--dry-run", "-q", "-F", "json", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    (file,) = json.loads(run.stdout)["files"]
    sums = {
        (money["kind"], money["currency"]): (money["count"], Decimal(money["sum"]))
        for money in file["money"]
    }
    rows = {table["table"]: table["rows"] for table in file["tables"]}
    return rows, sums, len(file["refused"])


# Placeholders of the files that must pass or fail, and what stands for them.
REPAIRS = [
    ('version="xx"', 'version="2.03"'),
    (r"<iati-activity(?=[ >])", '<iati-activity default-currency="GBP"'),
    (r"(<iati-identifier>)\s*(</iati-identifier>)", r"\1EX-1-1\2"),
    (r'(<transaction-type[^>]*code=)"X"', r'\1"3"'),
    (r'(<recipient-country[^>]*code=)"[Xx]+"', r'\1"LR"'),
    (r'(<participating-org role=)"xx"', r'\1"1" ref="EX-2"'),
    (r'(<activity-date type=)"xx"', r'\1"1"'),
    (r'<reporting-org type="xx" ref="xx"', '<reporting-org type="40" ref="EX-1"'),
]
# Files that the loader refuses, by folder and number; it loads the others with a warning.
REFUSED = {
    "budget": "01 02 03 04 05 09 10 11 12 13",
    "result": "",
    "sector": "21",
    "transaction": "01 03 05 06 07 19 22 23 31 40 41",
}


def findings(binary, path):
    """What the rules find in a file with its placeholders repaired."""
    text = path.read_text(encoding="utf-8-sig")
    for pattern, good in REPAIRS:
        text = re.sub(pattern, good, text)
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "activities.xml")
        file.write_text(text, encoding="utf-8")
        command = [binary, "data", "validate", "-F", "json", str(file)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    found = json.loads(run.stdout)["findings"]
    return {(one["severity"], one["rule"], one["what"]) for one in found}


def invalid(binary, folder):
    """Returns what is not as it must be."""
    wrong = []
    usual = findings(binary, folder / "should-pass" / "02-minimal-doc.xml")
    for path in sorted((folder / "should-pass").glob("*.xml")):
        if any(severity == "refused" for severity, _, _ in findings(binary, path)):
            wrong.append(f"{path.name} must pass and is refused")
    failing = sorted((folder / "should-fail").rglob("*.xml"))
    for path in failing:
        own = findings(binary, path) - usual
        name = f"{path.parent.name}/{path.name}"
        if not any(rule.startswith("IATI-") for _, rule, _ in own):
            wrong.append(f"{name} must fail and no rule is told")
        refused = any(severity == "refused" for severity, _, _ in own)
        if refused != (path.name[:2] in REFUSED[path.parent.name].split()):
            wrong.append(f"{name} is {'' if refused else 'not '}refused")
    print(f"{len(failing)} files that must fail, {len(wrong)} not as they must be")
    return wrong


def main():
    """Prints a line a file; exits with 1 where anything differs."""
    binary, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    wrong = 0
    for line in invalid(binary, pathlib.Path(sys.argv[3])):
        print("  ", line)
        wrong += 1
    for path in sorted(folder.rglob("*.xml")):
        activities, wanted = expected(path)
        rows, sums, refused = found(binary, path)
        differ = sorted(
            key for key in wanted.keys() | sums.keys() if wanted.get(key) != sums.get(key)
        )
        print(
            f"{path.name}: {activities} activities, {rows.get('transactions', 0)} "
            f"transactions loadable, {refused} refused, "
            f"{'DIFFERS' if differ else 'sums agree'}"
        )
        for key in differ:
            print("  ", key, "expected", wanted.get(key), "found", sums.get(key))
        wrong += bool(differ)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
