//! Which role somebody gets by what a provider says of them.
use anyhow::{Result, anyhow, bail};
use drydock_workflow::{Role, Scope};

/// Given by the operator, in the order in which they are tried: roles are no ladder, so the first that
/// fits decides.
#[derive(Clone, Debug, Default)]
pub struct Grants(Vec<Grant>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Grant {
    value: String,
    role: Role,
    scope: Scope,
}

impl Grants {
    /// Each text is `VALUE=ROLE` or `VALUE=ROLE@PLACE,PLACE`.
    ///
    /// # Errors
    /// A text that is none, an unknown role or place, and the role of embeds, which nobody signs in to.
    pub fn parse(texts: &[String]) -> Result<Self> {
        let grants: Result<_> = texts.iter().map(|text| parse(text)).collect();
        Ok(Self(grants?))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn find(&self, values: &[String]) -> Option<(Role, Scope)> {
        let grant = self.0.iter().find(|grant| values.contains(&grant.value))?;
        Some((grant.role, grant.scope.clone()))
    }
}

fn parse(text: &str) -> Result<Grant> {
    let wrong = || anyhow!("`{text}` is no grant: write VALUE=ROLE, or VALUE=ROLE@PLACE,PLACE");
    // A group may have any name, an equals sign in it too.
    let (value, granted) = text.rsplit_once('=').ok_or_else(wrong)?;
    let (role, scope) = granted.split_once('@').unwrap_or((granted, ""));
    if value.is_empty() || granted.ends_with('@') {
        return Err(wrong());
    }
    let role = match Role::find(role) {
        Some(Role::Embed) => {
            bail!("`{text}`: the role embed is for frames, and nobody signs in to it")
        }
        Some(role) => role,
        None => {
            let roles = Role::ALL.iter().filter(|role| **role != Role::Embed);
            let roles: Vec<&str> = roles.map(|role| role.as_str()).collect();
            bail!(
                "`{text}`: there is no role `{role}`; there are {}",
                roles.join(", ")
            )
        }
    };
    Ok(Grant {
        value: value.to_owned(),
        role,
        scope: scope
            .parse()
            .map_err(|error| anyhow!("`{text}`: {error}"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_grant_that_fits_decides() {
        let texts = [
            "secops=admin",
            "CN=web,DC=corp=editor@prod/web/*",
            "all=viewer",
        ];
        let grants = Grants::parse(&texts.map(str::to_owned)).unwrap();
        let find = |values: &[&str]| {
            let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
            grants
                .find(&values)
                .map(|(role, scope)| (role, scope.to_string()))
        };
        assert_eq!(find(&["all", "secops"]), Some((Role::Admin, String::new())));
        let web = find(&["CN=web,DC=corp", "all"]);
        assert_eq!(web, Some((Role::Editor, "prod/web/*".to_owned())));
        assert_eq!(find(&["SECOPS"]), None);
        assert_eq!(find(&[]), None);
    }

    #[test]
    fn what_grants_nothing_is_refused_at_the_start() {
        for text in [
            "secops",
            "=admin",
            "a=root",
            "a=embed",
            "a=admin@",
            "a=admin@web prod",
        ] {
            assert!(Grants::parse(&[text.to_owned()]).is_err(), "{text}");
        }
    }
}
