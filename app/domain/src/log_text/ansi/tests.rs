use super::*;

/// Spans as `colour+b:text`, one after the other.
fn read(reader: &mut AnsiReader, line: &str) -> String {
    let spans = reader.read(line);
    assert!(spans.iter().all(|span| !span.text.is_empty()));
    let together: String = spans.iter().map(|span| span.text).collect();
    assert_eq!(together, visible(line), "{line:?}");
    let span = |span: &Span<'_>| {
        let style = span.style;
        let marks = [
            (style.bold, "b"),
            (style.faint, "f"),
            (style.italic, "i"),
            (style.underline, "u"),
        ];
        let marks: String = marks
            .iter()
            .filter(|(is_on, _)| *is_on)
            .map(|(_, mark)| *mark)
            .collect();
        format!("{}{marks}:{}", style.colour.as_str(), span.text)
    };
    spans.iter().map(span).collect::<Vec<_>>().join("|")
}

fn check(line: &str, expected: &str) {
    assert_eq!(read(&mut AnsiReader::default(), line), expected, "{line:?}");
}

#[test]
fn colours_and_marks_are_names() {
    check("plain", ":plain");
    check("", "");
    check("\u{1b}[31mred\u{1b}[0m plain", "red:red|: plain");
    check(
        "\u{1b}[1;4;92mx\u{1b}[22my\u{1b}[mz",
        "bright-greenbu:x|bright-greenu:y|:z",
    );
    check("\u{1b}[2;3ma\u{1b}[23;39mb", "fi:a|f:b");
    check("\u{9b}33ma", "yellow:a");
    for code in 0..16 {
        let colour = Colour::CODES[code];
        let number = if code < 8 { 30 + code } else { 82 + code };
        let line = format!("\u{1b}[{number}mx\u{1b}[38;5;{code}my");
        check(&line, &format!("{}:x|{0}:y", colour.as_str()));
    }
}

#[test]
fn other_colours_become_the_nearest_of_the_set() {
    for (parameters, expected) in [
        ("38;5;196", "bright-red"),
        ("38;5;22", "green"),
        ("38;5;226", "bright-yellow"),
        ("38;5;232", "black"),
        ("38;5;240", "bright-black"),
        ("38;5;252", "bright-white"),
        ("38;2;0;0;128", "blue"),
        ("38:2:255:0:255", "bright-magenta"),
        ("38;2;10;20;30", "black"),
        ("38;2;90;90;90", "bright-black"),
        ("38;5;256", ""),
        ("38;2;999;0;0", "bright-red"),
    ] {
        check(&format!("\u{1b}[{parameters}mx"), &format!("{expected}:x"));
    }
    // A background takes its own numbers, and no colour of the text.
    check("\u{1b}[48;5;31;1mx", "b:x");
    check("\u{1b}[48;2;1;2;3;31mx", "red:x");
    check("\u{1b}[41mx", ":x");
    check("\u{1b}[38;5mx", ":x");
}

#[test]
fn a_style_goes_on_in_the_next_line() {
    let mut reader = AnsiReader::default();
    assert_eq!(read(&mut reader, "\u{1b}[31ma"), "red:a");
    assert_eq!(read(&mut reader, "b\u{1b}[0m"), "red:b");
    assert_eq!(read(&mut reader, "c"), ":c");
}

#[test]
fn nothing_but_text_and_style_is_left_of_a_line() {
    check("a\u{1b}[2K\u{1b}[1;1Hb", ":a|:b");
    check("a\u{1b}]0;title\u{7}b", ":a|:b");
    check(
        "a\u{1b}]8;;https://x\u{1b}\\link\u{1b}]8;;\u{1b}\\b",
        ":a|:link|:b",
    );
    check("a\u{1b}(Bb\u{1b}=c", ":a|:b|:c");
    check("a\u{1b}[?25lb", ":a|:b");
    check("a\u{1b}[?1mb", ":a|:b");
    check("a\rb\u{8}\u{0}c\td\u{85}e", ":a|:b|:c\td|:e");
    check("a\u{1b}[31", ":a");
    check("a\u{1b}[31éb", ":a|:éb");
    check("a\u{1b}", ":a");
    check("a\u{1b}\u{1b}[31mb", ":a|red:b");
    check("a\u{1b}]never ends", ":a");
    check("\u{1b}[99999999999mx", ":x");
}
