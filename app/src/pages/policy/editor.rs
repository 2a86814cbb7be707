//! The state of the policy page. The text is the one truth; everything else is derived from it.
use crate::state::draft::{self, Draft};
use drydock_domain::console::WorkflowState;
use drydock_domain::inventory::Inventory;
use drydock_domain::policy::document::{self, Edit};
use drydock_domain::policy::history::{History, Origin};
use drydock_domain::policy::{self, Advice, Fix, Fixer, Policy, PolicyCheck, advise, check};
use drydock_domain::schedule::Schedule;
use drydock_domain::selection::select;
use leptos::prelude::*;

#[derive(Clone, Copy)]
pub struct Editor {
    pub state: StoredValue<WorkflowState>,
    pub inventory: StoredValue<Inventory>,
    /// Read only: it is changed with [`Editor::write`], which remembers the way back.
    pub text: RwSignal<String>,
    history: StoredValue<History>,
    /// Whether there is something to undo, and to redo.
    pub ways: RwSignal<(bool, bool)>,
    /// The text that is deployed, empty where none is.
    pub deployed: RwSignal<String>,
    /// Why the policy changes.
    pub comment: RwSignal<String>,
    /// Digest of the deployed policy that the text was made from.
    pub based_on: RwSignal<String>,
    /// How often an answer said that somebody else has deployed another one since.
    pub overtaken: RwSignal<u32>,
    /// All three tasks are there: the policy is updated, not created with them.
    pub configured: RwSignal<bool>,
    pub days: RwSignal<String>,
    pub at: RwSignal<String>,
    /// The text was found again in this browser, not deployed.
    pub restored: RwSignal<bool>,
    pub alive: RwSignal<bool>,
    pub check: Memo<PolicyCheck>,
    /// What either validator says and what we advise, in the document's order, with what mends it.
    pub findings: Memo<Vec<Advice>>,
    /// The deployed policy, where it can be read.
    pub before: Memo<Option<Policy>>,
    /// Whether the form shows what the text says: else it shows the last text that could be read.
    pub readable: Memo<bool>,
    /// The last text that could be read, for the form; nothing where nothing is written.
    pub policy: Memo<Policy>,
    pub matches: Memo<u32>,
}

/// What an address without JavaScript carries: the text to be checked and the schedule's fields.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub text: Option<String>,
    pub days: Option<String>,
    pub at: Option<String>,
    pub comment: Option<String>,
}

impl Editor {
    pub fn new(state: WorkflowState, inventory: Inventory, given: Given) -> Self {
        let policy = state.policy.as_ref();
        let deployed = policy.map(|policy| policy.text.replace("\r\n", "\n"));
        let deployed = deployed.unwrap_or_default();
        let digest = policy.map(|policy| policy.digest.clone());
        let text = given.text.map(|text| text.replace("\r\n", "\n"));
        let text = text.unwrap_or_else(|| deployed.clone());
        let history = StoredValue::new(History::new(text.clone()));
        let text = RwSignal::new(text);
        let deployed = RwSignal::new(deployed);
        let cron = state.cron.as_deref();
        let schedule = cron.and_then(|cron| Schedule::from_cron(cron).ok());
        let (days, at) = fields(schedule);
        let inventory = StoredValue::new(inventory);
        let check = Memo::new(move |_| text.with(|text| check(text)));
        let is_blank = move || text.with(|text| text.trim_ascii().is_empty());
        let readable = Memo::new(move |_| check.with(|check| check.policy.is_some()) || is_blank());
        let policy = Memo::new(move |last: Option<&Policy>| {
            let read = check.with(|check| check.policy.clone());
            let last = last.filter(|_| !is_blank());
            read.or_else(|| last.cloned()).unwrap_or_default()
        });
        let before = Memo::new(move |_| deployed.with(|text| policy::parse(text).ok()));
        let findings = Memo::new(move |_| {
            let advice = text.with(|text| {
                before.with(|before| inventory.with_value(|all| advise(text, all, before.as_ref())))
            });
            check.with(|check| text.with(|text| in_order(text, check, advice)))
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
            history,
            ways: RwSignal::new((false, false)),
            deployed,
            comment: RwSignal::new(given.comment.unwrap_or_default()),
            based_on: RwSignal::new(digest.unwrap_or_default()),
            overtaken: RwSignal::new(0),
            days: RwSignal::new(given.days.unwrap_or(days)),
            at: RwSignal::new(given.at.unwrap_or(at)),
            restored: RwSignal::new(false),
            alive: RwSignal::new(false),
            check,
            findings,
            before,
            readable,
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
            self.write(found.text, Origin::Whole);
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
        self.write(self.deployed.get_untracked(), Origin::Whole);
        let digest = self.state.with_value(|state| {
            let policy = state.policy.as_ref();
            policy.map(|policy| policy.digest.clone())
        });
        self.based_on.set(digest.unwrap_or_default());
    }

    /// A change of the form.
    pub fn edit(&self, edit: &Edit) {
        let origin = match edit {
            // Their fields change with each key.
            Edit::Repository { .. } | Edit::Tags { .. } => Origin::Typing,
            Edit::Convention(_)
            | Edit::AddTag { .. }
            | Edit::RemoveTag { .. }
            | Edit::Enabled { .. }
            | Edit::Add(_)
            | Edit::Remove { .. }
            | Edit::Move { .. } => Origin::Whole,
        };
        let edited = self.text.with_untracked(|text| document::apply(text, edit));
        if let Some(edited) = edited {
            self.write(edited, origin);
        }
    }

    /// What a button beside a finding does.
    pub fn fix(&self, fix: &Fix) {
        let fixed = self.text.with_untracked(|text| fix.splice.apply(text));
        if let Some(fixed) = fixed {
            self.write(fixed, Origin::Whole);
        }
    }

    /// Every change of the text comes through here, wherever it was made.
    pub fn write(&self, text: String, origin: Origin) {
        self.history
            .update_value(|history| history.record(&text, origin));
        self.show(text);
    }

    pub fn undo(&self) {
        self.go(History::undo);
    }

    pub fn redo(&self) {
        self.go(History::redo);
    }

    fn go(&self, way: impl FnOnce(&mut History) -> bool) {
        let gone = self.history.try_update_value(|history| {
            let gone = way(history);
            gone.then(|| history.text().to_owned())
        });
        if let Some(text) = gone.flatten() {
            self.show(text);
        }
    }

    fn show(&self, text: String) {
        let ways = self
            .history
            .with_value(|history| (history.can_undo(), history.can_redo()));
        self.ways.set(ways);
        self.text.set(text);
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
        self.comment.set(String::new());
        self.based_on.set(digest);
        self.deployed.set(text);
    }

    pub fn is_changed(&self) -> bool {
        self.text
            .with(|text| self.deployed.with(|deployed| text != deployed))
    }

    /// What the findings say about one place: those at it, or also those `below` it. Nothing while the
    /// form waits: the places of its rows are those of an earlier text.
    pub fn findings_at(self, pointer: String, below: bool) -> Memo<Vec<Advice>> {
        Memo::new(move |_| {
            if !self.readable.get() {
                return Vec::new();
            }
            self.findings.with(|findings| {
                let here = findings.iter();
                let here = here.filter(|advice| is_at(&advice.finding.pointer, &pointer, below));
                here.cloned().collect()
            })
        })
    }
}

/// Findings of the validators with their fixes, and the advice between them.
fn in_order(text: &str, check: &PolicyCheck, advice: Vec<Advice>) -> Vec<Advice> {
    if text.trim_ascii().is_empty() {
        return Vec::new();
    }
    let fixer = Fixer::new(text);
    let found = check.findings.iter().map(|finding| Advice {
        fixes: fixer.fixes(finding),
        finding: finding.clone(),
    });
    let mut all: Vec<Advice> = found.chain(advice).collect();
    all.sort_by_key(|advice| (advice.finding.line, advice.finding.column));
    all
}

fn is_at(found: &str, pointer: &str, below: bool) -> bool {
    let rest = found.strip_prefix(pointer);
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
