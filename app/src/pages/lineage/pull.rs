use super::Source;
use crate::ui::CodeBlock;
use leptos::prelude::*;

/// How to pull exactly this content, whatever the tag says later.
#[component]
pub fn Pull(source: Source, digest: String, tag: String) -> impl IntoView {
    let text = command(&source, &digest, &tag);
    view! {
        <details class="more">
            <summary>"Pull by digest"</summary>
            <CodeBlock label=format!("pull command of {tag}") text />
        </details>
    }
}

/// The sandbox speaks plain HTTP on loopback, which `skopeo` has to be told.
fn command(source: &Source, digest: &str, tag: &str) -> String {
    let Source {
        login_server,
        repository,
        sandbox,
    } = source;
    let reference = format!("{login_server}/{repository}@{digest}");
    if *sandbox {
        let directory = repository.rsplit('/').next().unwrap_or(repository);
        format!("skopeo copy --src-tls-verify=false docker://{reference} oci:{directory}:{tag}")
    } else {
        format!("docker pull {reference}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_the_content_and_not_the_tag() {
        let check = |sandbox, expected: &str| {
            let source = Source {
                login_server: "localhost:5080".to_owned(),
                repository: "library/debian".to_owned(),
                sandbox,
            };
            assert_eq!(command(&source, "sha256:ab", "12-1"), expected);
        };
        check(false, "docker pull localhost:5080/library/debian@sha256:ab");
        check(
            true,
            "skopeo copy --src-tls-verify=false docker://localhost:5080/library/debian@sha256:ab \
             oci:debian:12-1",
        );
    }
}
