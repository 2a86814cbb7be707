//! Escape sequences of terminals (ECMA-48). Colours become names of a closed set, which a theme
//! gives values of enough contrast; everything else that a sequence could do is left out.
use std::borrow::Cow;
use std::iter::Peekable;
use std::str::CharIndices;

/// Foreground colours: the eight of a terminal, plain and bright. A page gives each its own
/// value; no log chooses one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Colour {
    #[default]
    Default,
    Black,
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
    White,
    BrightBlack,
    BrightRed,
    BrightGreen,
    BrightYellow,
    BrightBlue,
    BrightMagenta,
    BrightCyan,
    BrightWhite,
}

impl Colour {
    /// In the order of their codes: 30 to 37, then 90 to 97.
    const CODES: [Self; 16] = [
        Self::Black,
        Self::Red,
        Self::Green,
        Self::Yellow,
        Self::Blue,
        Self::Magenta,
        Self::Cyan,
        Self::White,
        Self::BrightBlack,
        Self::BrightRed,
        Self::BrightGreen,
        Self::BrightYellow,
        Self::BrightBlue,
        Self::BrightMagenta,
        Self::BrightCyan,
        Self::BrightWhite,
    ];

    /// For a `data-` attribute; empty for the text's own colour.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "",
            Self::Black => "black",
            Self::Red => "red",
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Blue => "blue",
            Self::Magenta => "magenta",
            Self::Cyan => "cyan",
            Self::White => "white",
            Self::BrightBlack => "bright-black",
            Self::BrightRed => "bright-red",
            Self::BrightGreen => "bright-green",
            Self::BrightYellow => "bright-yellow",
            Self::BrightBlue => "bright-blue",
            Self::BrightMagenta => "bright-magenta",
            Self::BrightCyan => "bright-cyan",
            Self::BrightWhite => "bright-white",
        }
    }

    fn of_code(code: usize) -> Self {
        Self::CODES.get(code).copied().unwrap_or_default()
    }

    /// The nearest of the set to red, green and blue: each part on or off, bright where one of
    /// them is strong.
    fn of_rgb([red, green, blue]: [u32; 3]) -> Self {
        let strongest = red.max(green).max(blue);
        if strongest < 64 {
            return Self::Black;
        }
        let is_on = |part: u32| usize::from(part * 2 > strongest);
        let code = is_on(red) | is_on(green) << 1 | is_on(blue) << 2;
        match (code, strongest) {
            (7, 0..160) => Self::BrightBlack,
            (_, 0..208) => Self::of_code(code),
            (code, _) => Self::of_code(code + 8),
        }
    }

    /// The table of 256: the 16, a cube of 6 by 6 by 6, and 24 greys.
    fn of_index(index: u32) -> Self {
        let level = |step: u32| if step == 0 { 0 } else { 55 + 40 * step };
        match index {
            0..=15 => Self::of_code(index as usize),
            16..=231 => {
                let cube = index - 16;
                Self::of_rgb([level(cube / 36), level(cube / 6 % 6), level(cube % 6)])
            }
            232..=255 => Self::of_rgb([8 + 10 * (index - 232); 3]),
            _ => Self::Default,
        }
    }
}

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    pub colour: Colour,
    pub bold: bool,
    pub faint: bool,
    pub italic: bool,
    pub underline: bool,
}

/// A piece of a line in one style; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span<'t> {
    pub style: Style,
    pub text: &'t str,
}

/// Reads a log line by line: a style that a line begins goes on in the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnsiReader {
    style: Style,
}

impl AnsiReader {
    /// The visible pieces of a line, in order. Together they are [`visible`].
    pub fn read<'t>(&mut self, line: &'t str) -> Vec<Span<'t>> {
        let mut spans: Vec<Span<'t>> = Vec::new();
        split(line, |piece| match piece {
            Piece::Text(text) => spans.push(Span {
                style: self.style,
                text,
            }),
            Piece::Style(parameters) => set_graphics(&mut self.style, parameters),
        });
        spans
    }
}

/// A line's text without escape sequences and control characters: what is searched and copied.
pub fn visible(line: &str) -> Cow<'_, str> {
    if !line.chars().any(is_control) {
        return Cow::Borrowed(line);
    }
    let mut text = String::with_capacity(line.len());
    split(line, |piece| {
        if let Piece::Text(piece) = piece {
            text.push_str(piece);
        }
    });
    Cow::Owned(text)
}

enum Piece<'t> {
    Text(&'t str),
    /// The parameters of a sequence that sets the style: `1;31`.
    Style(&'t str),
}

/// A tab is text.
fn is_control(character: char) -> bool {
    character.is_control() && character != '\t'
}

const ESCAPE: char = '\u{1b}';
/// The 8-bit forms of `ESC [`, and of those that begin a string.
const CSI: char = '\u{9b}';

fn split<'t>(line: &'t str, mut found: impl FnMut(Piece<'t>)) {
    let mut letters = line.char_indices().peekable();
    let mut start = 0;
    while let Some((place, letter)) = letters.next() {
        if !is_control(letter) {
            continue;
        }
        if start < place {
            found(Piece::Text(&line[start..place]));
        }
        let end = |letters: &mut Peekable<CharIndices<'_>>| {
            letters.peek().map_or(line.len(), |(place, _)| *place)
        };
        let introducer = match letter {
            ESCAPE => letters
                .next_if(|(_, next)| !is_control(*next))
                .map(|(_, next)| next),
            CSI => Some('['),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => Some(']'),
            _ => None,
        };
        match introducer {
            Some('[') => {
                let from = end(&mut letters);
                let last = skip_control_sequence(&mut letters);
                if let Some((to, 'm')) = last {
                    found(Piece::Style(&line[from..to]));
                }
            }
            Some(']' | 'P' | '_' | '^' | 'X') => skip_string(&mut letters),
            // An intermediate byte has one more after it: `ESC ( B`.
            Some(' '..='/') => {
                letters.next_if(|(_, next)| !is_control(*next));
            }
            _ => {}
        }
        start = end(&mut letters);
    }
    if start < line.len() {
        found(Piece::Text(&line[start..]));
    }
}

/// Up to the final byte, which is given with its place; a letter that cannot stand in a sequence
/// ends it and stays.
fn skip_control_sequence(letters: &mut Peekable<CharIndices<'_>>) -> Option<(usize, char)> {
    loop {
        let (place, letter) = letters.next_if(|(_, letter)| matches!(letter, ' '..='~'))?;
        if matches!(letter, '@'..='~') {
            return Some((place, letter));
        }
    }
}

/// A title or a link: up to its terminator, or to the line's end.
fn skip_string(letters: &mut Peekable<CharIndices<'_>>) {
    while let Some((_, letter)) = letters.next() {
        match letter {
            '\u{7}' | '\u{9c}' => return,
            ESCAPE if letters.next_if(|(_, next)| *next == '\\').is_some() => return,
            _ => {}
        }
    }
}

fn set_graphics(style: &mut Style, parameters: &str) {
    // A private sequence such as `?25` is none of these.
    if !parameters
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b';' | b':'))
    {
        return;
    }
    let numbers = parameters.split([';', ':']);
    // One that is left out is 0; one that is too large is none that anybody knows.
    let number = |text: &str| match text {
        "" => 0,
        text => text.parse().unwrap_or(u32::MAX),
    };
    let mut numbers = numbers.map(number);
    while let Some(code) = numbers.next() {
        match code {
            0 => *style = Style::default(),
            1 => style.bold = true,
            2 => style.faint = true,
            3 => style.italic = true,
            4 => style.underline = true,
            22 => (style.bold, style.faint) = (false, false),
            23 => style.italic = false,
            24 => style.underline = false,
            30..=37 => style.colour = Colour::of_code(code as usize - 30),
            90..=97 => style.colour = Colour::of_code(code as usize - 82),
            39 => style.colour = Colour::Default,
            // A background could take the contrast away: its numbers are read and left out.
            38 | 48 => {
                let colour = extended(&mut numbers);
                if let (38, Some(colour)) = (code, colour) {
                    style.colour = colour;
                }
            }
            _ => {}
        }
    }
}

/// What follows 38 and 48: `5;N`, or `2;R;G;B`.
fn extended(numbers: &mut impl Iterator<Item = u32>) -> Option<Colour> {
    match numbers.next()? {
        5 => numbers.next().map(Colour::of_index),
        2 => {
            let mut part = || numbers.next().map(|part| part.min(255));
            Some(Colour::of_rgb([part()?, part()?, part()?]))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
