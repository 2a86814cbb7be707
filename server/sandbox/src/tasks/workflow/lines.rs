//! The lines of the three tasks that other tools read, word for word.
use drydock_domain::policy::TagConvention;
use drydock_domain::selection::Selected;

pub const LIMIT_EXCEEDED: &str = "You have exceeded the maximum limit of 100 images that can be scheduled for continuous patching. Adjust the JSON filter to limit the number of images. Failing the workflow.";
pub const WAITING: &str = "Waiting for 30 seconds before scheduling scans for next batch of images";
pub const PATCH_TAG_TOO_GREAT: &str = "New Patch tag is greater than 999. No more than 1000 patches can be created for a tag. Exiting the patching workflow.";

pub fn convention_details(convention: Option<TagConvention>) -> String {
    let word = convention.map_or("", TagConvention::as_str);
    format!("Tag Convention details: Configured Tag Convention:  {word}")
}

pub fn scheduling(login_server: &str, row: &Selected) -> String {
    let Selected {
        repository,
        scan,
        original,
        next,
        ..
    } = row;
    format!(
        "Scheduling cssc-scan-image for {login_server}/{repository}, Tag:{scan}, OriginalTag:{original}, PatchTag:{next}"
    )
}
