# Rules R01, R02 and R03 of the shipped policy, as the texts of the rules have them.
#
# `input` is one project of facts.json with `as_of`. Days are days since 1970-01-01, money
# is cents, values of milestones are millionths: every number is whole, and shares are
# compared crosswise. Rounding down is taken off before the division, which is then exact.
package gate

results := {"R01": r01, "R02": r02, "R03": r03}

# R01: progress of the software milestones that are due before the tranche, by weight.

gated := sum([line.amount |
	some line in input.lines
	line.tranche == input.tranche
	line.class == "hardware"
])

software := [m | some m in input.milestones; m.class == "sector_wide"]

due := [m |
	some m in software
	m.tranche < input.tranche
	m.due_on <= input.as_of
]

usable(m, seen) if {
	m.measure == "number"
	seen.value != null
}

usable(m, seen) if {
	m.measure == "verified"
	seen.verified != null
}

newest(m) := seen if {
	counted := [s |
		some s in m.seen
		s.on <= input.as_of
		s.evidence != ""
		usable(m, s)
	]
	last := max([s.on | some s in counted])
	some seen in counted
	seen.on == last
}

way(m, value) := {"gone": m.baseline - value, "whole": m.baseline - m.target} if {
	m.target < m.baseline
} else := {"gone": value - m.baseline, "whole": m.target - m.baseline}

# Basis points; undefined where nothing is known.
achieved(m) := 10000 if {
	m.measure == "verified"
	newest(m).verified == true
} else := 0 if {
	m.measure == "verified"
	newest(m).verified == false
} else := share if {
	m.measure == "number"
	m.target != m.baseline
	part := way(m, newest(m).value)
	share := bps(part.gone, part.whole)
}

bps(gone, whole) := 10000 if {
	gone >= whole
} else := 0 if {
	gone <= 0
} else := ((gone * 10000) - ((gone * 10000) % whole)) / whole

known := [{"weight": m.weight, "achieved": a, "critical": m.critical} |
	some m in due
	a := achieved(m)
]

weight := sum([m.weight | some m in due])

reached := sum([part | some k in known; part := k.weight * k.achieved])

reachable := reached + (10000 * (weight - sum([k.weight | some k in known])))

invalid if {
	some m in due
	m.measure == "number"
	m.target == m.baseline
}

critical_short if {
	some k in known
	k.critical
	k.achieved < 10000
}

critical_open if {
	count([m | some m in due; m.critical]) > count([k | some k in known; k.critical])
}

default r01 := "UNKNOWN"

r01 := "NOT_APPLICABLE" if {
	not concerned
} else := "FAIL" if {
	count(due) == 0
} else := "UNKNOWN" if {
	invalid
} else := "FAIL" if {
	reachable < 7500 * weight
} else := "FAIL" if {
	critical_short
} else := "UNKNOWN" if {
	critical_open
} else := "PASS" if {
	reached >= 7500 * weight
}

concerned if {
	input.tranche > 1
	gated > 0
}

# R02: use of the previous tranche by those who got money of the earlier ones.

transferred := [t | some t in input.transfers; t.on <= input.as_of]

previous := sum([t.amount | some t in transferred; t.tranche == input.tranche - 1])

prior := sum([t.amount | some t in transferred; t.tranche < input.tranche - 1])

receivers := {t.recipient |
	some t in transferred
	t.tranche < input.tranche
	t.amount > 0
}

# A figure of a better grade that covers the day replaces a figure.
replaced(f) if {
	some other in input.figures
	other.kind == f.kind
	other.recipient == f.recipient
	other.grade > f.grade
	other.on >= f.on
	other.on <= input.as_of
	covers(other, f.on)
}

covers(figure, _) if figure.start == null

covers(figure, day) if figure.start <= day

figures := [f |
	some f in input.figures
	f.on <= input.as_of
	not replaced(f)
]

spent(name) := [f.amount | some f in figures; f.kind == "expenditure"; f.recipient == name]

committed(name) := sum([f.amount |
	some f in figures
	f.kind == "outgoing_commitment"
	f.recipient == name
])

received(name) := sum([t.amount |
	some t in transferred
	t.tranche < input.tranche
	t.recipient == name
])

used(name) := {"low": c, "high": max([c, received(name)])} if {
	count(spent(name)) == 0
	c := committed(name)
} else := {"low": total, "high": total} if {
	input.recipients[name] == "open"
	total := sum(spent(name)) + committed(name)
} else := {"low": total, "high": total} if {
	total := max([sum(spent(name)), committed(name)])
}

uses := [used(name) | some name in receivers]

used_low := sum([u.low | some u in uses]) - prior

used_high := sum([u.high | some u in uses]) - prior

# R24: figures older than 120 days, or none at all, cannot be relied on.
fresh if {
	days := [f.on | some f in figures; f.kind == "expenditure"]
	max(days) + 120 >= input.as_of
}

default r02 := "UNKNOWN"

r02 := "NOT_APPLICABLE" if {
	input.tranche == 1
} else := "UNKNOWN" if {
	not fresh
} else := "UNKNOWN" if {
	previous <= 0
} else := "FAIL" if {
	used_high * 10000 < 7500 * previous
} else := "PASS" if {
	used_low * 10000 >= 7500 * previous
}

# R03: every report that is due is submitted and accepted.

report_result(r) := "FAIL" if {
	r.accepted == false
} else := "FAIL" if {
	r.submitted_on != null
	r.submitted_on > input.as_of
} else := "PASS" if {
	r.accepted == true
	r.submitted_on != null
} else := "FAIL" if {
	input.register_complete
} else := "UNKNOWN"

report_results := {report_result(r) | some r in input.reports; r.due_on <= input.as_of}

default r03 := "UNKNOWN"

r03 := "UNKNOWN" if {
	count(input.reports) == 0
} else := "FAIL" if {
	"FAIL" in report_results
} else := "UNKNOWN" if {
	"UNKNOWN" in report_results
} else := "PASS"
