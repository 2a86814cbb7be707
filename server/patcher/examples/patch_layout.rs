//! Scans or patches an image in an OCI layout:
//! `cargo run -p drydock-patcher --example patch_layout -- scan oci:DIR:TAG` or
//! `… -- patch oci:DIR:TAG NEW_TAG`.
use drydock_patcher::layout::{patch_layout, scan_layout};
use drydock_patcher::{ArchiveConfig, Engine, EngineConfig, Job, Limits, PatchOutcome};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let cache_dir = std::env::temp_dir().join("drydock-example-cache");
    let archive = ArchiveConfig::default();
    let engine = Engine::new(EngineConfig {
        cache_dir,
        archive,
        limits: Limits::default(),
    })?;
    let job = Job {
        log: &|line| eprintln!("{line}"),
        cancelled: &|| false,
        now: now()?,
    };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["scan", image] => {
            let report = scan_layout(image, &engine, &job)?;
            println!("{}", serde_json::to_string_pretty(&report)?);
        }
        ["patch", image, tag] => match patch_layout(image, tag, &engine, &job)? {
            PatchOutcome::UpToDate { standing, .. } => println!("{standing}"),
            PatchOutcome::Patched { report, .. } => {
                println!("{}", serde_json::to_string_pretty(&report)?);
            }
        },
        _ => return Err("say: scan oci:DIR:TAG, or patch oci:DIR:TAG NEW_TAG".into()),
    }
    Ok(())
}

fn now() -> Result<chrono::DateTime<chrono::Utc>, Box<dyn Error>> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let seconds = i64::try_from(since.as_secs())?;
    chrono::DateTime::from_timestamp(seconds, 0).ok_or_else(|| "the clock is far off".into())
}
