//! Reading an image: its documents, its layers, and the tree that the layers make together.
mod devices;
pub mod layer;
pub mod limits;
pub mod manifest;
pub mod spill;
mod stream;
#[cfg(test)]
mod tests;
pub mod view;

pub use layer::{Entry, Kind, LayerIndex};
pub use limits::Limits;
pub use manifest::{Descriptor, ImageManifest};
pub use view::{ImageView, Node};
