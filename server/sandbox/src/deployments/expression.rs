//! The expressions of a template: `[format('{0}/{1}', parameters('a'), 'b')]`.

/// A parsed expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    Text(String),
    Number(i64),
    Call {
        function: String,
        arguments: Vec<Self>,
    },
    /// `.identity`
    Member(Box<Self>, String),
    /// `[0]` or `['name']`
    Index(Box<Self>, Box<Self>),
}

/// Why a text in brackets is no expression. The position is counted in characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at position {position} of '{text}'")]
pub struct ParseExpressionError {
    pub what: &'static str,
    pub position: usize,
    pub text: String,
}

impl Expression {
    /// `None` for a text that is not an expression: one without brackets, or with the first one
    /// doubled.
    pub fn parse(text: &str) -> Option<Result<Self, ParseExpressionError>> {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        if inner.starts_with('[') {
            return None;
        }
        let mut reader = Reader {
            text,
            rest: inner,
            end: text.len() - 1,
        };
        Some(reader.whole())
    }

    /// Every call of `function` in the expression, outermost first.
    pub fn calls<'a>(&'a self, function: &str) -> Vec<&'a [Self]> {
        let mut found = Vec::new();
        self.collect(function, &mut found);
        found
    }

    fn collect<'a>(&'a self, wanted: &str, found: &mut Vec<&'a [Self]>) {
        match self {
            Self::Text(_) | Self::Number(_) => {}
            Self::Call {
                function,
                arguments,
            } => {
                if function.eq_ignore_ascii_case(wanted) {
                    found.push(arguments);
                }
                arguments
                    .iter()
                    .for_each(|argument| argument.collect(wanted, found));
            }
            Self::Member(of, _) => of.collect(wanted, found),
            Self::Index(of, index) => {
                of.collect(wanted, found);
                index.collect(wanted, found);
            }
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
    /// Where the closing bracket is.
    end: usize,
}

impl Reader<'_> {
    fn whole(&mut self) -> Result<Expression, ParseExpressionError> {
        let expression = self.expression()?;
        self.skip_blanks();
        if self.rest.is_empty() {
            Ok(expression)
        } else {
            Err(self.error("expected the end"))
        }
    }

    fn expression(&mut self) -> Result<Expression, ParseExpressionError> {
        let mut expression = self.primary()?;
        loop {
            self.skip_blanks();
            if self.take('.') {
                let name = self.word()?;
                expression = Expression::Member(Box::new(expression), name);
            } else if self.take('[') {
                let index = self.expression()?;
                self.expect(']', "expected ']'")?;
                expression = Expression::Index(Box::new(expression), Box::new(index));
            } else {
                return Ok(expression);
            }
        }
    }

    fn primary(&mut self) -> Result<Expression, ParseExpressionError> {
        self.skip_blanks();
        if self.take('\'') {
            return Ok(Expression::Text(self.quoted()?));
        }
        let is_number = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
        if self.rest.as_bytes().first().is_some_and(is_number) {
            return self.number();
        }
        let function = self.word()?;
        self.expect('(', "expected '(' after a function's name")?;
        Ok(Expression::Call {
            function,
            arguments: self.arguments()?,
        })
    }

    fn arguments(&mut self) -> Result<Vec<Expression>, ParseExpressionError> {
        let mut arguments = Vec::new();
        self.skip_blanks();
        if self.take(')') {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            self.skip_blanks();
            if self.take(')') {
                return Ok(arguments);
            }
            self.expect(',', "expected ',' or ')'")?;
        }
    }

    /// The rest of a text whose quote has been taken; two quotes stand for one.
    fn quoted(&mut self) -> Result<String, ParseExpressionError> {
        let mut text = String::new();
        loop {
            let Some((before, after)) = self.rest.split_once('\'') else {
                return Err(self.error("a quote that is never closed"));
            };
            text.push_str(before);
            self.rest = after;
            if !self.take('\'') {
                return Ok(text);
            }
            text.push('\'');
        }
    }

    fn number(&mut self) -> Result<Expression, ParseExpressionError> {
        let digits = self.rest.trim_start_matches('-');
        let digits = digits.trim_start_matches(|character: char| character.is_ascii_digit());
        let (number, rest) = self.rest.split_at(self.rest.len() - digits.len());
        let Ok(number) = number.parse() else {
            return Err(self.error("expected a whole number"));
        };
        self.rest = rest;
        Ok(Expression::Number(number))
    }

    fn word(&mut self) -> Result<String, ParseExpressionError> {
        self.skip_blanks();
        let is_outside = |character: char| !character.is_ascii_alphanumeric() && character != '_';
        let end = self.rest.find(is_outside).unwrap_or(self.rest.len());
        if end == 0 {
            return Err(self.error("expected a name"));
        }
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(word.to_owned())
    }

    fn take(&mut self, mark: char) -> bool {
        let taken = self.rest.strip_prefix(mark);
        self.rest = taken.unwrap_or(self.rest);
        taken.is_some()
    }

    fn expect(&mut self, mark: char, what: &'static str) -> Result<(), ParseExpressionError> {
        self.skip_blanks();
        if self.take(mark) {
            return Ok(());
        }
        Err(self.error(what))
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn error(&self, what: &'static str) -> ParseExpressionError {
        let at = self.end - self.rest.len();
        ParseExpressionError {
            what,
            position: self.text[..at].chars().count() + 1,
            text: self.text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(function: &str, arguments: Vec<Expression>) -> Expression {
        Expression::Call {
            function: function.to_owned(),
            arguments,
        }
    }

    #[test]
    fn members_and_indexes_follow_any_value() {
        let text = "[ reference(resourceId('a/b', 'it''s'), -2)['x'].identity.principalId ]";
        let id = call(
            "resourceId",
            vec![
                Expression::Text("a/b".into()),
                Expression::Text("it's".into()),
            ],
        );
        let reference = call("reference", vec![id, Expression::Number(-2)]);
        let index = Expression::Index(Box::new(reference), Box::new(Expression::Text("x".into())));
        let member = Expression::Member(Box::new(index), "identity".into());
        let whole = Expression::Member(Box::new(member), "principalId".into());
        assert_eq!(Expression::parse(text), Some(Ok(whole)));
    }

    #[test]
    fn calls_are_found_at_any_depth() {
        let text = "[concat(reference('a').x, if(true(), REFERENCE('b'), 'c'))]";
        let parsed = Expression::parse(text).unwrap().unwrap();
        let found: Vec<&Expression> = parsed.calls("reference").iter().map(|it| &it[0]).collect();
        assert_eq!(
            found,
            [&Expression::Text("a".into()), &Expression::Text("b".into())]
        );
    }

    #[test]
    fn plain_texts_are_no_expressions_and_broken_ones_are_named() {
        for plain in ["", "text", "[[escaped]", "[open", "closed]"] {
            assert_eq!(Expression::parse(plain), None, "{plain}");
        }
        for (broken, what, position) in [
            ("[]", "expected a name", 2),
            ("[a]", "expected '(' after a function's name", 3),
            ("[a('x]", "a quote that is never closed", 5),
            ("[a('x' 'y')]", "expected ',' or ')'", 8),
            ("[a() b]", "expected the end", 6),
            ("[a(-)]", "expected a whole number", 4),
        ] {
            let error = Expression::parse(broken).unwrap().unwrap_err();
            assert_eq!((error.what, error.position), (what, position), "{broken}");
        }
    }
}
