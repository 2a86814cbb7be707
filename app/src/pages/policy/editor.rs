//! The state of the policy page. The text is the one truth; everything else is derived from it.
use super::edit::{self, Edit};
use crate::state::draft::{self, Draft};
use drydock_domain::console::WorkflowState;
use drydock_domain::inventory::Inventory;
use drydock_domain::policy::{Finding, Policy, PolicyCheck, check};
use drydock_domain::schedule::Schedule;
use drydock_domain::selection::select;
use leptos::prelude::*;

#[derive(Clone, Copy)]
pub struct Editor {
    pub state: StoredValue<WorkflowState>,
    pub inventory: StoredValue<Inventory>,
    pub text: RwSignal<String>,
    /// The text that is deployed, empty where none is.
    pub deployed: RwSignal<String>,
    /// Digest of the deployed policy that the text was made from.
    pub based_on: RwSignal<String>,
    /// All three tasks are there: the policy is updated, not created with them.
    pub configured: RwSignal<bool>,
    pub days: RwSignal<String>,
    pub at: RwSignal<String>,
    /// The text was found again in this browser, not deployed.
    pub restored: RwSignal<bool>,
    pub alive: RwSignal<bool>,
    pub check: Memo<PolicyCheck>,
    /// The last text that could be read, for the form.
    pub policy: Memo<Policy>,
    pub matches: Memo<u32>,
}

/// What an address without JavaScript carries: the text to be checked and the schedule's fields.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub text: Option<String>,
    pub days: Option<String>,
    pub at: Option<String>,
}

impl Editor {
    pub fn new(state: WorkflowState, inventory: Inventory, given: Given) -> Self {
        let policy = state.policy.as_ref();
        let deployed = policy.map(|policy| policy.text.replace("\r\n", "\n"));
        let deployed = deployed.unwrap_or_default();
        let digest = policy.map(|policy| policy.digest.clone());
        let text = given.text.map(|text| text.replace("\r\n", "\n"));
        let text = RwSignal::new(text.unwrap_or_else(|| deployed.clone()));
        let cron = state.cron.as_deref();
        let schedule = cron.and_then(|cron| Schedule::from_cron(cron).ok());
        let (days, at) = fields(schedule);
        let inventory = StoredValue::new(inventory);
        let check = Memo::new(move |_| text.with(|text| check(text)));
        let policy = Memo::new(move |last: Option<&Policy>| {
            let read = check.with(|check| check.policy.clone());
            read.or_else(|| last.cloned()).unwrap_or_default()
        });
        let matches = Memo::new(move |_| {
            let selection =
                policy.with(|policy| inventory.with_value(|all| select(policy, all).matches()));
            u32::try_from(selection).unwrap_or(u32::MAX)
        });
        Self {
            configured: RwSignal::new(state.is_configured()),
            state: StoredValue::new(state),
            inventory,
            text,
            deployed: RwSignal::new(deployed),
            based_on: RwSignal::new(digest.unwrap_or_default()),
            days: RwSignal::new(given.days.unwrap_or(days)),
            at: RwSignal::new(given.at.unwrap_or(at)),
            restored: RwSignal::new(false),
            alive: RwSignal::new(false),
            check,
            policy,
            matches,
        }
    }

    pub fn registry(&self) -> String {
        self.state.with_value(|state| state.registry.name.clone())
    }

    /// Finds the draft of this tab, and from then on keeps it. For the browser: to be called once.
    pub fn keep_draft(self) {
        Effect::new(move |begun: Option<()>| {
            let registry = self.registry();
            let now = Draft {
                text: self.text.get(),
                based_on: self.based_on.get(),
                days: self.days.get(),
                at: self.at.get(),
            };
            if begun.is_none() {
                self.alive.set(true);
                if now.text == self.deployed.get_untracked()
                    && let Some(found) = draft::find(&registry)
                {
                    self.restore(found);
                }
                return;
            }
            let is_deployed = self.deployed.with(|deployed| *deployed == now.text);
            match is_deployed && self.configured.get() {
                true => draft::forget(&registry),
                false => draft::keep(&registry, &now),
            }
        });
    }

    fn restore(&self, found: Draft) {
        if !found.text.trim().is_empty() {
            let is_other = |deployed: &String| *deployed != found.text;
            self.restored.set(self.deployed.with_untracked(is_other));
            self.text.set(found.text);
            self.based_on.set(found.based_on);
        }
        if !self.configured.get_untracked() && !found.days.is_empty() {
            self.days.set(found.days);
            self.at.set(found.at);
        }
    }

    /// Gives up what has not been applied.
    pub fn discard(&self) {
        self.restored.set(false);
        self.text.set(self.deployed.get_untracked());
        let digest = self.state.with_value(|state| {
            let policy = state.policy.as_ref();
            policy.map(|policy| policy.digest.clone())
        });
        self.based_on.set(digest.unwrap_or_default());
    }

    pub fn edit(&self, edit: &Edit) {
        let edited = self.text.with_untracked(|text| edit::apply(text, edit));
        if let Some(edited) = edited {
            self.text.set(edited);
        }
    }

    /// What the last change made of the deployed workflow.
    pub fn applied(&self, text: String, digest: String) {
        self.configured.set(true);
        self.restored.set(false);
        self.state.update_value(|state| {
            if let Some(policy) = &mut state.policy {
                policy.digest.clone_from(&digest);
            }
        });
        self.based_on.set(digest);
        self.deployed.set(text);
    }

    pub fn is_changed(&self) -> bool {
        self.text
            .with(|text| self.deployed.with(|deployed| text != deployed))
    }

    /// What the findings say about one place: those at it, or also those `below` it.
    pub fn findings_at(self, pointer: String, below: bool) -> Memo<Vec<Finding>> {
        Memo::new(move |_| {
            self.check.with(|check| {
                let here = check.findings.iter();
                let here = here.filter(|finding| is_at(finding, &pointer, below));
                here.cloned().collect()
            })
        })
    }
}

fn is_at(finding: &Finding, pointer: &str, below: bool) -> bool {
    let rest = finding.pointer.strip_prefix(pointer);
    rest.is_some_and(|rest| rest.is_empty() || below && rest.starts_with('/'))
}

/// The fields of a schedule; a week, at night in Europe and before work in America, where there is
/// none yet.
fn fields(schedule: Option<Schedule>) -> (String, String) {
    match schedule {
        Some(schedule) => (
            schedule.days().to_string(),
            format!("{:02}:{:02}", schedule.hour(), schedule.minute()),
        ),
        None => ("7".to_owned(), "02:30".to_owned()),
    }
}
