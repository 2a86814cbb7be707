use drydock_ledger::Location;
use sqlx::AssertSqlSafe;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A PostgreSQL of our own in a new folder, reached by a socket in it; gone when this is dropped.
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    databases: AtomicU32,
}

impl Cluster {
    /// `None` where PostgreSQL is not installed: the tests of it are then skipped, and say so.
    pub fn start() -> Option<Self> {
        let Some(programs) = find_programs() else {
            eprintln!(
                "\n*** SKIPPED: PostgreSQL is not installed here (apt-get install postgresql), so \
                 nothing was tested on it ***\n"
            );
            return None;
        };
        let folder = run(as_its_user("mktemp").args(["-d", "/tmp/drydock-postgres.XXXXXXXX"]));
        let cluster = Self {
            programs,
            folder: PathBuf::from(folder.trim()),
            databases: AtomicU32::new(0),
        };
        let data = cluster.folder.join("data");
        run(cluster
            .program("initdb")
            .args([
                "--auth=trust",
                "--username=drydock",
                "--no-sync",
                "--encoding=UTF8",
                "-D",
            ])
            .arg(&data));
        let options = format!(
            "-c listen_addresses='' -c fsync=off -k {}",
            cluster.folder.display()
        );
        run(cluster
            .program("pg_ctl")
            .args(["start", "--wait", "-o", &options, "-l"])
            .arg(cluster.folder.join("log"))
            .arg("-D")
            .arg(&data));
        Some(cluster)
    }

    pub async fn create_database(&self) -> Location {
        sqlx::any::install_default_drivers();
        let name = format!("ledger{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let pool = sqlx::AnyPool::connect(&self.url("postgres")).await.unwrap();
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::query(create).execute(&pool).await.unwrap();
        pool.close().await;
        Location::parse(&self.url(&name))
    }

    /// All of a database as a file, as the README says to write it.
    pub fn dump(&self, location: &Location) -> PathBuf {
        let Location::Postgres(url) = location else {
            panic!("{location} is not in a cluster");
        };
        let file = self.folder.join("dump");
        let mut dump = self.program("pg_dump");
        run(dump
            .args(["--format=custom", "--file"])
            .arg(&file)
            .arg(url.as_str()));
        file
    }

    /// A new database with what such a file holds.
    pub async fn restore(&self, dump: &Path) -> Location {
        let location = self.create_database().await;
        let Location::Postgres(url) = &location else {
            panic!("{location} is not in a cluster");
        };
        let mut restore = self.program("pg_restore");
        run(restore
            .args(["--no-owner", "--exit-on-error", "--dbname"])
            .arg(url.as_str())
            .arg(dump));
        location
    }

    fn url(&self, database: &str) -> String {
        let folder = self.folder.display();
        format!("postgres://drydock@localhost/{database}?host={folder}")
    }

    fn program(&self, name: &str) -> Command {
        as_its_user(self.programs.join(name).to_str().unwrap())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let mut stop = self.program("pg_ctl");
        stop.args(["stop", "--wait", "-m", "immediate", "-D"])
            .arg(data);
        run(&mut stop);
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

/// Debian keeps them out of the PATH, one folder a version.
fn find_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok();
    let folders = versions.into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.path().join("bin")).collect();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH")?));
    folders
        .into_iter()
        .find(|folder| folder.join("initdb").exists())
}

/// PostgreSQL refuses to run as root.
fn as_its_user(program: &str) -> Command {
    let root = Path::new("/proc/self")
        .metadata()
        .is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--", program]);
    command
}

fn run(command: &mut Command) -> String {
    let command = command
        .current_dir("/")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?} ended with {}",
        output.status
    );
    String::from_utf8(output.stdout).unwrap()
}
