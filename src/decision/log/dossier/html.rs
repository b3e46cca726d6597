//! HTML as text: everything that came from outside is escaped on its way in.

use crate::error::is_hidden;

/// A page that is built from top to bottom.
#[derive(Debug, Default)]
pub(super) struct Html(String);

/// Looks and A4 pages; nothing is loaded from anywhere.
const STYLE: &str = "\
@page { size: A4; margin: 16mm 14mm; }
body { font: 10.5pt/1.4 'Liberation Sans', Arial, sans-serif; color: #111; margin: 0 auto; \
max-width: 186mm; padding: 6mm; }
h1 { font-size: 17pt; margin: 0 0 2mm; }
h2 { font-size: 12.5pt; margin: 7mm 0 2mm; border-bottom: 1px solid #888; break-after: avoid; }
h3 { font-size: 10.5pt; margin: 4mm 0 1mm; break-after: avoid; }
p { margin: 1mm 0 2mm; }
table { border-collapse: collapse; width: 100%; margin: 1mm 0 3mm; font-size: 9pt; }
th, td { text-align: left; vertical-align: top; padding: 0.7mm 1.5mm; \
border-bottom: 1px solid #ccc; overflow-wrap: anywhere; }
th { border-bottom: 1px solid #555; }
tr { break-inside: avoid; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
pre, code { font: 8pt/1.35 'Liberation Mono', monospace; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #ccc; padding: 2mm; \
margin: 1mm 0 3mm; }
.verdict { border: 2px solid #111; padding: 3mm 4mm; margin: 3mm 0; }
.verdict b { font-size: 15pt; }
@media print { body { padding: 0; max-width: none; } }
";

impl Html {
    /// Begins a page.
    pub(super) fn new(title: &str) -> Self {
        let mut page = Self::default();
        page.0.push_str(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
        );
        page.0.push_str(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'unsafe-inline'\">\n<meta name=\"viewport\" \
             content=\"width=device-width\">\n",
        );
        page.element("title", title);
        page.0.push_str("<style>\n");
        page.0.push_str(STYLE);
        page.0.push_str("</style>\n</head>\n<body>\n");
        page
    }

    /// Ends the page.
    pub(super) fn finish(mut self) -> String {
        self.0.push_str("</body>\n</html>\n");
        self.0
    }

    /// Adds a tag of ours around text.
    pub(super) fn element(&mut self, tag: &str, text: &str) {
        self.0.push_str(&format!("<{tag}>{}</{tag}>\n", escaped(text)));
    }

    /// Adds a frame with a large word and lines below it.
    pub(super) fn banner(&mut self, word: &str, lines: &[String]) {
        self.0.push_str(&format!("<div class=\"verdict\"><b>{}</b>", escaped(word)));
        for line in lines {
            self.0.push_str(&format!("<br>{}", escaped(line)));
        }
        self.0.push_str("</div>\n");
    }

    /// Adds a table; a column whose name begins with `#` stands to the right.
    pub(super) fn table(&mut self, columns: &[&str], rows: &[Vec<String>]) {
        self.0.push_str("<table>\n<tr>");
        for column in columns {
            let shown = column.trim_start_matches('#');
            self.0.push_str(&format!("<th>{}</th>", escaped(shown)));
        }
        self.0.push_str("</tr>\n");
        for row in rows {
            self.0.push_str("<tr>");
            for (cell, column) in row.iter().zip(columns) {
                let class = if column.starts_with('#') { " class=\"n\"" } else { "" };
                self.0.push_str(&format!("<td{class}>{}</td>", escaped(cell)));
            }
            self.0.push_str("</tr>\n");
        }
        self.0.push_str("</table>\n");
    }

    /// Adds text that is kept as it is, to be copied byte for byte.
    pub(super) fn exact(&mut self, text: &str) {
        // A parser drops a line end right after the tag, so one is given to it.
        self.0.push_str("<pre>\n");
        self.0.push_str(&marked(text));
        self.0.push_str("</pre>\n");
    }
}

/// Escapes what HTML would read as markup.
fn marked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
    out
}

/// Escapes markup, and shows characters that nobody would see.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && c != '\n' {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    marked(&shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_from_outside_is_never_markup() {
        let mut page = Html::new("<script>alert(1)</script>");
        page.element("p", "a & b \"c\" 'd' \u{202e}evil");
        page.table(
            &["x", "#y"],
            &[vec!["<img src=x onerror=1>".to_owned(), "1".to_owned()]],
        );
        page.banner("</div><svg>", &["<b>".to_owned()]);
        page.exact("{\"a\":\"</pre><script>\"}");
        let text = page.finish();
        for bad in
            ["<script", "<img", "<svg", "</pre><s", "\u{202e}", "http://", "https://"]
        {
            assert!(!text.contains(bad), "{bad}");
        }
        assert!(
            text.contains("a &amp; b &quot;c&quot; &#39;d&#39; \\u{202e}evil"),
            "{text}"
        );
        assert!(text.contains("<td class=\"n\">1</td>"), "{text}");
    }
}
