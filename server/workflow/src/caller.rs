use drydock_domain::access::{self, Denial, Operation, Role};

/// Who asks now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The name on an audit entry.
    pub actor: String,
    pub role: Role,
}

impl Caller {
    pub fn new(actor: impl Into<String>, role: Role) -> Self {
        Self {
            actor: actor.into(),
            role,
        }
    }

    /// May this caller do `operation`? The buttons of the console ask the same function.
    pub fn authorise(&self, operation: Operation) -> Result<(), Denial> {
        access::authorise(self.role, operation)
    }
}
