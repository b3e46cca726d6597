"""Compares `ssrfund load --dry-run -F json` with an independent reading of IATI files.

Usage: iati.py BINARY FOLDER. Standard library only. Every file's activities and, per
transaction type and currency, the count and exact sum of the amounts must agree.
"""

import json
import pathlib
import re
import subprocess
import sys
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


def main():
    """Prints a line a file; exits with 1 where anything differs."""
    binary, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    wrong = 0
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
