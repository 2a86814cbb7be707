//! A finished run can be read when the registry has forgotten it, and not when it was changed.
use crate::desk::{Desk, ada};
use drydock_workflow::WorkflowError;
use std::path::Path;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_azure_has_let_go_of_opens_from_the_archive_with_its_hash_verified() {
    let desk = Desk::configured().await;
    let run_id = desk.run().await.unwrap();
    desk.until(&run_id, |tree| tree.status.is_finished()).await;
    let log = async || {
        let read = desk
            .workflow
            .read_log(&ada(), &desk.registry, &run_id)
            .await;
        read.map(|log| log.text)
    };
    let live = log().await.unwrap();
    assert!(live.contains(&run_id), "{live}");

    let n_kept = desk.workflow.archive_runs(&desk.registry).await.unwrap();
    assert_eq!(n_kept, 1);
    let again = desk.workflow.archive_runs(&desk.registry).await.unwrap();
    assert_eq!(again, 0, "each run is archived once");
    let caller = ada();
    let find = || {
        desk.workflow
            .find_archived_run(&caller, &desk.registry, &run_id)
    };
    let archived = find().await.unwrap().unwrap();

    // As if its thirty days were over.
    let gone = remove_log(desk.folder.path(), &format!("{run_id}.log"));
    assert!(gone, "the sandbox keeps logs elsewhere now");
    assert_eq!(log().await.unwrap(), live);

    let name = archived.log.unwrap();
    let name = name.trim_start_matches("sha256:");
    let file = desk.folder.path().join("evidence").join(name);
    std::fs::write(file, live.replace(&run_id, "another")).unwrap();
    let error = find().await.unwrap_err();
    let told = matches!(&error, WorkflowError::Conflict { why } if why.contains("was changed"));
    assert!(told, "{error}");
}

fn remove_log(folder: &Path, name: &str) -> bool {
    let mut removed = false;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            removed |= remove_log(&path, name);
        } else if path.file_name().is_some_and(|file| file == name) {
            std::fs::remove_file(path).unwrap();
            removed = true;
        }
    }
    removed
}
