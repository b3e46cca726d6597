//! What a mapping refuses, in its own text and in files, with the exact message.

use super::{parse, read, wrong};

const HEAD: &str = "title = \"payments\"\n[[block]]\nname = \"rows\"\n\
    header = [\"Project\", \"Amount\"]\n";

/// A mapping with more keys in its block, and the usual columns.
fn mapping(block: &str) -> String {
    format!(
        "{HEAD}{block}\n[[block.into]]\ntable = \"tranches\"\n[block.into.columns]\n\
         project_id = \"Project\"\ntranche = {{ constant = \"1\" }}\n\
         recipient = \"Agency\"\namount = \"Amount\"\n"
    )
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of files and what is said of them")]
fn files_are_refused_with_the_place_and_the_nearest_name() {
    let grouping = "number = { grouping = \",\", negative = [\"brackets\"] }\n";
    let total = "[[block.total]]\nrow = \"Total\"\ncolumns = \"Amount\"\n";
    for (block, text, expected) in [
        (
            "",
            "Project,Agency,Amount,Remark\n1,UNDP,5,x\n",
            "f.csv:1: block `rows`: the column `Remark` (D) is neither read nor named in \
             `ignored`; add it to `ignored`, or say what it fills",
        ),
        (
            "ignored = [\"Remarks\"]",
            "Project,Agency,Amount,Remark\n1,UNDP,5,x\n",
            "f.csv:1: block `rows`: the column `Remark` (D) is neither read nor named in \
             `ignored`; did you mean `Remarks`?",
        ),
        (
            "",
            "Project,Agencys,Amount\n1,UNDP,5\n",
            "f.csv:1: block `rows`: there is no column `Agency`; did you mean \
             `Agencys`?\nf.csv:1: block `rows`: the column `Agencys` (B) is neither \
             read nor named in `ignored`; did you mean `Agency`?",
        ),
        (
            "",
            "Project,Agency,Sum\n1,UNDP,5\n",
            "f.csv:1: block `rows`: no row has the header `Project`, `Amount`; this row \
             lacks `Amount`; mend `header`",
        ),
        (
            grouping,
            "Project,Agency,Amount\n1,UNDP,\"12,34\"\n2,UNDP,1.2.3\n",
            "f.csv:2:8: `12,34` is no number as the mapping declares them; numbers have \
             `.` as decimal mark and `,` between thousands; mend the cell, or the \
             mapping's `number`\nf.csv:3:8: `1.2.3` is no number as the mapping declares \
             them; numbers have `.` as decimal mark and `,` between thousands; mend the \
             cell, or the mapping's `number`",
        ),
        (
            grouping,
            "Project,Agency,Amount\n1,UNDP,(12)\n",
            "f.csv:2:8: `-12` is negative; only transactions may be negative (refunds \
             and corrections)",
        ),
        (
            "",
            "Project,Agency,Amount\n1,UNDP,5\nTotal,,5\n",
            "f.csv:3:1: this is a total, not a row; declare it as `[[block.total]]` in \
             the mapping, so that it is checked",
        ),
        (
            total,
            "Project,Agency,Amount\n1,UNDP,5\n2,UNDP,6.5\nTotal,,12\n",
            "f.csv:4:3: `Total` says 12.00 in `Amount`, and what it counts sums to \
             11.50; is a row missing or told twice? the mapping allows a difference of \
             0.00",
        ),
        (
            total,
            "Project,Agency,Amount\n1,UNDP,5\n",
            "f.csv:2: block `rows`: there is no total `Total`; is the file cut? totals \
             that may be absent say `required = false`",
        ),
        (
            "",
            "Project,Agency,Amount\n1,UNDP,5\n\n2,UNDP,5\n",
            "f.csv:4: block `rows`: an empty row above this one; remove it, or say \
             `blank_rows = \"skip\"` in the mapping",
        ),
        (
            "",
            "Project,Agency,Amount\n1,UNDP\n",
            "f.csv:2:1: the row has 2 fields, the header has 3; is a delimiter missing, \
             or a field with a delimiter not in quotes?",
        ),
        (
            "",
            "Project,Agency,Amount,\n1,UNDP,5,x\n",
            "f.csv:2:10: text in column D, which has no header; name the column, or add \
             it to `ignored` by its letter",
        ),
        (
            "",
            "Project,Agency,Amount\n1,UNDP,5\nProject,Agency,Amount\n",
            "f.csv:3:1: the header stands here again; remove it; join exports without \
             their headers",
        ),
        (
            "",
            "Project,Agency,Amount\n",
            "f.csv: mapping `m` finds no rows in it; is it the right file? allow it with \
             `--allow-empty`",
        ),
        (
            "starts_after = \"Table 2*\"",
            "Table 1\nProject,Agency,Amount\n1,UNDP,5\n",
            "f.csv: block `rows`: no row of sheet `f` begins like `Table 2*`; did you \
             mean `Table 1`?",
        ),
        (
            "ignored = [\"Project\"]",
            "Project,Project,Amount,Agency\n1,1,5,UNDP\n",
            "f.csv:1: block `rows`: two columns are called `Project`; name one by its \
             letter: `column A` or `column B`",
        ),
        (
            "sheet = \"other*\"",
            "Project,Agency,Amount\n1,UNDP,5\n",
            "f.csv: no block of the mapping reads `f`; name it in `ignored_sheets`, or \
             add a block",
        ),
    ] {
        let reading = read(&mapping(block), "f.csv", text);
        assert_eq!(wrong(&reading).join("\n"), expected, "{block}\n{text}");
    }
}

#[test]
fn codes_days_and_parts_are_refused_by_name() {
    let transactions = |columns: &str| {
        format!(
            "title = \"t\"\n[[block]]\nname = \"rows\"\n[[block.into]]\n\
             table = \"transactions\"\n[block.into.columns]\ntransaction_id = \"id\"\n\
             project_id = \"project\"\namount = \"amount\"\n\
             currency = {{ constant = \"USD\" }}\n{columns}\n\
             [translations.kinds]\nTransfer = \"disbursement\"\n"
        )
    };
    let columns = "kind = { from = \"kind\", translate = \"kinds\" }\ndate = { from = \
                   \"day\", date = { formats = [\"DD/MM/YYYY\"] } }";
    let text = "id,project,amount,kind,day\nt1,1,5,Transfers,13/04/2024\n\
                t2,1,5,transfer,04/13/2024\nt3,1,5,Gift,13/04/2024\n\
                t4,1,,transfer,13/04/2024\n";
    assert_eq!(
        wrong(&read(&transactions(columns), "f.csv", text)),
        [
            "f.csv:2:8: `Transfers` is not in the translation `kinds`; did you mean \
             `transfer`?",
            "f.csv:3:17: `04/13/2024` is no day as the mapping declares them; write it \
             as DD/MM/YYYY, or add its format",
            "f.csv:4:8: `Gift` is not in the translation `kinds`; add it to \
             `[translations.kinds]`",
            "f.csv:5:6: `amount` is empty; every row must fill it",
        ]
    );
    let columns = "kind = { constant = \"disbursement\" }\ndate = { from = \"day\", part \
                   = \"paid {*}\" }\nsource_ref = \"kind\"";
    let text = "id,project,amount,kind,day\nt1,1,5,x,paid 2024-04-13\n\
                t2,1,5,x,2024-04-13\n";
    assert_eq!(
        wrong(&read(&transactions(columns), "f.csv", text)),
        ["f.csv:3:10: `2024-04-13` is not like `paid {*}`; mend the cell, or the \
          mapping's `part`"]
    );
}

#[test]
fn mappings_are_refused_with_the_key() {
    for (text, expected) in [
        (
            "title = 1\n",
            "m:1: `1` stands where text in quotes belongs; the keys of a mapping are listed \
             in `docs/mappings.md`",
        ),
        (
            "title = \"t\"\n[[block]]\nname = \"a\"\nheaders = [\"x\"]\n",
            "m:4: in [[block]]: there is no key `headers` here; did you mean `header`?",
        ),
        (
            "title = \"t\"\n[number]\ngrouping = \".\"\n[[block]]\nname = \"a\"\n",
            "m: `number`: `.` is both the decimal mark and the grouping",
        ),
        (
            "title = \"t\"\n[date]\nformats = [\"D-Mon-YY\"]\n[[block]]\nname = \"a\"\n",
            "m: `date`: the date format `D-Mon-YY` has a year of two digits; declare \
             `century_pivot`, such as 70",
        ),
        (
            "title = \"t\"\n[[block]]\nname = \"a\"\n[[block.into]]\ntable = \
             \"tranche\"\n[block.into.columns]\n",
            "m: `block.a.into[1]`: there is no table `tranche`; did you mean `tranches`?",
        ),
        (
            "title = \"t\"\n[[block]]\nname = \"a\"\n[[block.into]]\ntable = \
             \"tranches\"\n[block.into.columns]\nproject = \"P\"\ntranche = {}\n\
             recipient = { heading = true }\namount = { from = \"A\", translate = \
             \"x\", date = {} }\n",
            "m: `block.a.into[1].columns.amount`: there is no translation `x`",
        ),
        (
            "title = \"t\"\n[[block]]\nname = \"a\"\n[[block.total]]\nrow = \
             \"Total\"\ncolumns = \"x\"\ntolerance = \"1%\"\n",
            "m: `block.a.total[1]`: `1%` is no tolerance; write a number such as \"0.5\"",
        ),
        (
            "title = \"t\"\nblock = []\n",
            "m: `block`: there is none; describe at least one table of the file",
        ),
        (
            "title = \"t\"\n[parameters]\nfund = \"the fund\"\n[[block]]\nname = \"a\"\n",
            "mapping `m` needs `fund`: the fund; add `--param fund=…`",
        ),
    ] {
        let error = parse("m", text, &[]).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}\n{error}");
    }
    let text = "title = \"t\"\n[parameters]\nfund = \"f\"\n[[block]]\nname = \"a\"\n";
    let error = parse("m", text, &[("fund", "x"), ("fnud", "y")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "mapping `m` has no parameter `fnud`; did you mean `fund`?"
    );
}
