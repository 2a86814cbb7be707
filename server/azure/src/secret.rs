/// A token, a client secret or a signed URL. It has neither `Debug` nor `Display`, so it cannot
/// reach a log, a page or an error by accident; `expose` is where to look in a review.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}
