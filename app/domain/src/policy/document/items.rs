//! The items of a list or the members of an object as pieces of the text.
use crate::json::{Node, Value};
use crate::splice::Splice;
use std::ops::Range;

pub(in crate::policy) struct Items<'t> {
    text: &'t str,
    whole: Range<usize>,
    spans: Vec<Range<usize>>,
    empty: &'static str,
}

impl<'t> Items<'t> {
    pub fn of_list(text: &'t str, list: &Node) -> Option<Self> {
        let Value::Array(items) = &list.value else {
            return None;
        };
        let spans = items.iter().map(|item| item.offset..item.end);
        Some(Self::new(text, list, spans.collect(), "[]"))
    }

    pub fn of_object(text: &'t str, object: &Node) -> Option<Self> {
        let Value::Object(members) = &object.value else {
            return None;
        };
        let spans = members
            .iter()
            .map(|member| member.key_offset..member.value.end);
        Some(Self::new(text, object, spans.collect(), "{}"))
    }

    fn new(text: &'t str, node: &Node, spans: Vec<Range<usize>>, empty: &'static str) -> Self {
        Self {
            text,
            whole: node.offset..node.end,
            spans,
            empty,
        }
    }

    /// Puts new items, as they are written, in the place of some; blanks between items stay as
    /// they are, and new ones are like those that are there.
    pub fn replace(&self, range: Range<usize>, by: &[String]) -> Option<Splice> {
        let spans = &self.spans;
        let gone = spans.get(range.clone())?;
        let separator = self.separator();
        let written = by.join(separator);
        Some(match (gone.first(), gone.last()) {
            _ if spans.is_empty() || (by.is_empty() && gone.len() == spans.len()) => {
                let (open, close) = self.empty.split_at(1);
                let whole = format!("{open}{written}{close}");
                Splice::new(self.whole.start, self.whole.end, whole)
            }
            (Some(first), Some(last)) if !by.is_empty() => {
                Splice::new(first.start, last.end, written)
            }
            (Some(first), Some(last)) => match spans.get(range.end) {
                Some(next) => Splice::new(first.start, next.start, ""),
                None => Splice::new(spans[range.start - 1].end, last.end, ""),
            },
            _ if by.is_empty() => Splice::new(self.whole.start, self.whole.start, ""),
            _ => match spans.get(range.start) {
                Some(next) => Splice::new(next.start, next.start, written + separator),
                None => {
                    let place = spans[range.start - 1].end;
                    Splice::new(place, place, format!("{separator}{written}"))
                }
            },
        })
    }

    /// Moves an item to another place; what stands between the places stays where it is.
    pub fn rotate(&self, from: usize, to: usize) -> Option<Splice> {
        let spans = &self.spans;
        let (low, high) = (from.min(to), from.max(to));
        let moved = spans.get(low..=high)?;
        let mut order: Vec<&Range<usize>> = moved.iter().collect();
        match from < to {
            true => order.rotate_left(1),
            false => order.rotate_right(1),
        }
        let mut written = String::new();
        for (index, item) in order.into_iter().enumerate() {
            written.push_str(&self.text[item.clone()]);
            if let Some(next) = moved.get(index + 1) {
                written.push_str(&self.text[moved[index].end..next.start]);
            }
        }
        Some(Splice::new(spans[low].start, spans[high].end, written))
    }

    /// A comma and the blanks that follow it elsewhere in these items.
    fn separator(&self) -> &'t str {
        match self.spans.as_slice() {
            [first, second, ..] => &self.text[first.end..second.start],
            _ => ", ",
        }
    }
}
