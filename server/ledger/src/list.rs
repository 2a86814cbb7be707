use crate::error::unavailable;
use crate::{Ledger, LedgerError};
use chrono::{DateTime, Utc};
use drydock_domain::audit::{Body, Kind, Outcome};
use drydock_domain::console::{AuditEntry, AuditOutcome};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AssertSqlSafe, Row};

/// The most entries that one page holds.
const PAGE_LIMIT: u32 = 500;

/// Which entries to list. Conditions are joined by *and*; the default asks for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// A person's name.
    pub actor: Option<String>,
    /// A dotted verb, whole.
    pub operation: Option<String>,
    pub object: Option<String>,
    pub outcome: Option<Outcome>,
    /// Begun at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Begun before this instant.
    pub until: Option<DateTime<Utc>>,
    /// An id that the entry, or its completion, names: a run, a digest, a repository.
    pub mention: Option<String>,
    /// Older than the entry of this sequence: the last one of the page before.
    pub before: Option<i64>,
    /// Never more than 500.
    pub limit: u32,
}

impl Ledger {
    /// Newest first, by the instant at which each was begun.
    pub async fn list_entries(&self, filter: &EntryFilter) -> Result<Vec<AuditEntry>, LedgerError> {
        let mut query = Query::new(filter);
        if let Some(before) = filter.before
            && let Some(place) = self.find_place(before).await?
        {
            query.older_than(place);
        }
        let rows = query.fetch(filter.limit, self).await?;
        rows.iter().map(entry).collect()
    }

    /// The entry of this sequence; a completion is none.
    pub async fn find_entry(&self, sequence: i64) -> Result<Option<AuditEntry>, LedgerError> {
        let mut query = Query::new(&EntryFilter::default());
        query
            .conditions
            .push(format!("begun.sequence = {sequence}"));
        let rows = query.fetch(1, self).await?;
        rows.first().map(entry).transpose()
    }

    /// The newest entry of something done to `object` whose operation begins with `operations`:
    /// `workflow.`. What was only asked for, and denied, is not among them.
    pub async fn find_newest_entry(
        &self,
        object: &str,
        operations: &str,
    ) -> Result<Option<AuditEntry>, LedgerError> {
        let filter = EntryFilter {
            object: Some(object.to_owned()),
            ..EntryFilter::default()
        };
        let mut query = Query::new(&filter);
        let operations = query.bind_text(operations);
        query.conditions.push("begun.outcome IS NULL".into());
        query.conditions.push(format!(
            "substr(begun.operation, 1, length({operations})) = {operations}"
        ));
        let rows = query.fetch(1, self).await?;
        rows.first().map(entry).transpose()
    }

    /// Where the entry stands in the list; `None` for one behind the end.
    async fn find_place(&self, sequence: i64) -> Result<Option<(i64, i64)>, LedgerError> {
        let select = "SELECT written_at, sequence FROM chain
             WHERE sequence >= $1 AND completes IS NULL ORDER BY sequence LIMIT 1";
        let read = unavailable("find the page of the audit trail");
        let row = sqlx::query(select)
            .bind(sequence)
            .fetch_optional(&self.store.pool)
            .await
            .map_err(&read)?;
        let place = |row: AnyRow| Ok((row.try_get(0)?, row.try_get(1)?));
        row.map(place).transpose().map_err(read)
    }
}

/// A list query as it grows: what it walks along, in which order, and what it leaves out.
struct Query {
    /// The table whose index gives the order. `begun` is the entry, `ended` what names its outcome.
    walked: &'static str,
    instant: &'static str,
    sequence: &'static str,
    by_outcome: bool,
    conditions: Vec<String>,
    arguments: AnyArguments,
    bound: usize,
}

impl Query {
    fn new(filter: &EntryFilter) -> Self {
        // A person or an object has far fewer entries than an outcome has.
        let by_outcome = filter.outcome.is_some()
            && filter.actor.is_none()
            && filter.object.is_none()
            && filter.mention.is_none();
        let (walked, instant, sequence) = if filter.mention.is_some() {
            let walked = "mention named JOIN chain begun ON begun.sequence = named.sequence";
            (walked, "named.begun_at", "named.sequence")
        } else if by_outcome {
            let walked = "chain ended JOIN chain begun ON begun.sequence = ended.listed";
            (walked, "ended.begun_at", "ended.listed")
        } else {
            ("chain begun", "begun.written_at", "begun.sequence")
        };
        let mut query = Self {
            walked,
            instant,
            sequence,
            by_outcome,
            conditions: vec!["begun.completes IS NULL".into()],
            arguments: AnyArguments::default(),
            bound: 0,
        };
        query.add(filter);
        query
    }

    fn add(&mut self, filter: &EntryFilter) {
        if let Some(mention) = &filter.mention {
            let term = self.bind_text(mention);
            self.conditions.push(format!("named.term = {term}"));
        }
        if let Some(outcome) = filter.outcome {
            let word = self.bind_text(outcome.as_str());
            self.conditions.push(if self.by_outcome {
                format!("ended.outcome = {word}")
            } else {
                format!("coalesce(done.outcome, begun.outcome) = {word}")
            });
        }
        if let Some(actor) = &filter.actor {
            let name = self.bind_text(actor);
            self.conditions.push(format!(
                "begun.actor = (SELECT id FROM personal WHERE subject = {name} AND data = {name})"
            ));
        }
        for (column, text) in [("operation", &filter.operation), ("object", &filter.object)] {
            if let Some(text) = text {
                let text = self.bind_text(text);
                self.conditions.push(format!("begun.{column} = {text}"));
            }
        }
        for (comparison, bound) in [(">=", filter.from), ("<", filter.until)] {
            if let Some(bound) = bound {
                let bound = self.bind_number(bound.timestamp_micros());
                self.conditions
                    .push(format!("{} {comparison} {bound}", self.instant));
            }
        }
    }

    fn older_than(&mut self, (at, sequence): (i64, i64)) {
        let (at, sequence) = (self.bind_number(at), self.bind_number(sequence));
        let columns = (self.instant, self.sequence);
        self.conditions.push(format!(
            "({}, {}) < ({at}, {sequence})",
            columns.0, columns.1
        ));
    }

    fn bind_text(&mut self, text: &str) -> String {
        self.bind(crate::draft::clean(text))
    }

    fn bind_number(&mut self, number: i64) -> String {
        self.bind(number)
    }

    fn bind<'t, T: sqlx::Encode<'t, Any> + sqlx::Type<Any>>(&mut self, value: T) -> String {
        sqlx::Arguments::add(&mut self.arguments, value)
            .expect("texts and integers can always be encoded");
        self.bound += 1;
        format!("${}", self.bound)
    }

    async fn fetch(self, limit: u32, ledger: &Ledger) -> Result<Vec<AnyRow>, LedgerError> {
        let text = format!(
            "SELECT begun.body AS begun, done.body AS done, who.data AS actor
             FROM {walked}
             LEFT JOIN chain done ON done.completes = begun.sequence
             LEFT JOIN personal who ON who.id = begun.actor
             WHERE {conditions}
             ORDER BY {instant} DESC, {sequence} DESC LIMIT {limit}",
            walked = self.walked,
            conditions = self.conditions.join(" AND "),
            instant = self.instant,
            sequence = self.sequence,
            limit = limit.min(PAGE_LIMIT),
        );
        // Only words of this file and placeholders are in the text.
        sqlx::query_with(AssertSqlSafe(text), self.arguments)
            .fetch_all(&ledger.store.pool)
            .await
            .map_err(unavailable("list audit entries"))
    }
}

fn entry(row: &AnyRow) -> Result<AuditEntry, LedgerError> {
    let read = unavailable("read an audit entry");
    let begun: String = row.try_get("begun").map_err(&read)?;
    let done: Option<String> = row.try_get("done").map_err(&read)?;
    let name: Option<String> = row.try_get("actor").map_err(&read)?;
    let begun = parse(&begun)?;
    let done = done.as_deref().map(parse).transpose()?;
    let actor = name.unwrap_or_else(|| format!("erased ({})", begun.actor));
    let (ended, detail) = match (&done, begun.kind) {
        (Some(done), _) => (Some(done), &done.detail),
        (None, Kind::Begin) => (None, &begun.detail),
        (None, _) => (Some(&begun), &begun.detail),
    };
    Ok(AuditEntry {
        sequence: begun.sequence,
        actor,
        operation: begun.operation.to_string(),
        object: begun.object.to_string(),
        detail: begun.detail.to_string(),
        begun_at: instant(begun.at)?,
        completed_at: ended.map(|ended| instant(ended.at)).transpose()?,
        outcome: ended
            .and_then(|ended| ended.outcome)
            .map(|outcome| with_detail(outcome, detail.to_string())),
    })
}

fn parse(text: &str) -> Result<Body<'_>, LedgerError> {
    Body::parse(text).map_err(|error| LedgerError::Internal {
        what: format!("an audit entry: {error}; verify the trail"),
    })
}

fn with_detail(outcome: Outcome, detail: String) -> AuditOutcome {
    match outcome {
        Outcome::Succeeded => AuditOutcome::Succeeded { detail },
        Outcome::Failed => AuditOutcome::Failed { detail },
        Outcome::Denied => AuditOutcome::Denied { detail },
        Outcome::Unknown => AuditOutcome::Unknown,
    }
}

pub(crate) fn instant(micros: i64) -> Result<DateTime<Utc>, LedgerError> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| LedgerError::Internal {
        what: format!("{micros} is not an instant"),
    })
}
