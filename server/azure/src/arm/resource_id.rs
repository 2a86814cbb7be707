use crate::AzureError;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The ARM id of a registry. ARM answers in any casing, so ids are compared without case.
#[derive(Clone, Debug)]
pub struct RegistryId(String);

impl RegistryId {
    /// `/subscriptions/S/resourceGroups/G/providers/Microsoft.ContainerRegistry/registries/R`.
    pub fn parse(id: &str) -> Result<Self, AzureError> {
        let parts: Vec<&str> = id.trim_end_matches('/').split('/').collect();
        let shape = parts.len() == 9
            && parts[0].is_empty()
            && parts[1].eq_ignore_ascii_case("subscriptions")
            && parts[3].eq_ignore_ascii_case("resourceGroups")
            && parts[5].eq_ignore_ascii_case("providers")
            && parts[6].eq_ignore_ascii_case("Microsoft.ContainerRegistry")
            && parts[7].eq_ignore_ascii_case("registries")
            && parts.iter().skip(1).all(|part| !part.is_empty());
        if shape {
            Ok(Self(parts.join("/")))
        } else {
            Err(AzureError::Invalid {
                field: "registry".into(),
                why: format!("`{id}` is not the id of a container registry"),
            })
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part: the registry's name.
    pub fn name(&self) -> &str {
        self.part(8)
    }

    pub fn subscription(&self) -> &str {
        self.part(2)
    }

    pub fn resource_group(&self) -> &str {
        self.part(4)
    }

    fn part(&self, index: usize) -> &str {
        self.0
            .split('/')
            .nth(index)
            .expect("`parse` accepts nine parts only")
    }
}

impl fmt::Display for RegistryId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl PartialEq for RegistryId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for RegistryId {}

impl Hash for RegistryId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/Reg";

    #[test]
    fn ids_are_equal_in_any_casing() {
        let id = RegistryId::parse(ID).unwrap();
        assert_eq!(id, RegistryId::parse(&ID.to_lowercase()).unwrap());
        assert_eq!((id.subscription(), id.name()), ("s", "Reg"));
    }

    #[test]
    fn only_a_registry_is_accepted() {
        for id in [
            "",
            "/subscriptions/s",
            &ID.replace("Reg", ""),
            &format!("{ID}/tasks/t"),
        ] {
            assert!(RegistryId::parse(id).is_err(), "{id}");
        }
    }
}
