use drydock_domain::access::{self, Denial, Operation, Role, Scope};

/// Who asks now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The name on an audit entry.
    pub actor: String,
    pub role: Role,
    /// What of the registries exists for this caller.
    pub scope: Scope,
}

impl Caller {
    /// Of every registry; see [`Caller::within`].
    pub fn new(actor: impl Into<String>, role: Role) -> Self {
        Self {
            actor: actor.into(),
            role,
            scope: Scope::everything(),
        }
    }

    /// The same caller, who reaches these places alone.
    #[must_use]
    pub fn within(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// May this caller do `operation`? The buttons of the console ask the same function.
    pub fn authorise(&self, operation: Operation) -> Result<(), Denial> {
        access::authorise(self.role, operation)
    }
}
