//! wasm-bindgen's script, as small as it can be without a compiler of its own.
use std::collections::HashMap;

/// The script with the names of `names`, without indentation and without what is written for people.
pub fn shorten(script: &str, names: &HashMap<String, String>) -> String {
    let mut short = String::with_capacity(script.len());
    let lines = script.lines().map(str::trim);
    for line in lines.filter(|line| !is_for_people(line)) {
        rename(line, names, &mut short);
        short.push('\n');
    }
    short
}

fn is_for_people(line: &str) -> bool {
    line.is_empty()
        || ["/**", "* ", "*/", "//"]
            .iter()
            .any(|start| line.starts_with(start))
}

fn rename(line: &str, names: &HashMap<String, String>, short: &mut String) {
    let mut rest = line;
    while !rest.is_empty() {
        let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let word = rest
            .find(|character| !is_word(character))
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(word);
        short.push_str(names.get(word).map_or(word, String::as_str));
        let between = after.find(is_word).unwrap_or(after.len());
        let (between, next) = after.split_at(between);
        short.push_str(between);
        rest = next;
    }
}
