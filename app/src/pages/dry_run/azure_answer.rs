use super::DryRun;
use crate::api::dry_run::AskAzure;
use crate::paths;
use crate::ui::{Button, ButtonKind, Notice, Tone};
use crate::widgets::{ActionError, Permitted};
use drydock_domain::access::Operation;
use drydock_domain::console::AzureDryRun;
use drydock_domain::run::RunStatus;
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Azure's own dry run of the same text, on demand: it takes an agent and some seconds.
#[component]
pub fn AzureAnswer(dry_run: DryRun) -> impl IntoView {
    let ask = ServerAction::<AskAzure>::new();
    let answer = move || {
        let answer = ask.value().get()?.ok()?;
        Some(view! { <Answer answer registry=dry_run.registry() /> })
    };
    view! {
        <div class="needs-script azure-answer">
            <ActionForm action=ask>
                <input type="hidden" name="registry" value=dry_run.registry() />
                <input type="hidden" name="policy" value=move || dry_run.text.get() />
                <Permitted operation=Operation::DryRun label="Ask Azure's own tool">
                    <Button kind=ButtonKind::Submit busy=ask.pending()>"Ask Azure's own tool"</Button>
                </Permitted>
            </ActionForm>
            <div role="status">
                {move || ask.pending().get().then(|| view! {
                    <p class="muted">"A quick run lists what it would select. This takes some seconds."</p>
                })}
                {answer}
            </div>
            <ActionError value=ask.value() />
        </div>
    }
}

#[component]
fn Answer(answer: AzureDryRun, registry: String) -> impl IntoView {
    let href = paths::run(&registry, &answer.run_id);
    let same = answer.only_in_azure.is_empty() && answer.only_here.is_empty();
    let (tone, text) = match (answer.status, same) {
        (RunStatus::Succeeded, true) => {
            (Tone::Success, "Azure's tool says the same, line by line.")
        }
        (RunStatus::Succeeded, false) => (Tone::Warning, "Azure's tool says something else."),
        (RunStatus::Queued | RunStatus::Started | RunStatus::Running, _) => (
            Tone::Warning,
            "The run has not ended yet; its log will say what it selects.",
        ),
        (
            RunStatus::Failed
            | RunStatus::Canceled
            | RunStatus::Error
            | RunStatus::Timeout
            | RunStatus::Unknown,
            _,
        ) => (Tone::Warning, "The run did not end well; its log says why."),
    };
    let lines = |title: &'static str, lines: Vec<String>| {
        (!lines.is_empty()).then(|| {
            view! {
                <p>{title}</p>
                <pre class="break">{lines.join("\n")}</pre>
            }
        })
    };
    view! {
        <Notice tone>
            <p>{text} " " <a href=href>"Run " {answer.run_id}</a></p>
            {lines("Only Azure says:", answer.only_in_azure)}
            {lines("Only this console says:", answer.only_here)}
        </Notice>
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn html(status: RunStatus, only_in_azure: &[&str], only_here: &[&str]) -> String {
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        let answer = AzureDryRun {
            run_id: "ca7".into(),
            status,
            output: Vec::new(),
            only_in_azure: lines(only_in_azure),
            only_here: lines(only_here),
        };
        let _ = any_spawner::Executor::init_futures_executor();
        Owner::new().with(|| {
            let registry = "harbour".to_owned();
            view! { <Answer answer registry /> }.to_html()
        })
    }

    #[test]
    fn a_difference_is_shown_line_by_line_with_the_run_that_told_it() {
        let page = html(RunStatus::Succeeded, &["app,2.0", "app,3.0"], &["app,1.0"]);
        for part in [
            "tool says something else",
            "Only Azure says:",
            "app,2.0\napp,3.0",
            "Only this console says:",
            "app,1.0",
            "/registries/harbour/runs/ca7",
        ] {
            assert!(page.contains(part), "`{part}` is not in {page}");
        }
    }

    #[test]
    fn agreement_and_a_run_without_an_end_are_not_differences() {
        let same = html(RunStatus::Succeeded, &[], &[]);
        assert!(same.contains("says the same, line by line"), "{same}");
        let running = html(RunStatus::Running, &[], &[]);
        assert!(running.contains("has not ended yet"), "{running}");
        for page in [same, running] {
            assert!(!page.contains("Only "), "{page}");
        }
    }
}
