//! Reads `table.txt`.
use axum::http::Method;
use drydock_domain::access::Role;
use std::fmt;

const TABLE: &str = include_str!("table.txt");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Read,
    Write,
    Own,
    Open,
    Frame,
}

pub struct Row {
    pub kind: Kind,
    pub method: Method,
    /// As the router has it, with braces.
    pub path: String,
    pub arguments: String,
    allowed: Vec<Role>,
}

impl Row {
    pub fn allows(&self, role: Role) -> bool {
        self.allowed.contains(&role)
    }

    fn parse(line: &str) -> Self {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [kind, method, path, marks @ ..] = words.as_slice() else {
            panic!("no row: {line}");
        };
        let (marks, arguments) = marks.split_at(Role::ALL.len());
        let mark = |(role, mark): (Role, &&str)| match *mark {
            "x" => Some(role),
            "." => None,
            _ => panic!("neither x nor a dot: {line}"),
        };
        Self {
            kind: match *kind {
                "read" => Kind::Read,
                "write" => Kind::Write,
                "own" => Kind::Own,
                "open" => Kind::Open,
                "frame" => Kind::Frame,
                _ => panic!("no kind: {line}"),
            },
            method: method.parse().unwrap(),
            path: (*path).to_owned(),
            arguments: arguments.concat(),
            allowed: Role::ALL.into_iter().zip(marks).filter_map(mark).collect(),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

pub fn rows() -> Vec<Row> {
    let is_row = |line: &&str| !line.is_empty() && !line.starts_with('#');
    TABLE.lines().filter(is_row).map(Row::parse).collect()
}
