"""Writes a made-up portfolio: `python3 benches/portfolio.py FOLDER PROJECTS`.

In FOLDER/tables lie canonical CSV files to load, in FOLDER/facts.json what rules R01, R02
and R03 read of the same projects, for an evaluator of another kind. Every project asks
for its second tranche on 2024-06-30. Use of the first tranche and progress of milestones
lie at their thresholds, one cent or one unit beside them, or anywhere; some facts are
missing. The same number of projects gives the same bytes.
"""

import csv
import json
import random
import sys
from datetime import date
from pathlib import Path

AS_OF = "2024-06-30"
HEADS = {
    "projects": "project_id,title,country,facility,focus_areas,ssr_weight_bps,"
    "template_version,setting,gender_marker,risk_marker,dsr_basis,"
    "report_register_complete,approved_on,first_transfer_on,original_end,current_end,"
    "status,currency",
    "recipients": "project_id,recipient,recipient_type,commitment_basis",
    "budget_lines": "line_id,project_id,recipient,output,activity,category_scheme,"
    "category,description,lang,amount,beneficiary,subject_unit,gewe_bps,is_me",
    "class_decisions": "line_id,class,subclass,share_bps,decided_by,decided_on,reason",
    "clearances": "project_id,unit,assessed_on,valid_until,risk_level,conclusion,mitigation",
    "milestones": "milestone_id,project_id,tranche,title,class,subclass,kind,measure,"
    "baseline,target,weight,critical,due_on",
    "observations": "milestone_id,observed_on,value,verified,evidence",
    "reports": "report_id,project_id,kind,due_on,submitted_on,accepted",
    "requests": "project_id,tranche,recipient,requested_on,amount",
    "reviews": "project_id,scope,status,status_on",
    "signatures": "project_id,tranche,role,signed_on",
    "tranche_lines": "project_id,tranche,line_id,amount",
    "tranches": "project_id,tranche,recipient,amount",
    "transactions": "transaction_id,project_id,kind,date,amount,currency,tranche,"
    "recipient,grade,period_start",
    "funds": "fund,basis,as_of,amount,currency",
}
# Text, class, detail, category, beneficiary, unit.
LINES = [
    ("Vehicles and radio sets for the national police", "hardware", "H2", 3, "police", 1),
    ("Training of police officers in community policing", "training", "T1", 4, "police", 1),
    ("National security policy and strategy", "sector_wide", "S6", 4, "management_civil", 0),
    ("Project management staff", "support", "X2", 1, "management_civil", 0),
]
COUNTRIES = ["LBR", "SLE", "GIN", "GNB", "CAF", "BDI", "HTI", "MLI"]


def money(cents):
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def days(text):
    return (date.fromisoformat(text) - date(1970, 1, 1)).days if text else None


class Portfolio:
    def __init__(self, folder, projects):
        self.rng = random.Random(5)
        (folder / "tables").mkdir(parents=True, exist_ok=True)
        self.files = []
        self.write = {}
        for name, head in HEADS.items():
            file = open(folder / "tables" / f"{name}.csv", "w", newline="")
            self.files.append(file)
            self.write[name] = csv.writer(file, lineterminator="\n").writerow
            self.write[name](head.split(","))
        for basis, amount in (("balance", "50000000.00"), ("reserved", "10000000.00")):
            self.write["funds"](["PBF", basis, "2024-06-01", amount, "USD"])
        facts = [self.project(f"{number:08d}") for number in range(1, projects + 1)]
        for file in self.files:
            file.close()
        with open(folder / "facts.json", "w") as file:
            json.dump({"as_of": days(AS_OF), "projects": facts}, file)

    def some(self, percent):
        return self.rng.random() * 100 < percent

    def project(self, pid):
        rng, write = self.rng, self.write
        complete = rng.choice(["true", "true", "false", ""])
        write["projects"]([
            pid, f"Support to security sector reform {pid}", rng.choice(COUNTRIES), "PRF",
            "1.1", 10000, 2020, "non_mission", 2, 1, "gov_request", complete, "2023-01-15",
            "2023-03-01", "2025-12-31", "", "implementation", "USD"])
        who = ["UNDP", "IOM"] if self.some(33) else ["UNDP"]
        basis = {name: rng.choice(["open", "open", "gross"]) for name in who}
        for name in who:
            write["recipients"]([pid, name, "RUNO", basis[name]])
        facts = {"id": pid, "tranche": 2, "register_complete": complete == "true",
                 "recipients": basis}
        facts["lines"], gross = self.plan(pid, who)
        facts["transfers"], facts["figures"] = self.transactions(pid, who, gross)
        facts["milestones"] = self.milestones(pid)
        facts["reports"] = self.reports(pid)
        self.told(pid, who)
        return facts

    def plan(self, pid, who):
        """Up to four lines over two tranches; indirect cost is exactly seven percent."""
        rng, write = self.rng, self.write
        first = [0] + [rng.randrange(50_000, 600_000) * 100 for _ in LINES[1:]]
        second = [rng.randrange(50_000, 1_200_000) * 100 for _ in LINES]
        if self.some(5):
            second[0] = 0
        facts, gross = [], {(1, name): 0 for name in who} | {(2, name): 0 for name in who}
        for at, (text, kind, detail, category, whom, unit) in enumerate(LINES):
            line, name = f"{pid}-{at + 1}", who[at % len(who)]
            amount = first[at] + second[at]
            if amount == 0:
                continue
            write["budget_lines"]([
                line, pid, name, at + 1, "", 2012, category, text, "en", money(amount),
                whom, "national_police" if unit else "", rng.choice([1000, 3000, 4000]),
                "false"])
            write["class_decisions"]([
                line, kind, detail, 10000, "Programme Analyst", "2023-01-10",
                "read with the project document"])
            for tranche, planned in ((1, first[at]), (2, second[at])):
                if planned:
                    write["tranche_lines"]([pid, tranche, line, money(planned)])
                    gross[tranche, name] += planned
                    facts.append({"tranche": tranche, "class": kind, "amount": planned})
        for (tranche, name), direct in gross.items():
            gross[tranche, name] = direct * 107 // 100
            write["tranches"]([pid, tranche, name, money(gross[tranche, name])])
        for name in who:
            write["requests"]([pid, 2, name, "2024-06-10", money(gross[2, name])])
        return facts, gross

    def transactions(self, pid, who, gross):
        rng, write = self.rng, self.write
        transfers, figures, number = [], [], 0

        def row(kind, day, amount, name, tranche="", grade="", start=""):
            nonlocal number
            number += 1
            write["transactions"]([
                f"{pid}-{number}", pid, kind, day, money(amount), "USD", tranche, name,
                grade, start])
            if kind == "disbursement":
                transfers.append({"tranche": tranche, "recipient": name, "on": days(day),
                                  "amount": amount})
            else:
                figures.append({
                    "kind": kind, "recipient": name, "on": days(day), "amount": amount,
                    "start": days(start),
                    "grade": {"certified": 2, "interim": 1}.get(grade, 0)})

        whole = sum(gross[1, name] for name in who)
        wanted = -(-whole * 3 // 4) + rng.choice([-1, 0, 1])
        if self.some(60):
            wanted = whole * rng.randrange(40, 111) // 100
        for name in who:
            row("disbursement", "2023-03-01", gross[1, name], name, 1)
            share = wanted * gross[1, name] // whole
            if name == who[-1]:
                share = wanted - sum(wanted * gross[1, n] // whole for n in who[:-1])
            if self.some(4):
                continue
            early = share * rng.randrange(30, 60) // 100
            late = share * rng.randrange(10, 30) // 100
            if self.some(25):
                # A first figure, which the certified one of the year replaces.
                row("expenditure", "2023-09-30", early // 2, name, "", "preliminary")
            row("expenditure", "2023-12-31", early, name, "", "certified", "2023-03-01")
            day = "2024-01-31" if self.some(5) else "2024-03-31"
            row("expenditure", day, late, name, "", "interim", "2024-01-01")
            row("outgoing_commitment", day, share - early - late, name, "", "interim",
                "2024-01-01")
        return transfers, figures

    def milestones(self, pid):
        rng, write, facts = self.rng, self.write, []
        verified = [("National security policy adopted", "S6"),
                    ("Public hearings of the defence committee of parliament", "S2")]
        for at in range(1, 5):
            mid, weight = f"{pid}-{at}", rng.choice([1, 1, 1, 2])
            critical = self.some(5)
            due = "2024-12-31" if at == 4 and self.some(50) else "2023-12-31"
            seen, on = [], "2024-03-10"
            if at <= 2:
                title, detail = verified[at - 1]
                measure, baseline, target, kind = "verified", "", "", "outcome"
            else:
                title, detail, kind = "Local security committees that meet", "S11", "output"
                measure, baseline, target = "number", *rng.choice([(0, 20), (30, 10)])
            write["milestones"]([mid, pid, 1, title, "sector_wide", detail, kind, measure,
                                 baseline, target, weight, str(critical).lower(), due])
            if not self.some(6):
                value, truth = "", ""
                if measure == "verified":
                    truth = not self.some(20)
                else:
                    part = rng.choice([0, 5, 9, 10, 10, 10, 11, 15, 19, 20, 20, 20, 21])
                    value = baseline + (target - baseline) * part // 20
                write["observations"]([mid, on, value, str(truth).lower(), "minutes"])
                seen.append({"on": days(on), "evidence": "minutes",
                             "value": value * 1_000_000 if value != "" else None,
                             "verified": truth if truth != "" else None})
            whole = measure == "number"
            facts.append({
                "id": mid, "tranche": 1, "class": "sector_wide", "measure": measure,
                "baseline": baseline * 1_000_000 if whole else None,
                "target": target * 1_000_000 if whole else None,
                "weight": weight, "critical": critical, "due_on": days(due), "seen": seen})
        return facts

    def reports(self, pid):
        facts = []
        for at, (kind, due) in enumerate((
                ("semi_annual", "2023-06-15"), ("annual", "2023-11-15"),
                ("financial", "2024-04-30"), ("semi_annual", "2024-06-15"))):
            came, accepted = due, "true"
            if self.some(4):
                came, accepted = "", ""
            elif self.some(2):
                came = "2024-07-01"
            elif self.some(3):
                accepted = self.rng.choice(["false", ""])
            self.write["reports"]([f"{pid}-{at + 1}", pid, kind, due, came, accepted])
            facts.append({"id": f"{pid}-{at + 1}", "due_on": days(due),
                          "submitted_on": days(came),
                          "accepted": {"true": True, "false": False, "": None}[accepted]})
        return facts

    def told(self, pid, who):
        write = self.write
        until = "2024-05-31" if self.some(8) else "2024-12-31"
        write["clearances"]([pid, "national_police", "2024-01-15", until, "low", "support",
                             "none_needed"])
        status = "planned" if self.some(5) else "completed"
        write["reviews"]([pid, "sector", status, "2023-10-01"])
        signed = [f"recipient:{name}" for name in who]
        signed += ["national_authority", "resident_coordinator", "pbso"]
        for at, role in enumerate(signed):
            write["signatures"]([pid, 0, role, f"2023-01-{11 + at}"])
        if not self.some(5):
            write["signatures"]([pid, 2, "resident_coordinator", "2024-06-10"])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    Portfolio(Path(sys.argv[1]), int(sys.argv[2]))
