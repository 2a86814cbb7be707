use drydock_domain::access::{self, Denial, Operation, Role, Scope};

/// Who asks now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The name on an audit entry.
    pub actor: String,
    /// What vouches for the person: two with one name differ in it, and one with two names does not.
    pub subject: String,
    pub role: Role,
    /// What of the registries exists for this caller.
    pub scope: Scope,
    /// The session that the request came with, where it came with one.
    pub session: Option<OwnSession>,
}

/// A caller's own session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSession {
    pub id: String,
    /// The role that the person has, which differs from the caller's while they look at the console
    /// as another one.
    pub role: Role,
}

impl Caller {
    /// Of every registry, and told apart by the name alone; see [`Caller::within`] and
    /// [`Caller::known_as`].
    pub fn new(actor: impl Into<String>, role: Role) -> Self {
        let actor = actor.into();
        Self {
            subject: format!("name {}", actor.trim().to_lowercase()),
            actor,
            role,
            scope: Scope::everything(),
            session: None,
        }
    }

    /// The same caller, who reaches these places alone.
    #[must_use]
    pub fn within(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// The same caller, whom this vouches for.
    #[must_use]
    pub fn known_as(self, subject: String) -> Self {
        Self { subject, ..self }
    }

    /// Looks at the console as another role than their own.
    pub fn is_viewing(&self) -> bool {
        let own = self.session.as_ref();
        own.is_some_and(|session| session.role != self.role)
    }

    /// May this caller do `operation`? The buttons of the console ask the same function.
    pub fn authorise(&self, operation: Operation) -> Result<(), Denial> {
        access::authorise(self.role, operation)
    }
}
