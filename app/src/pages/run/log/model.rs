use super::folds::Folds;
use super::piece::stamp_length;
use super::text::LogText;
use drydock_domain::console::LogChunk;
use drydock_domain::log_text::{LogStep, Search, visible};
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

/// How near to its end, in CSS pixels, a log counts as scrolled to the end.
const END_SLACK_PIXELS: i32 = 32;
/// Rows that are elements above and below those in view; the rows in view are rounded to half of it,
/// so that most of scrolling changes nothing.
const SPARE_ROWS: usize = 48;

/// Rows that are elements: the first, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub first: usize,
    pub length: usize,
}

/// What the viewer knows, and what can be done to it. Lines and rows are counted from 0.
#[derive(Clone, Copy)]
pub struct LogModel {
    text: StoredValue<LogText>,
    pub n_lines: RwSignal<usize>,
    /// First lines of the steps that are folded.
    folded: RwSignal<Vec<usize>>,
    pub folds: Memo<Folds>,
    pub window: RwSignal<Window>,
    pub search: RwSignal<Option<Search>>,
    /// Lines that have what is searched for.
    pub hits: Memo<Vec<usize>>,
    /// The line that the address names.
    pub marked: Memo<Option<usize>>,
    pub following: RwSignal<bool>,
    /// The runner's time stamps are shown.
    pub stamps: RwSignal<bool>,
    /// Characters of a row where long lines are wrapped.
    pub columns: RwSignal<Option<usize>>,
    /// A hundred digits, to be measured.
    pub ruler: NodeRef<html::Span>,
    pub scroller: NodeRef<html::Div>,
    pub search_box: NodeRef<html::Input>,
    mark: Callback<usize>,
}

impl LogModel {
    pub fn new(text: LogText, following: bool) -> Self {
        let n_lines = RwSignal::new(text.n_lines());
        let text = StoredValue::new(text);
        let folded = RwSignal::new(Vec::new());
        let search = RwSignal::new(None::<Search>);
        let (columns, stamps) = (RwSignal::new(None), RwSignal::new(true));
        let folds = Memo::new(move |_| {
            let n_lines = n_lines.get();
            let folds = folded
                .with(|folded| text.with_value(|text| Folds::new(text.steps(), folded, n_lines)));
            let Some(columns) = columns.get() else {
                return folds;
            };
            let stamps = stamps.get();
            text.with_value(|text| folds.wrapped(text.lines().map(|it| rows(it, columns, stamps))))
        });
        let hits = Memo::new(move |_| {
            n_lines.track();
            let search = search.read();
            let search = search.as_ref();
            let lines = |text: &LogText| {
                search.map_or_else(Vec::new, |search| search.lines(text.lines(), 0).collect())
            };
            text.with_value(lines)
        });
        let location = use_location();
        let hash = location.hash;
        let navigate = use_navigate();
        let mark = Callback::new(move |line: usize| {
            let (path, query) = (
                location.pathname.read_untracked(),
                location.search.read_untracked(),
            );
            let query = query.trim_start_matches('?');
            let mark = if query.is_empty() { "" } else { "?" };
            let address = format!("{}{mark}{query}#L{}", *path, line + 1);
            let options = NavigateOptions {
                replace: true,
                scroll: false,
                ..NavigateOptions::default()
            };
            navigate(&address, options);
        });
        Self {
            text,
            n_lines,
            folded,
            folds,
            window: RwSignal::new(Window {
                first: 0,
                length: 2 * SPARE_ROWS,
            }),
            search,
            hits,
            marked: Memo::new(move |_| line_of_hash(&hash.read())),
            following: RwSignal::new(following),
            stamps,
            columns,
            ruler: NodeRef::new(),
            scroller: NodeRef::new(),
            search_box: NodeRef::new(),
            mark,
        }
    }

    /// Takes more of the log, and says how many lines that makes; `None` once the page is gone.
    pub fn push(self, chunk: &LogChunk) -> Option<usize> {
        let fresh = self.text.try_update_value(|text| text.push(chunk))?;
        if fresh > 0 {
            self.n_lines.update(|n_lines| *n_lines += fresh);
        }
        Some(fresh)
    }

    pub fn received(self) -> u64 {
        self.text.with_value(LogText::received)
    }

    pub fn line(self, line: usize) -> String {
        self.text.with_value(|text| text.line(line).to_owned())
    }

    /// Lines that are elements now.
    pub fn lines_in_window(self) -> Vec<usize> {
        let window = self.window.get();
        self.folds
            .with(|folds| folds.lines_of(window.first..window.first + window.length))
    }

    /// Rows above and below those that are elements.
    pub fn rows_around(self) -> (usize, usize) {
        let lines = self.lines_in_window();
        self.folds.with(|folds| match lines.is_empty() {
            true => (self.window.get().first.min(folds.n_rows()), 0),
            false => folds.around(&lines),
        })
    }

    /// Wraps long lines at the width that the pane has now, or shows each in one row again. What
    /// was in view stays there.
    pub fn toggle_wrap(self) {
        let height = self.row_height();
        let top = self
            .scroller
            .get_untracked()
            .map_or(0, |pane| pane.scroll_top());
        let row = (f64::from(top) / height) as usize;
        let line = self.folds.with_untracked(|folds| folds.line_of(row));
        let columns = match self.columns.get_untracked() {
            Some(_) => None,
            None => self.columns_of_pane(),
        };
        self.columns.set(columns);
        request_animation_frame(move || {
            if let Some(pane) = self.scroller.get_untracked()
                && let Some(row) = self.folds.try_with_untracked(|folds| folds.row_of(line))
            {
                pane.set_scroll_top((row as f64 * self.row_height()) as i32);
                self.look();
            }
        });
    }

    fn columns_of_pane(self) -> Option<usize> {
        let digits = f64::from(self.ruler.get_untracked()?.offset_width());
        let pane = f64::from(self.scroller.get_untracked()?.client_width());
        // The number and the fold stand beside the text: as wide as twelve digits.
        let columns = pane / (digits / 100.0).max(1.0) - 12.0;
        Some((columns as usize).max(20))
    }

    /// The step whose first line this is.
    pub fn step_at(self, line: usize) -> Option<LogStep> {
        self.text.with_value(|text| {
            let step = text.steps().iter().find(|step| step.first_line == line + 1);
            step.cloned()
        })
    }

    pub fn n_steps(self) -> usize {
        self.n_lines.track();
        self.text.with_value(|text| text.steps().len())
    }

    pub fn is_folded(self, first_line: usize) -> bool {
        self.folded.read().contains(&first_line)
    }

    pub fn any_folded(self) -> bool {
        !self.folded.read().is_empty()
    }

    pub fn toggle(self, first_line: usize) {
        self.folded.update(
            |folded| match folded.iter().position(|line| *line == first_line) {
                Some(index) => drop(folded.remove(index)),
                None => folded.push(first_line),
            },
        );
        self.look_soon();
    }

    /// Folds every step, or none where one is folded.
    pub fn toggle_all(self) {
        let firsts = self.text.with_value(|text| {
            text.steps()
                .iter()
                .map(|step| step.first_line - 1)
                .collect()
        });
        match self.any_folded() {
            true => self.folded.set(Vec::new()),
            false => self.folded.set(firsts),
        }
        self.look_soon();
    }

    fn unfold(self, line: usize) {
        let step = self.text.with_value(|text| {
            let steps = text.steps().iter();
            let mut around = steps.filter(|step| (step.first_line..step.last_line).contains(&line));
            around.next().map(|step| step.first_line - 1)
        });
        if let Some(first) = step
            && self.folded.read_untracked().contains(&first)
        {
            self.toggle(first);
        }
    }

    /// Writes a line into the address, which marks it.
    pub fn mark(self, line: usize) {
        self.mark.run(line);
    }

    /// Goes to the next line that has what is searched for, or the one before, around the ends.
    pub fn step_hit(self, forward: bool) {
        let hits = self.hits.read_untracked();
        let from = self.marked.get_untracked();
        let next = match (from, forward) {
            (None, true) => hits.first(),
            (None, false) => hits.last(),
            (Some(from), true) => hits.iter().find(|hit| **hit > from).or(hits.first()),
            (Some(from), false) => hits.iter().rev().find(|hit| **hit < from).or(hits.last()),
        };
        if let Some(line) = next {
            self.mark(*line);
            // The line may be marked already, and have been scrolled away from.
            self.show(*line);
        }
    }

    /// Brings a line into view, a third of the height from the top.
    pub fn show(self, line: usize) {
        self.following.set(false);
        self.unfold(line);
        request_animation_frame(move || {
            let Some(scroller) = self.scroller.get_untracked() else {
                return;
            };
            let Some(row) = self.folds.try_with_untracked(|folds| folds.row_of(line)) else {
                return;
            };
            let top = row as f64 * self.row_height();
            scroller.set_scroll_top(top as i32 - scroller.client_height() / 3);
            self.look();
        });
    }

    pub fn show_end(self) {
        request_animation_frame(move || {
            if let Some(scroller) = self.scroller.get_untracked() {
                scroller.set_scroll_top(scroller.scroll_height());
                self.look();
            }
        });
    }

    /// Whether a line can be seen now without scrolling.
    pub fn is_in_view(self, line: usize) -> bool {
        let Some(scroller) = self.scroller.get_untracked() else {
            return false;
        };
        let row = self.folds.with_untracked(|folds| folds.row_of(line)) as f64;
        let from = f64::from(scroller.scroll_top()) / self.row_height();
        let length = f64::from(scroller.client_height()) / self.row_height();
        row >= from && row + 1.0 <= from + length
    }

    pub fn is_at_end(self) -> bool {
        self.scroller.get_untracked().is_none_or(|element| {
            let below = element.scroll_height() - element.scroll_top() - element.client_height();
            below <= END_SLACK_PIXELS
        })
    }

    /// Makes elements of the rows that are in view now, and of some around them.
    pub fn look(self) {
        let Some(scroller) = self.scroller.get_untracked() else {
            return;
        };
        let height = self.row_height();
        let first = (f64::from(scroller.scroll_top()) / height) as usize;
        let visible = (f64::from(scroller.client_height()) / height) as usize + 1;
        let step = SPARE_ROWS / 2;
        let window = Window {
            first: (first / step * step).saturating_sub(SPARE_ROWS),
            length: visible.div_ceil(step) * step + 2 * SPARE_ROWS + step,
        };
        if *self.window.read_untracked() != window {
            self.window.set(window);
        }
    }

    fn look_soon(self) {
        request_animation_frame(move || self.look());
    }

    /// In CSS pixels: all rows are of one height, which the reader's font size decides and which
    /// need not be whole. Too much where they do not fill the height, and there all are elements.
    fn row_height(self) -> f64 {
        let n_rows = self.folds.with_untracked(Folds::n_rows).max(1) as f64;
        let height = self
            .scroller
            .get_untracked()
            .map_or(0, |scroller| scroller.scroll_height());
        f64::from(height.max(1)) / n_rows
    }

    pub fn focus(self) {
        if let Some(scroller) = self.scroller.get_untracked() {
            // Refused only by an element that has left the document.
            let _ = scroller.focus();
        }
    }
}

/// Rows of one line. What has the width of two digits is counted as one: it takes more than its room,
/// which moves the lines below, and loses nothing.
fn rows(line: &str, columns: usize, stamps: bool) -> u32 {
    let line = match stamps {
        true => line,
        false => &line[stamp_length(line)..],
    };
    let n_characters = match line.contains('\u{1b}') {
        true => visible(line).chars().count(),
        false => line.chars().count(),
    };
    n_characters.div_ceil(columns).max(1) as u32
}

/// `#L12` is line 11, counted from 0.
fn line_of_hash(hash: &str) -> Option<usize> {
    let number: usize = hash
        .trim_start_matches('#')
        .strip_prefix('L')?
        .parse()
        .ok()?;
    number.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_takes_as_many_rows_as_it_fills() {
        let check = |line: &str, stamps, expected| assert_eq!(rows(line, 10, stamps), expected);
        check("", true, 1);
        check("0123456789", true, 1);
        check("0123456789a", true, 2);
        check("\u{1b}[1;31m0123456789\u{1b}[0m", true, 1);
        check("2026/11/21 08:00:00 short", true, 3);
        check("2026/11/21 08:00:00 short", false, 1);
    }

    #[test]
    fn an_address_names_a_line_from_1() {
        assert_eq!(line_of_hash("#L1"), Some(0));
        assert_eq!(line_of_hash("#L50000"), Some(49_999));
        for other in ["", "#", "#L0", "#L", "#l5", "#images", "#L-1"] {
            assert_eq!(line_of_hash(other), None, "{other}");
        }
    }
}
