use leptos::prelude::*;

/// A table with a caption for readers. What does not fit scrolls inside its region. Where it is narrow
/// its rows become cards: every [`Cell`] carries its column's name.
#[component]
pub fn Table(
    #[prop(into)] caption: String,
    columns: &'static [&'static str],
    /// Rows of `<tr>`.
    children: Children,
) -> impl IntoView {
    let head = columns
        .iter()
        .map(|name| view! { <th scope="col" role="columnheader">{*name}</th> })
        .collect_view();
    // Cards are made with `display`, which takes a table's meaning away; the roles give it back.
    view! {
        <div class="table-region">
            <table class="table" role="table">
                <caption class="visually-hidden">{caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">{head}</tr>
                </thead>
                <tbody role="rowgroup">{children()}</tbody>
            </table>
        </div>
    }
}

/// A cell, with the name of its column for the narrow form. `numeric` aligns its digits.
#[component]
pub fn Cell(
    column: &'static str,
    #[prop(optional)] numeric: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <td role="cell" data-column=column data-numeric=numeric.then_some("true")>
            <div>{children()}</div>
        </td>
    }
}
