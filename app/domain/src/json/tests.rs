use super::*;

#[test]
fn values_know_where_they_stand() {
    let text = "{\n  \"é\": [1, \"ü\",\n true] , \"k\":null}";
    let root = read(text).unwrap();
    let Value::Object(members) = &root.value else {
        panic!("an object")
    };
    assert_eq!(position(text, root.offset), (1, 1));
    assert_eq!(position(text, members[0].key_offset), (2, 3));
    let Value::Array(items) = &members[0].value.value else {
        panic!("an array")
    };
    assert_eq!(items[0].value, Value::Number("1".to_owned()));
    assert_eq!(position(text, items[1].offset), (2, 12));
    assert_eq!(position(text, items[2].offset), (3, 2));
    assert_eq!(position(text, members[1].key_offset), (3, 10));
    assert_eq!(position(text, usize::MAX), (3, 19));
    assert_eq!(&text[items[1].offset..items[1].end], "\"ü\"");
    assert_eq!((root.offset, root.end), (0, text.len()));
}

#[test]
fn strings_are_unescaped() {
    let check = |text: &str, expected: &str| {
        assert_eq!(
            read(text).unwrap().value,
            Value::String(expected.to_owned()),
            "{text}"
        );
    };
    check(r#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{c}\n\r\t");
    check(r#""\u00e9\ud83d\ude00""#, "é😀");
    check(r#""\ud83d""#, "\u{fffd}");
    check(r#""\ud83dx\udc00""#, "\u{fffd}x\u{fffd}");
    check(r#""\ud83d\u0041""#, "\u{fffd}A");
}

#[test]
fn what_is_not_json_is_refused_where_it_stops() {
    let check = |text: &str, offset: usize, pointer: &str, message: &str| {
        let error = read(text).unwrap_err();
        assert_eq!(error.offset, offset, "{text}");
        assert_eq!(error.pointer, pointer, "{text}");
        assert_eq!(error.service_message(), message, "{text}");
    };
    let value = "looking for beginning of value";
    check("", 0, "", "unexpected end of JSON input");
    check("i am", 0, "", &format!("invalid character 'i' {value}"));
    check(
        "\u{feff}{}",
        0,
        "",
        &format!("invalid character 'ï' {value}"),
    );
    check("[1,]", 2, "", &format!("invalid character ']' {value}"));
    check("[1,,2]", 3, "/1", &format!("invalid character ',' {value}"));
    let key = "looking for beginning of object key string";
    check(
        r#"{"a":1,}"#,
        6,
        "",
        &format!("invalid character '}}' {key}"),
    );
    check("{'a':1}", 1, "", &format!(r"invalid character '\'' {key}"));
    check(
        r#"{"a" 1}"#,
        5,
        "",
        "invalid character '1' after object key",
    );
    check(
        r#"{"a":1 "b":2}"#,
        7,
        "",
        "invalid character '\"' after object key:value pair",
    );
    check(
        r#"{"a":[1 2]}"#,
        8,
        "/a",
        "invalid character '2' after array element",
    );
    check(
        "{} {}",
        3,
        "",
        "invalid character '{' after top-level value",
    );
    check(
        r#"{"a/b":{"~":tru}}"#,
        15,
        "/a~1b/~0",
        "invalid character '}' in literal true (expecting 'e')",
    );
    check(
        "\"a\nb\"",
        2,
        "",
        r"invalid character '\n' in string literal",
    );
    check(
        "\"\u{1}\"",
        1,
        "",
        r"invalid character '\x01' in string literal",
    );
    check(
        r#""\x""#,
        2,
        "",
        "invalid character 'x' in string escape code",
    );
    check(
        r#""\u00g0""#,
        5,
        "",
        "invalid character 'g' in \\u hexadecimal character escape",
    );
    check("-x", 1, "", "invalid character 'x' in numeric literal");
    check(
        "1.x",
        2,
        "",
        "invalid character 'x' after decimal point in numeric literal",
    );
    check(
        "1e+x",
        3,
        "",
        "invalid character 'x' in exponent of numeric literal",
    );
    check("01", 1, "", "invalid character '1' after top-level value");
    check(r#"{"a":"b"#, 7, "/a", "unexpected end of JSON input");
}

#[test]
fn deep_nesting_ends_without_ending_the_program() {
    assert!(read(&("[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH))).is_ok());
    let error = read(&"[".repeat(100_000)).unwrap_err();
    assert_eq!(error.problem, SyntaxProblem::TooDeep);
}

#[test]
fn equality_is_that_of_json() {
    let check = |a: &str, b: &str, expected: bool| {
        let is_same = read(a).unwrap().value.is_same(&read(b).unwrap().value);
        assert_eq!(is_same, expected, "{a} {b}");
    };
    check(
        r#"{"a":1,"b":[true,null]}"#,
        r#"{ "b": [true, null], "a": 1.0 }"#,
        true,
    );
    check(r#"{"a":1,"a":2}"#, r#"{"a":2}"#, true);
    check(r#"{"a":1}"#, r#"{"a":1,"b":1}"#, false);
    check(r#"["a"]"#, r#"["b"]"#, false);
    check("1", "\"1\"", false);
}

#[test]
fn numbers_are_the_same_by_value() {
    let check = |a: &str, b: &str, same: bool| {
        assert_eq!(Decimal::of(a) == Decimal::of(b), same, "{a} {b}");
    };
    check("1", "1.0", true);
    check("100", "1e2", true);
    check("0.010", "1E-2", true);
    check("-0", "0.00e7", true);
    check("120", "12", false);
    check("-1", "1", false);
    check("9007199254740993", "9007199254740992", false);
    check("1e99999999999999999999", "1e-99999999999999999999", false);
}
