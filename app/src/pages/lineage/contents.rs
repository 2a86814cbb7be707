use super::Source;
use super::lookup::{keep_asking, lookup_view};
use crate::api::images::{get_contents, list_attachments};
use crate::error::ApiError;
use crate::format;
use crate::ui::{Card, Cell, CodeBlock, Table, Time};
use crate::widgets::{DigestText, Loaded};
use drydock_domain::lineage::{Attachment, Configuration, Content, ImageContents, Lookup};
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The image that the address names: what is in it, and what is attached to it.
#[derive(Clone, Copy)]
pub struct Chosen {
    pub digest: Memo<Option<String>>,
    contents: Resource<Result<Option<Lookup<ImageContents>>, ApiError>>,
    attachments: Resource<Result<Option<Vec<Attachment>>, ApiError>>,
}

impl Chosen {
    pub fn new(registry: Memo<String>, repository: Memo<String>) -> Self {
        let query = use_query_map();
        let digest = Memo::new(move |_| {
            let digest = query.read().get("image");
            digest.filter(|digest| !digest.is_empty())
        });
        let key = move || (registry.get(), repository.get(), digest.get());
        let contents = Resource::new(key, |(registry, repository, digest)| async move {
            match digest {
                Some(digest) => get_contents(registry, repository, digest).await.map(Some),
                None => Ok(None),
            }
        });
        keep_asking(contents, |answer| {
            matches!(answer, Some(Lookup::Underway(_)))
        });
        let attachments = Resource::new(key, |(registry, repository, digest)| async move {
            match digest {
                Some(digest) => list_attachments(registry, repository, digest)
                    .await
                    .map(Some),
                None => Ok(None),
            }
        });
        Self {
            digest,
            contents,
            attachments,
        }
    }
}

#[component]
pub fn Contents(chosen: Chosen, source: Source, digest: String, tag: Option<String>) -> AnyView {
    let Chosen {
        contents,
        attachments,
        ..
    } = chosen;
    let title = format!("Image {}", format::short_digest(&digest));
    // Nothing is said of an image that may not be there: the rest waits for this answer.
    view! {
        <div id="contents">
            <Card title>
                <Loaded resource=attachments label="Loading what is attached" let:attachments>
                    {view! {
                        {attachments.map(shelf)}
                        {commands(&source, &digest, tag.clone())}
                        <Loaded resource=contents label="Reading the image" let:contents>
                            {contents.map_or_else(|| ().into_any(), |contents| lookup_view(contents, inside))}
                        </Loaded>
                    }
                        .into_any()}
                </Loaded>
            </Card>
        </div>
    }
    .into_any()
}

fn shelf(attachments: Vec<Attachment>) -> AnyView {
    if attachments.is_empty() {
        return view! {
            <p class="muted">"Nothing is attached: no SBOM, no VEX, no signature, no report."</p>
        }
        .into_any();
    }
    let rows: Vec<_> = attachments
        .into_iter()
        .map(|it| {
            view! {
                <tr role="row">
                    <Cell column="Attached">{it.kind.as_str()}</Cell>
                    <Cell column="Type"><code class="break">{it.media_type}</code></Cell>
                    <Cell column="Digest"><DigestText digest=it.digest /></Cell>
                </tr>
            }
        })
        .collect();
    view! {
        <Table caption="Attached to this image" columns=&["Attached", "Type", "Digest"]>{rows}</Table>
    }
    .into_any()
}

fn commands(source: &Source, digest: &str, tag: Option<String>) -> Option<AnyView> {
    let repository = RepositoryName::parse(&source.repository).ok()?;
    let digest = Digest::parse(digest).ok()?;
    let content = Content {
        login_server: &source.login_server,
        repository: &repository,
        digest: &digest,
    };
    let rollback = tag.and_then(|tag| Tag::parse(&tag).ok()).map(|tag| {
        view! {
            <CodeBlock label="line of a Dockerfile" text=content.from_line(&tag) />
            <p class="muted">{format!("Point {tag} to this content again:")}</p>
            <CodeBlock label="command to roll back" text=content.rollback_command(&tag) />
            {(!source.sandbox)
                .then(|| {
                    let text = content.rollback_with_az(&source.registry, &tag);
                    view! { <CodeBlock label="Azure command to roll back" text /> }
                })}
        }
    });
    Some(
        view! {
            <details class="more">
                <summary>"Pull by digest, and roll back"</summary>
                <CodeBlock label="pull command" text=content.pull_command() />
                {rollback}
            </details>
        }
        .into_any(),
    )
}

fn inside(contents: ImageContents) -> AnyView {
    let os = contents.os.map(|os| {
        let end = if os.end_of_life {
            ", past its end of life"
        } else {
            ""
        };
        format!("{} {}{end}", os.family, os.name)
    });
    let n_packages = contents.packages.len() as u64;
    let packages: Vec<_> = contents
        .packages
        .into_iter()
        .map(|it| {
            view! {
                <tr role="row">
                    <Cell column="Package"><code>{it.name}</code></Cell>
                    <Cell column="Version"><code class="break">{it.version}</code></Cell>
                    <Cell column="Architecture">{it.architecture}</Cell>
                </tr>
            }
        })
        .collect();
    let packages = match contents.note {
        Some(why) => view! { <p class="muted">{format!("No packages: {why}.")}</p> }.into_any(),
        None => view! {
            <details class="more">
                <summary>{format::count(n_packages, "package", "packages")}</summary>
                <Table caption="Packages" columns=&["Package", "Version", "Architecture"]>
                    {packages}
                </Table>
            </details>
        }
        .into_any(),
    };
    let layers = contents.layers.into_iter().map(|layer| {
        view! {
            <li>
                <DigestText digest=layer.digest />
                " "
                {format::bytes(layer.size_bytes)}
            </li>
        }
    });
    view! {
        <p>
            {os.unwrap_or_else(|| "It does not say which system it holds".to_owned())}
            <span class="muted">". Read out of its layers on " <Time at=contents.read_at /> "."</span>
        </p>
        {packages}
        {configuration(contents.configuration)}
        <details class="more">
            <summary>"Layers, base first"</summary>
            <ol class="notes">{layers.collect_view()}</ol>
        </details>
    }
    .into_any()
}

fn configuration(it: Configuration) -> AnyView {
    let join = |words: Vec<String>| words.join(" ");
    let set = |words: std::collections::BTreeSet<String>| {
        words.into_iter().collect::<Vec<_>>().join(", ")
    };
    let mut fields = vec![
        ("Platform".to_owned(), it.platform),
        ("Entrypoint".to_owned(), join(it.entrypoint)),
        ("Command".to_owned(), join(it.command)),
        ("User".to_owned(), it.user),
        ("Working directory".to_owned(), it.working_directory),
        ("Ports".to_owned(), set(it.ports)),
        ("Volumes".to_owned(), set(it.volumes)),
        ("Stop signal".to_owned(), it.stop_signal),
    ];
    let named = |kind: &'static str| {
        move |(name, value): (String, String)| (format!("{kind} {name}"), value)
    };
    fields.extend(it.environment.into_iter().map(named("Environment")));
    fields.extend(it.labels.into_iter().map(named("Label")));
    let rows: Vec<_> = fields
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(field, value)| {
            view! {
                <tr role="row">
                    <Cell column="Field">{field}</Cell>
                    <Cell column="Value"><code class="break">{value}</code></Cell>
                </tr>
            }
        })
        .collect();
    view! {
        <details class="more">
            <summary>"Configuration"</summary>
            <Table caption="Configuration" columns=&["Field", "Value"]>{rows}</Table>
        </details>
    }
    .into_any()
}
