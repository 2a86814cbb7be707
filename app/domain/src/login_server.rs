//! Login servers with a domain name label: `name-a1b2c3.azurecr.io`, the registry's name with a hash
//! behind a hyphen, which no name of a registry has in it.

/// The registry's name at the beginning of its login server: `name` of `name-a1b2c3.azurecr.io`.
pub fn registry_name(login_server: &str) -> &str {
    let host = first_label(login_server);
    host.split('-').next().unwrap_or(host)
}

/// Whether a login server has a domain name label.
pub fn has_domain_label(login_server: &str) -> bool {
    first_label(login_server).contains('-')
}

/// Whether a task's definition cuts the label off before it asks for the next run.
///
/// A task knows its registry by its login server alone. The Azure CLI within it refuses a name with
/// a hyphen (`Registry names may contain only alpha numeric characters…`), so a definition that
/// passes on what it was given starts nothing. The az extension cuts since 1.0.0b6, as the shell
/// cuts a suffix (`${name%%-*}`) or with `cut -d`.
pub fn cuts_domain_label(definition: &str) -> bool {
    let cuts = [
        "%%-",
        "cut -d-",
        "cut -d -",
        "cut -d'-'",
        "cut -d '-'",
        "cut -d\"-\"",
        "cut -d \"-\"",
    ];
    cuts.iter().any(|cut| definition.contains(cut))
}

fn first_label(login_server: &str) -> &str {
    login_server.split('.').next().unwrap_or(login_server)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_what_comes_before_the_label() {
        for (login_server, name, is_labelled) in [
            ("harbour.azurecr.io", "harbour", false),
            ("harbour-a1b2c3.azurecr.io", "harbour", true),
            ("harbour-a1b2c3.localhost:5080", "harbour", true),
            ("localhost:5080", "localhost:5080", false),
        ] {
            assert_eq!(registry_name(login_server), name);
            assert_eq!(has_domain_label(login_server), is_labelled);
        }
    }

    #[test]
    fn a_definition_that_cuts_is_told_from_one_that_does_not() {
        assert!(cuts_domain_label("short=${host%%-*}"));
        assert!(cuts_domain_label(
            "name=$(echo $RegistryName | cut -d'-' -f1)"
        ));
        assert!(!cuts_domain_label(
            "az acr task run --registry {{.Run.Registry}} --no-wait"
        ));
    }
}
