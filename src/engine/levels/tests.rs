//! Who tells whose money, on small sets of activities.

use super::*;

fn told(projects: &[(&str, &str)], flows: &[(&str, &str, &str, &str)]) -> Vec<String> {
    let own = |text: &&str| (*text).to_owned();
    let projects = projects.iter().map(|(id, parent)| (own(id), own(parent)));
    let flows: Vec<Flow> = flows
        .iter()
        .map(|(project, kind, provider, receiver)| Flow {
            project: own(project),
            kind: own(kind),
            provider: own(provider),
            receiver: own(receiver),
        })
        .collect();
    levels(&projects.collect(), &flows)
        .into_iter()
        .map(|level| {
            let Level { project, kind, receiver, risk, told_by } = level;
            format!("{project} {kind} {receiver} {} {told_by}", risk.word())
        })
        .collect()
}

const PAY: &str = "disbursement";

#[test]
fn the_funds_node_is_left_out_for_its_projects() {
    let projects = [("XI-IATI-UNPF", ""), ("XI-IATI-UNPF-00000001", "")];
    let both = [
        ("XI-IATI-UNPF", PAY, "", "XI-IATI-UNPF-00000001"),
        ("XI-IATI-UNPF-00000001", PAY, "", ""),
    ];
    let node = "XI-IATI-UNPF disbursement  told_below XI-IATI-UNPF-00000001";
    assert_eq!(told(&projects, &both), [node]);
    assert_eq!(told(&projects, &both[..1]), [""; 0], "only the node tells it");
    let incoming = [("XI-IATI-UNPF", "incoming_funds", "", ""), both[1]];
    assert_eq!(told(&projects, &incoming), [""; 0], "deposits are another kind");
    let other = [("XI-IATI-UNPFX", ""), ("XI-IATI-UNPF", "")];
    assert_eq!(told(&other, &[("XI-IATI-UNPFX", PAY, "", ""), both[0]]), [""; 0]);
}

#[test]
fn a_parent_is_left_out_only_for_kinds_that_its_parts_tell() {
    let projects = [("A", ""), ("A-1", "A"), ("A-1-1", "A-1"), ("B", "gone")];
    let flows = [
        ("A", PAY, "", ""),
        ("A", "expenditure", "", ""),
        ("A-1-1", PAY, "", ""),
        ("B", PAY, "", ""),
    ];
    assert_eq!(told(&projects, &flows), ["A disbursement  told_below A-1-1"]);
    let round = [("A", "B"), ("B", "A")];
    assert_eq!(told(&round, &[("A", PAY, "", ""), ("B", PAY, "", "")]), [""; 0]);
}

#[test]
fn what_is_passed_on_counts_once() {
    let projects = [("P", ""), ("Q", ""), ("R", "")];
    let from_above = ("Q", "incoming_funds", "P", "");
    let paid = [("P", PAY, "", ""), ("Q", PAY, "", "R"), ("R", PAY, "", "")];
    let mut flows = vec![from_above, paid[0], paid[1], paid[2]];
    let wholly = ["Q disbursement  told_above P", "R disbursement  told_above P"];
    assert_eq!(told(&projects, &flows), wholly);
    flows.push(("Q", "incoming_funds", "elsewhere", ""));
    let partly = ["Q disbursement  unclear P", "R disbursement  told_above P"];
    assert_eq!(told(&projects, &flows), partly);
    let round = [("P", PAY, "", "Q"), ("Q", PAY, "", "P")];
    let unclear = ["P disbursement  unclear Q", "Q disbursement  unclear P"];
    assert_eq!(told(&projects, &round), unclear);
}

#[test]
fn the_funds_projects_count_before_those_who_pay_into_them() {
    let projects = [("GB-1", ""), ("XI-IATI-UNPF-00000001", ""), ("UN-1", "")];
    let flows = [
        ("GB-1", PAY, "", "XI-IATI-UNPF-00000001"),
        ("GB-1", PAY, "", ""),
        ("XI-IATI-UNPF-00000001", PAY, "", "UN-1"),
        ("UN-1", PAY, "", ""),
        ("UN-1", "expenditure", "", ""),
    ];
    assert_eq!(
        told(&projects, &flows),
        [
            "GB-1 disbursement XI-IATI-UNPF-00000001 told_below XI-IATI-UNPF-00000001",
            "UN-1 disbursement  told_above GB-1",
        ]
    );
}
