use super::*;
use drydock_domain::run::RunCause;

struct Book {
    runs: Vec<Run>,
    logs: HashMap<String, String>,
}

impl Book {
    fn new() -> Self {
        Self {
            runs: Vec::new(),
            logs: HashMap::new(),
        }
    }

    fn with(mut self, id: &str, task: TaskName, status: RunStatus, log: &str) -> Self {
        let minute = self.runs.len();
        let created_at = format!("2026-11-21T08:{minute:02}:00Z").parse().unwrap();
        self.runs.insert(
            0,
            Run {
                id: id.into(),
                task: Some(task),
                status,
                cause: RunCause::Manual,
                created_at,
                started_at: None,
                finished_at: None,
                error: (status == RunStatus::Failed).then(|| "failed during run".into()),
            },
        );
        self.logs.insert(id.into(), log.into());
        self
    }

    fn trees(&self) -> Vec<RunTree> {
        let log = |id: &str| self.logs.get(id).map_or("", String::as_str).into();
        RunBook::new(&self.runs, &log).trees()
    }

    fn missing(&self) -> Vec<String> {
        let log = |id: &str| self.logs.get(id).map_or("", String::as_str).into();
        RunBook::new(&self.runs, &log).missing()
    }
}

const TRIGGER: &str = "\
Scheduling cssc-scan-image for reg.azurecr.io/app, Tag:1.0-1, OriginalTag:1.0, PatchTag:1.0-2
WARNING: Queued a run with ID: ca2
Scheduling cssc-scan-image for reg.azurecr.io/web, Tag:2, OriginalTag:2, PatchTag:2-1
WARNING: Queued a run with ID: ca3
";
const SCAN: &str = "\
Scanning repo: app, Tag:1.0-1, OriginalTag:1.0
Vulnerabilities found for image app:1.0-1 -> 7
PATCHING task scheduled for image app:1.0-1, new patch tag will be 1.0-2
WARNING: Queued a run with ID: ca4
";
const CLEAN: &str = "\
Scanning repo: web, Tag:2, OriginalTag:2
Vulnerabilities found for image web:2 -> 0
PATCHING will be skipped as no vulnerability found in the image web:2
";
const PATCH: &str = "\
Patching repo: app, Tag:1.0, NewPatchTag:2
Patched image pushed to reg.azurecr.io/app:1.0-2
";

fn cycle() -> Book {
    Book::new()
        .with("ca1", TaskName::Trigger, RunStatus::Succeeded, TRIGGER)
        .with("ca2", TaskName::Scan, RunStatus::Succeeded, SCAN)
        .with("ca3", TaskName::Scan, RunStatus::Succeeded, CLEAN)
}

const SELECTION: &str = "\
Configured Tag Convention:  incremental\r
Repo,Tag,LatestPatchTag\r
app,1.0,1.0-1\r
web,2,N/A\r
web,3,3-7\r
Matches found: 3\r
";

#[test]
fn what_a_trigger_never_came_to_is_in_its_tree() {
    let tree = |status, log: String| {
        let book = Book::new()
            .with("ca1", TaskName::Trigger, status, &log)
            .with("ca3", TaskName::Scan, RunStatus::Succeeded, CLEAN);
        book.trees().remove(0)
    };
    let log = || format!("{SELECTION}{TRIGGER}");
    for cut_off in [RunStatus::Canceled, RunStatus::Failed, RunStatus::Timeout] {
        let tree = tree(cut_off, log());
        assert_eq!(tree.status, cut_off);
        assert_eq!(tree.summary, "1 up to date, 1 unknown, 1 never begun");
        let [_, _, left] = &tree.images[..] else {
            panic!("three images: {tree:?}");
        };
        let tags = [&left.repository, &left.original, &left.scanned, &left.next];
        assert_eq!(tags, ["web", "3", "3-7", "3-8"]);
        assert_eq!(
            (left.status, left.ending),
            (ImageStatus::Unknown, Some(ImageEnding::NeverBegun))
        );
        assert_eq!(left.reason, "the cycle ended before this image's turn");
    }
    assert_eq!(
        tree(RunStatus::Running, log()).images.len(),
        2,
        "its turn may come"
    );
    let before_any = Book::new().with("ca1", TaskName::Trigger, RunStatus::Canceled, SELECTION);
    assert_eq!(
        before_any.trees()[0].summary,
        "it ended before it scheduled a scan; its log says why, 3 never begun"
    );
}

#[test]
fn a_selection_over_the_limit_has_no_turns() {
    let rows: String = (0..101).map(|tag| format!("app,{tag},N/A\n")).collect();
    let log = format!("Repo,Tag,LatestPatchTag\n{rows}Matches found: 101\n");
    let book = Book::new().with("ca1", TaskName::Trigger, RunStatus::Failed, &log);
    let tree = book.trees().remove(0);
    assert!(tree.images.is_empty(), "{tree:?}");
    assert_eq!(
        tree.summary,
        "101 images match and the limit is 100, so it failed as a whole and scanned none"
    );
}

#[test]
fn one_cycle_is_one_tree() {
    let book = cycle().with("ca4", TaskName::Patch, RunStatus::Succeeded, PATCH);
    let trees = book.trees();
    assert_eq!(trees.len(), 1);
    let [app, web] = &trees[0].images[..] else {
        panic!("two images: {trees:?}");
    };
    assert_eq!(
        (app.status, app.reason.as_str()),
        (ImageStatus::Succeeded, "pushed app:1.0-2")
    );
    assert_eq!((app.vulnerabilities, app.next.as_str()), (Some(7), "1.0-2"));
    assert_eq!(app.patch.as_ref().map(|run| run.id.as_str()), Some("ca4"));
    assert_eq!(web.status, ImageStatus::Skipped);
    assert_eq!(web.reason, "up to date: nothing in it can be fixed");
    assert_eq!(trees[0].status, RunStatus::Succeeded);
    assert_eq!(trees[0].summary, "1 patched, 1 up to date");
    assert!(book.missing().is_empty());
}

#[test]
fn an_end_of_life_is_never_called_up_to_date() {
    let log = CLEAN.replace(
        "no vulnerability found in the image",
        "EOSL is true for image",
    );
    let book = Book::new()
        .with("ca1", TaskName::Trigger, RunStatus::Succeeded, TRIGGER)
        .with("ca3", TaskName::Scan, RunStatus::Succeeded, &log);
    let tree = &book.trees()[0];
    let web = &tree.images[1];
    assert_eq!(web.status, ImageStatus::Skipped);
    assert_eq!(web.ending, Some(ImageEnding::EndOfLife));
    assert!(web.reason.contains("end of life"), "{}", web.reason);
    assert!(
        tree.summary.contains("1 at end of life"),
        "{}",
        tree.summary
    );
}

#[test]
fn findings_that_cannot_be_fixed_are_never_called_up_to_date() {
    let log = "Patching repo: app, Tag:1.0, NewPatchTag:2\r\n\
        reg.azurecr.io/app:1.0 is not patched: 3 findings left, and nothing can be upgraded: \
        g2: it needs libnew\r\n";
    let book = cycle().with("ca4", TaskName::Patch, RunStatus::Succeeded, log);
    let app = &book.trees()[0].images[0];
    assert_eq!(app.ending, Some(ImageEnding::KeptBack));
    assert!(
        app.reason.starts_with("not patched: 3 findings left"),
        "{}",
        app.reason
    );
}

#[test]
fn a_tree_runs_while_anything_in_it_runs_and_fails_when_anything_failed() {
    let check = |patch: RunStatus, expected: RunStatus| {
        let book = cycle().with("ca4", TaskName::Patch, patch, "");
        assert_eq!(book.trees()[0].status, expected, "{patch:?}");
    };
    check(RunStatus::Queued, RunStatus::Running);
    check(RunStatus::Running, RunStatus::Running);
    check(RunStatus::Failed, RunStatus::Failed);
    check(RunStatus::Timeout, RunStatus::Failed);
    check(RunStatus::Canceled, RunStatus::Canceled);
}

#[test]
fn a_patch_that_is_not_listed_is_not_called_skipped() {
    let book = cycle();
    assert_eq!(book.missing(), ["ca4"]);
    let image = &book.trees()[0].images[0];
    assert_eq!(image.status, ImageStatus::Unknown);
    assert!(image.reason.contains("ca4"), "{}", image.reason);
}

#[test]
fn runs_of_no_known_trigger_are_shown_all_the_same() {
    let book = Book::new()
        .with("ca2", TaskName::Scan, RunStatus::Succeeded, SCAN)
        .with("ca4", TaskName::Patch, RunStatus::Succeeded, PATCH)
        .with("ca9", TaskName::Patch, RunStatus::Failed, PATCH);
    let trees = book.trees();
    let ids: Vec<&str> = trees.iter().map(|tree| tree.trigger.id.as_str()).collect();
    assert_eq!(ids, ["ca9", "ca2"], "the scan keeps its patch");
    assert_eq!(trees[1].images[0].patch.as_ref().unwrap().id, "ca4");
    let lone = &trees[0].images[0];
    assert_eq!(
        (lone.repository.as_str(), lone.next.as_str()),
        ("app", "1.0-2")
    );
    assert_eq!(lone.status, ImageStatus::Failed);
}

#[test]
fn an_image_whose_scan_is_not_there_says_why() {
    let rows =
        "Scheduling cssc-scan-image for r.azurecr.io/a, Tag:1, OriginalTag:1, PatchTag:1-1\n";
    let check = |status, expected| {
        let book = Book::new().with("ca1", TaskName::Trigger, status, rows);
        assert_eq!(book.trees()[0].images[0].status, expected, "{status:?}");
    };
    check(RunStatus::Running, ImageStatus::Queued);
    check(RunStatus::Succeeded, ImageStatus::Failed);
}

#[test]
fn a_trigger_without_images_says_why() {
    let check = |status, log: &str, expected: &str| {
        let book = Book::new().with("ca1", TaskName::Trigger, status, log);
        assert_eq!(book.trees()[0].summary, expected);
    };
    check(RunStatus::Succeeded, "", "the policy selected no image");
    check(RunStatus::Queued, "", "the selection is being read");
    check(RunStatus::Failed, "", "failed during run");
}
