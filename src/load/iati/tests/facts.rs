//! Activities, transactions, shares.

use super::*;

#[test]
fn version_1_has_letters_and_text() {
    let reading = read_text(
        "<iati-activities version=\"1.03\"><iati-activity default-currency=\"GBP\">\
         <transaction ref=\"r9\"><value>\n 10.5 </value>\
         <transaction-type code=\"C\">Commitment</transaction-type>\
         <transaction-date>2010-03-04</transaction-date>\
         <description xml:lang=\"pt\">obra</description>\
         <description xml:lang=\"en-GB\">works</description>\
         <provider-org ref=\"GB-1\">DFID</provider-org><receiver-org>A\n  B</receiver-org>\
         </transaction><title>Title</title><activity-status code=\"3\">x</activity-status>\
         <activity-date type=\"end-planned\" iso-date=\"2012-01-01\"/>\
         <activity-date type=\"end-actual\">2013-01-01</activity-date>\
         <participating-org role=\"Implementing\">Ministry</participating-org>\
         <participating-org role=\"implementing\">Ministry</participating-org>\
         <participating-org role=\"Funding\" ref=\"GB-1\"/>\
         <sector vocabulary=\"DAC\" code=\"15210\"/><sector vocabulary=\"RO\">own</sector>\
         <iati-identifier> GB-1-7 </iati-identifier></iati-activity></iati-activities>",
    );
    assert_eq!(rejects(&reading), [""; 0]);
    let columns = ["transaction_id", "kind", "date", "amount", "currency"];
    assert_eq!(
        cells(&reading, "transactions", &columns),
        ["GB-1-7#1|outgoing_commitment|2010-03-04|10.50|GBP"]
    );
    let columns =
        ["provider", "receiver", "description", "lang", "source_ref", "recipient"];
    assert_eq!(cells(&reading, "transactions", &columns), ["GB-1|A B|works|en|r9|"]);
    let columns = ["project_id", "title", "status", "original_end", "current_end"];
    assert_eq!(
        cells(&reading, "projects", &columns),
        ["GB-1-7|Title|Completion|2012-01-01|2013-01-01"]
    );
    assert_eq!(cells(&reading, "recipients", &["recipient"]), ["Ministry"]);
    assert_eq!(
        cells(&reading, "sectors", &["owner_kind", "vocabulary", "code", "share_bps"]),
        ["project|1|15210|10000"]
    );
    assert!(warnings(&reading).contains("a name and no code"));
}

#[test]
fn version_2_has_numbers_and_narratives() {
    let description = "<description><narrative>mot</narrative>\
                       <narrative xml:lang=\"EN\">word</narrative></description>";
    let plain = "<description><narrative>mot</narrative></description>";
    let reading = read_activity(&format!(
        "{}{}",
        transaction(&format!("{}{description}", value("1"))),
        transaction(&format!("{}{plain}", value("2")))
    ));
    assert_eq!(
        cells(&reading, "transactions", &["kind", "description", "lang", "value_date"]),
        ["disbursement|word|en|2020-01-02", "disbursement|mot|fr|2020-01-02"]
    );
    assert!(reading.warnings.is_empty(), "{}", warnings(&reading));
}

#[test]
fn text_is_joined_over_entities_and_cdata() {
    let reading = read_activity(
        "<description/><title>\n<narrative xml:lang=\"en\"> A &amp; B<![CDATA[ <C> ]]>\
         &#x44;<!-- no -->E\r\nF </narrative></title>",
    );
    assert_eq!(cells(&reading, "projects", &["title"]), ["A & B <C> DE\nF"]);
    let attribute = "<participating-org role=\"4\" ref=\"a&amp;b\n&#67;\"/>";
    let reading = read_activity(attribute);
    assert_eq!(cells(&reading, "recipients", &["recipient"]), ["a&b C"]);
}

#[test]
fn rows_and_faults_know_their_lines() {
    let reading = read_activity(&format!("{}\n\n  {}", transaction(&value("5")), {
        "<transaction>\n<transaction-type code=\"3\"/>\n\
         é<transaction-date iso-date=\"2020-02-30\"/>\n<value>1,5</value></transaction>"
    }));
    assert_eq!(table(&reading, "transactions")[0].row, 4);
    assert_eq!(table(&reading, "projects")[0].row, 2);
    assert_eq!(
        rejects(&reading),
        [
            "f.xml:8:2: `2020-02-30` is not a calendar day; write `YYYY-MM-DD`, for \
             example `2024-06-30`",
            "f.xml:9:1: `1,5` is not an amount; use a point for decimals and no grouping, \
             for example `1234.56`",
        ]
    );
    assert_eq!(reading.rejects[0].project_id.as_deref(), Some("A-1"));
}

#[test]
fn money_is_tallied_even_where_the_row_is_rejected() {
    let no_date = "<transaction><transaction-type code=\"4\"/><value>0.125</value>\
                   </transaction>";
    let reading = read_activity(&format!(
        "{}{}{}{no_date}",
        transaction(&value("-3")),
        transaction(&value("0")),
        transaction("<value currency=\"Eur\">9</value>")
    ));
    assert_eq!(
        money(&reading),
        [
            ("disbursement USD".to_owned(), 2, "-3.00".to_owned()),
            ("expenditure USD".to_owned(), 1, "0.125".to_owned())
        ]
    );
    assert_eq!(cells(&reading, "transactions", &["amount"]), ["-3.00", "0.00"]);
    assert!(warnings(&reading).contains("a refund or a correction: `-3`"));
    let told = rejects(&reading).join("\n");
    assert!(told.contains("`Eur` is not a currency code; write `EUR`"), "{told}");
    assert!(told.contains("`date` is empty") && told.contains("more than two decimals"));
    assert_eq!(reading.rejects.len(), 3);
}

#[test]
fn a_negative_amount_needs_a_kind_that_may_be_negative() {
    let reading = read_activity(
        "<transaction><transaction-type code=\"1\"/><transaction-date \
         iso-date=\"2020-01-02\"/><value value-date=\"2020-01-02\">-1</value></transaction>",
    );
    assert!(rejects(&reading)[0].contains("`-1` is negative"));
}

#[test]
fn dates_fall_back_and_lose_a_zone() {
    let zoned = transaction(&value("1")).replace("2020-01-02\"/>", "2020-01-02Z\"/>");
    let bare = format!(
        "<transaction><transaction-type code=\"3\"/>{}</transaction>",
        value("1").replace("2020-01-02", "2020-01-03")
    );
    let reading = read_activity(&format!("{zoned}{bare}"));
    assert_eq!(cells(&reading, "transactions", &["date"]), ["2020-01-02", "2020-01-03"]);
    let told = warnings(&reading);
    assert!(told.contains("ends in `Z`") && told.contains("`value-date` stands for it"));
    let offset = transaction(&value("1")).replace("02\"/>", "02+02:00\"/>");
    assert_eq!(read_activity(&offset).rejects.len(), 1);
}

#[test]
fn what_is_ambiguous_is_rejected() {
    let twice = transaction(&format!("{}{}", value("1"), value("2")));
    let reading = read_activity(&twice);
    assert!(table(&reading, "transactions").is_empty());
    assert!(rejects(&reading)[0].contains("`value` stands twice in one `transaction`"));
    assert_eq!(money(&reading)[0].2, "1.00");
}

#[test]
fn sectors_are_split_within_their_vocabulary() {
    let reading = read_activity(
        "<sector code=\"15210\" percentage=\"33.33\"/><sector code=\"15220\" \
         percentage=\"33.33\"/><sector code=\"15230\" percentage=\"33.33\"/>\
         <sector vocabulary=\"99\" code=\"x\"/><sector vocabulary=\"98\" code=\"y\" \
         percentage=\"50%\"/><sector vocabulary=\"98\" code=\"z\" percentage=\"50\"/>\
         <sector vocabulary=\"7\" code=\"q\" percentage=\"60\"/>\
         <sector vocabulary=\"7\" code=\"q\" percentage=\"40\"/>",
    );
    assert_eq!(
        cells(&reading, "sectors", &["owner_id", "vocabulary", "code", "share_bps"]),
        [
            "A-1|1|15210|3334",
            "A-1|1|15220|3333",
            "A-1|1|15230|3333",
            "A-1|99|x|10000",
            "A-1|7|q|10000"
        ]
    );
    assert!(rejects(&reading)[0].contains("`50%` is not a percentage"));
    assert!(warnings(&reading).contains("IATI-2.1.2: "));
    let of_transaction = transaction(&format!("{}<sector code=\"15210\"/>", value("1")));
    let reading = read_activity(&of_transaction);
    assert_eq!(
        cells(&reading, "sectors", &["owner_kind", "owner_id"]),
        ["transaction|A-1#1"]
    );
}

#[test]
fn countries_of_the_activity_or_of_all_its_transactions() {
    let of = |inside: &str| {
        let reading = read_activity(inside);
        let rows = cells(&reading, "project_countries", &["country", "share_bps"]);
        (cells(&reading, "projects", &["country"]).join(","), rows.join(","))
    };
    let country = |code: &str, share: &str| {
        format!("<recipient-country code=\"{code}\" percentage=\"{share}\"/>")
    };
    let region = |share: &str| format!("<recipient-region percentage=\"{share}\"/>");
    let two = format!("{}{}", country("LR", "60"), country("SL", "40"));
    assert_eq!(of(&two), (String::new(), "LBR|6000,SLE|4000".to_owned()));
    let one = format!("{}{}", country("LR", "100"), region("100"));
    assert_eq!(of(&one), ("LBR".to_owned(), "LBR|10000".to_owned()));
    let part = format!("{}{}", country("LR", "30"), region("70"));
    assert_eq!(of(&part), ("LBR".to_owned(), "LBR|3000".to_owned()));
    let mali = transaction(&format!("{}<recipient-country code=\"ML\"/>", value("1")));
    assert_eq!(of(&mali.repeat(2)), ("MLI".to_owned(), "MLI|10000".to_owned()));
    let mixed = format!("{mali}{}", transaction(&value("1")));
    assert_eq!(of(&mixed), (String::new(), String::new()));
}

#[test]
fn currency_is_stated_or_the_only_one() {
    let file = |attributes: &str, transactions: &str| {
        read_text(&format!(
            "<iati-activities version=\"2.03\"><iati-activity{attributes}>\
             <iati-identifier>A-1</iati-identifier>{transactions}</iati-activity>\
             </iati-activities>"
        ))
    };
    let in_euros =
        transaction("<value currency=\"EUR\" value-date=\"2020-01-02\">1</value>");
    let reading = file("", &in_euros);
    assert_eq!(cells(&reading, "projects", &["title", "currency"]), ["A-1|EUR"]);
    assert!(warnings(&reading).contains("the only currency that it uses"));
    let reading = file("", &format!("{in_euros}{}", transaction(&value("2"))));
    assert!(rejects(&reading).join("\n").contains("`currency` is empty"));
    let in_dollars = in_euros.replace("EUR", "USD");
    let reading = file("", &format!("{in_euros}{in_dollars}"));
    assert!(rejects(&reading)[0].contains("has no `default-currency`"));
    assert!(table(&reading, "transactions").is_empty(), "no project, no transactions");
    assert_eq!(money(&reading).len(), 2, "their money is counted all the same");
}

#[test]
fn levels_are_named_by_parents_and_by_the_money() {
    let inside = format!(
        "<related-activity type=\"2\" ref=\"A-1-1\"/><related-activity type=\"1\" \
         ref=\"66682\"/><related-activity type=\"1\" ref=\"other\"/>{}",
        transaction(&format!(
            "{}<provider-org provider-activity-id=\"P-1\"><narrative>P</narrative>\
             </provider-org><receiver-org ref=\"R\" receiver-activity-id=\"R-1\"/>",
            value("1")
        ))
    );
    let reading = read_activity(&inside);
    assert_eq!(cells(&reading, "projects", &["parent_activity"]), ["00066682"]);
    let columns = ["provider", "provider_activity", "receiver", "receiver_activity"];
    assert_eq!(cells(&reading, "transactions", &columns), ["P|P-1|R|R-1"]);
}
