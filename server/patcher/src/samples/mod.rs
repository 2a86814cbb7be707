//! Sample images, assembled here from a signed archive.
