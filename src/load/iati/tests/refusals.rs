//! What refuses a file, and activities told twice.

use super::*;

fn fault(text: &str) -> String {
    fault_of(text.as_bytes())
}

fn fault_of(bytes: &[u8]) -> String {
    let reading = read(bytes, "f.xml", &options(OnDuplicate::Refuse));
    assert!(reading.tables.is_empty() && reading.tally.is_empty());
    assert_eq!(reading.faults.len(), 1, "{}", String::from_utf8_lossy(bytes));
    reading.faults[0].to_string()
}

const ROOT: &str = "<iati-activities version=\"2.03\">";

#[test]
fn any_doctype_is_refused() {
    for text in [
        "<?xml version=\"1.0\"?>\n<!DOCTYPE x [<!ENTITY a \"b\">]><iati-activities/>",
        "<!DOCTYPE iati-activities SYSTEM \"http://example.org/x.dtd\"><iati-activities/>",
        "<!doctype html><html/>",
        "<!DOCTYPE x",
        "<!DOCTYPE>",
    ] {
        assert!(fault(text).contains("the file has a DOCTYPE"), "{text}");
    }
    let first = "<!-- a -->\n <!DOCTYPE x><nothing";
    assert!(fault(first).starts_with("f.xml:2:2: the file has a DOCTYPE"));
}

#[test]
fn the_root_and_its_version_must_be_known() {
    let told = fault("<iati-organisations version=\"2.03\"/>");
    assert!(
        told.contains("the root is `iati-organisations`")
            && told.contains("activity file")
    );
    assert!(fault("<html/>").contains("the root is `html`"));
    for version in ["3.0", "2.04", "xx", "1.06"] {
        let told = fault(&format!("<iati-activities version=\"{version}\"/>"));
        assert!(told.starts_with("f.xml:1:1: version `"), "{told}");
    }
    for version in ["1.00", "1.01", "1.05", "2.01", "2.03"] {
        let reading = read_text(&format!("<iati-activities version=\"{version}\"/>"));
        assert_eq!((reading.faults.len(), reading.tables.len()), (0, 1), "{version}");
    }
    let unsaid = "<iati-activities><iati-activity default-currency=\"USD\">\
                  <iati-identifier>1</iati-identifier></iati-activity></iati-activities>";
    let reading = read_text(unsaid);
    assert_eq!(
        cells(&reading, "projects", &["project_id", "iati_identifier"]),
        ["00000001|1"]
    );
    assert!(warnings(&reading).contains("no `version` is given"));
    let own = unsaid.replace("<iati-activity ", "<iati-activity version=\"1.03\" ");
    assert!(!warnings(&read_text(&own)).contains("no `version`"));
}

#[test]
fn what_is_not_xml_is_refused_with_its_place() {
    for (text, what) in [
        ("", "the file is empty"),
        ("{\"a\": 1}", "1:1: not XML: text stands outside"),
        ("<iati-activities>\n <a></b>", "2:5: not XML: `</b>` stands where `</a>`"),
        ("<iati-activities>\n<a>", "2:4: not XML: the file ends inside 2 elements"),
        ("<iati-activities><a", "1:18: not XML"),
        ("<iati-activities/>x", "text stands outside"),
        ("<iati-activities/><b/>", "`<b>` is a second root"),
        ("<iati-activities><a b='1' b='2'/></iati-activities>", "`b` stands twice"),
        ("<iati-activities><a b=1/></iati-activities>", "an attribute is malformed"),
        ("<iati-activities> 1 < 2 </iati-activities>", "opens no element"),
        ("<iati-activities>A & B</iati-activities>", "a `&` begins no reference"),
        (
            "<iati-activities>\n&nbsp;</iati-activities>",
            "2:1: not XML: the entity `&nbsp;`",
        ),
        ("<iati-activities a=\"&x;\"/>", "the entity `&x;` is not defined"),
        ("<iati-activities a=\"& b\"/>", "a `&` in an attribute"),
        ("<iati-activities>&#8;</iati-activities>", "`&#8;` is not a character"),
        (
            "<iati-activities>\u{8}</iati-activities>",
            "1:18: not XML: the control character",
        ),
        (
            " <?xml version=\"1.0\"?><iati-activities/>",
            "1:2: not XML: `<?xml` stands after",
        ),
        ("<!-- only -->", "the file has no element"),
    ] {
        let told = fault(text);
        assert!(told.contains(what), "{text}: {told}");
    }
}

#[test]
fn limits_hold() {
    let deep = |levels: usize| {
        format!("{ROOT}{}{}", "<a>".repeat(levels), "</a>".repeat(levels))
    };
    assert!(fault(&deep(128)).contains("deeper than 128 levels"));
    assert!(read_text(&format!("{}</iati-activities>", deep(127))).faults.is_empty());
    let long = "x".repeat(1 << 20);
    let text = |inside: &str| format!("{ROOT}<a>{inside}</a></iati-activities>");
    assert!(read_text(&text(&long)).faults.is_empty());
    assert!(fault(&text(&format!("{long}x"))).contains("longer than 1 MiB"));
    let pieces = format!("{long}<![CDATA[x]]>");
    assert!(fault(&text(&pieces)).contains("longer than 1 MiB"));
    let many: String = (0..1001).map(|n| format!(" a{n}=\"\"")).collect();
    assert!(fault(&format!("{ROOT}<a{many}/>")).contains("over 1000 attributes"));
}

#[test]
fn encodings_are_read_or_refused() {
    let file = |encoding: &str, title: &[u8]| {
        let mut bytes = format!(
            "<?xml version=\"1.0\" encoding=\"{encoding}\"?>{ROOT}<iati-activity \
             default-currency=\"USD\"><iati-identifier>A-1</iati-identifier>\
             <title><narrative>"
        )
        .into_bytes();
        bytes.extend_from_slice(title);
        bytes
            .extend_from_slice(b"</narrative></title></iati-activity></iati-activities>");
        bytes
    };
    let title = |bytes: &[u8]| {
        let reading = read(bytes, "f.xml", &options(OnDuplicate::Refuse));
        cells(&reading, "projects", &["title"]).join("")
    };
    assert_eq!(title(&file("utf-8", "é".as_bytes())), "é");
    assert_eq!(title(&file("US-ASCII", b"e")), "e");
    assert_eq!(title(&file("ISO-8859-1", b"caf\xe9")), "café");
    assert_eq!(title(&file("windows-1252", b"\x80 5")), "€ 5");
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend(file("UTF-8", "é".as_bytes()));
    assert_eq!(title(&marked), "é");
    assert!(
        fault_of(&file("ISO-8859-1", "é".as_bytes())).contains("is written in UTF-8")
    );
    assert!(fault_of(&file("UTF-8", b"caf\xe9")).contains("byte 0xE9 is not UTF-8"));
    assert!(fault_of(&file("utf-16", b"x")).contains("is written in UTF-8; declare"));
    assert!(fault_of(&file("utf-7", b"x")).contains("encoding `utf-7` is not read"));
    assert!(fault_of(b"<\0\0\0a\0\0\0").contains("is written in UTF-32"));
}

#[test]
fn utf_16_is_read_by_its_mark_or_by_what_it_declares() {
    let text = |declared: &str, inside: &str| {
        format!(
            "{declared}{ROOT}\n<iati-activity default-currency=\"USD\"><iati-identifier>A-1\
             </iati-identifier>\n<title><narrative>É😀</narrative></title>{inside}\
             </iati-activity></iati-activities>"
        )
    };
    let says = |name: &str| format!("<?xml version=\"1.0\" encoding=\"{name}\"?>");
    let wide = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    };
    let (little, big) = (u16::to_le_bytes, u16::to_be_bytes);
    let amount = transaction("<value value-date=\"2024-01-05\">1,5</value>");
    for (mark, declared) in
        [("\u{feff}", says("UTF-16")), ("\u{feff}", String::new()), ("", says("utf-16"))]
    {
        for order in [little, big] {
            let marked =
                |inside: &str| wide(&format!("{mark}{}", text(&declared, inside)), order);
            let reading = read(&marked(""), "f.xml", &options(OnDuplicate::Refuse));
            assert_eq!(reading.faults, []);
            assert_eq!(cells(&reading, "projects", &["title"]), ["É😀"]);
            let reading = read(&marked(&amount), "f.xml", &options(OnDuplicate::Refuse));
            let plain = read_text(&text("", &amount));
            let place = |reading: &Reading| {
                let problem = &reading.rejects[0].problem;
                (problem.row, problem.column, problem.what.clone())
            };
            assert_eq!(place(&reading).0, 3);
            assert_eq!(place(&reading), place(&plain), "places count characters");
        }
    }
    let named = |name: &str, order| wide(&text(&says(name), ""), order);
    assert!(
        read(&named("utf-16be", big), "f.xml", &options(OnDuplicate::Refuse))
            .faults
            .is_empty()
    );
    assert_eq!(
        fault_of(&named("utf-16be", little)),
        "f.xml:1:1: the file declares `utf-16be` but is written in UTF-16LE; declare \
         `encoding=\"UTF-16LE\"`"
    );
    assert!(fault_of(&wide(&text("", ""), big)).contains("UTF-16BE and does not say so"));
    assert!(fault_of(b"\xff\xfe<\0a").contains("1:2: the byte 0x61 is not utf-16le"));
}

#[test]
fn an_activity_without_identifier_is_left_out() {
    let reading = read_text(&format!(
        "{ROOT}<iati-activity default-currency=\"USD\">{}</iati-activity></iati-activities>",
        transaction(&value("4"))
    ));
    assert!(table(&reading, "projects").is_empty());
    assert!(table(&reading, "transactions").is_empty());
    assert_eq!(money(&reading)[0].2, "4.00");
    let told = &reading.rejects[0];
    assert_eq!((reading.rejects.len(), told.project_id.as_deref()), (1, None));
    assert!(told.problem.what.contains("its 1 transactions"));
}

#[test]
fn an_activity_is_not_its_publisher() {
    let reading = read_activity("<reporting-org ref=\"A-1\" type=\"40\"/>");
    assert!(table(&reading, "projects").is_empty());
    assert!(rejects(&reading)[0].contains("`A-1` is that of the reporting organisation"));
}

#[test]
fn an_activity_told_twice_is_refused_or_merged() {
    let activity = |id: &str, amount: &str| {
        format!(
            "\n<iati-activity default-currency=\"USD\"><iati-identifier>{id}\
             </iati-identifier><title><narrative>T</narrative></title>{}</iati-activity>",
            transaction(&value(amount))
        )
    };
    let file = |second: &str| {
        format!(
            "{ROOT}{}{}{second}</iati-activities>",
            activity("A", "1"),
            activity("B", "2")
        )
    };
    let read_as = |text: &str, on_duplicate| {
        let reading = read(text.as_bytes(), "f.xml", &options(on_duplicate));
        let ids =
            cells(&reading, "transactions", &["transaction_id", "amount"]).join(",");
        (ids, rejects(&reading).join("\n"), warnings(&reading), money(&reading)[0].1)
    };
    let (once, nothing) = ("A#1|1.00,B#1|2.00".to_owned(), String::new());
    let same = file(&activity("A", "1"));
    let (ids, told, _, count) = read_as(&same, OnDuplicate::Refuse);
    assert_eq!((ids, count), (once.clone(), 3));
    assert!(
        told.starts_with("f.xml:4:39: the activity `A` is told twice, first at line 2")
    );
    assert!(told.contains("with the same facts; remove one, or load with"));
    let (ids, told, remarks, _) = read_as(&same, OnDuplicate::Merge);
    assert_eq!((ids, told), (once.clone(), nothing));
    assert!(remarks.contains("told again with the same facts"));
    let other = file(&activity("A", "1.01"));
    let (ids, told, ..) = read_as(&other, OnDuplicate::Merge);
    assert_eq!(ids, once);
    assert!(told.contains("with other facts"));
}

#[test]
fn signs_of_a_wrong_export_are_told() {
    let reading = read_activity(
        "<transaction><transaction-type code=\"3\">x</transaction-type>\
         <transaction-date iso-date=\"2020-01-02\"/><value>1</value><description/>\
         <provider-org ref=\"a\"/><provider-org ref=\"b\"/><flow-type/>\
         <recipient-country code=\"LR\" percentage=\"100\"/></transaction>",
    );
    assert_eq!(rejects(&reading), [""; 0]);
    assert_eq!(cells(&reading, "transactions", &["provider"]), ["a"]);
    let told = warnings(&reading);
    for what in [
        "text stands in an element that holds attributes only",
        "no `value-date`",
        "must hold a `narrative`",
        "more than once where the standard allows one",
        "has no `code`",
        "has a `percentage`, which is not read",
    ] {
        assert!(told.contains(what), "{what}\n{told}");
    }
}
