use super::model::LogModel;
use super::piece::{Piece, pieces, stamp_length};
use crate::format;
use crate::ui::{Icon, IconName};
use drydock_domain::log_text::{LogStep, StepState};
use leptos::prelude::*;

/// A line with its number, which is the link to it, and at the first line of a step its fold.
#[component]
pub fn LogLine(model: LogModel, line: usize) -> impl IntoView {
    let number = line + 1;
    let marked = move || (model.marked.get() == Some(line)).then_some("true");
    let mark = move |event: leptos::ev::MouseEvent| {
        // With a modifier the browser opens it elsewhere.
        if !event.ctrl_key() && !event.meta_key() && !event.shift_key() {
            event.prevent_default();
            model.mark(line);
        }
    };
    // A log that ends in the middle of a step tells the rest of it later.
    let step = Memo::new(move |_| {
        model.n_lines.track();
        model.step_at(line)
    });
    let text = model.line(line);
    let content = move || {
        let stamp = stamp_length(&text);
        let search = model.search.read();
        let (stamp, rest) = text.split_at(stamp);
        let stamp = (!stamp.is_empty()).then(
            || view! { <span class="log-stamp">{styled(pieces(stamp, search.as_ref()))}</span> },
        );
        view! { {stamp} {styled(pieces(rest, search.as_ref()))} }
    };
    view! {
        <li class="log-line" aria-current=marked aria-posinset=number aria-setsize=move || model.n_lines.get()>
            <a class="log-number" href=format!("#L{number}") tabindex="-1" aria-label=format!("Line {number}") on:click=mark>
                {number}
            </a>
            <span class="log-gutter">
                {move || step.get().map(|step| view! { <Fold model step /> })}
            </span>
            <span class="log-text">{content}</span>
        </li>
    }
}

#[component]
fn Fold(model: LogModel, step: LogStep) -> impl IntoView {
    let first = step.first_line - 1;
    let n_lines = step.last_line - step.first_line;
    let open = move || !model.is_folded(first);
    let tone = match step.state {
        StepState::Failed => "danger",
        StepState::Succeeded { .. } => "success",
        StepState::Unfinished => "info",
    };
    let lines = format::count(n_lines as u64, "line", "lines");
    let label = format!("Step {}, {lines}", step.id);
    view! {
        <button
            class="log-fold"
            type="button"
            data-tone=tone
            aria-expanded=move || if open() { "true" } else { "false" }
            aria-label=label
            on:click=move |_| model.toggle(first)
        >
            <Icon name=IconName::Chevron />
        </button>
    }
}

fn styled(pieces: Vec<Piece>) -> impl IntoView {
    let view = |piece: Piece| {
        let Piece { style, found, text } = piece;
        let colour = Some(style.colour.as_str()).filter(|name| !name.is_empty());
        if found {
            return view! { <mark>{text}</mark> }.into_any();
        }
        let weight = style.bold.then_some("bold");
        let line = style.underline.then_some("under");
        view! { <span data-colour=colour data-weight=weight data-line=line>{text}</span> }
            .into_any()
    };
    pieces.into_iter().map(view).collect_view()
}
