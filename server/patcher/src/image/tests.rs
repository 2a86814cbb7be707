//! Images as they may come: layered, odd, and hostile.
use crate::image::{ImageManifest, ImageView, Limits};
use crate::job::testing::quiet;
use crate::testing::{LayerTar, TestImage, put};
use crate::{BlobStore, PatchError};
use serde_json::json;
use tar::EntryType;

fn read<T>(
    image: &TestImage,
    limits: Limits,
    check: impl FnOnce(ImageView<'_>) -> T,
) -> Result<T, PatchError> {
    let manifest = ImageManifest::parse(&image.bytes(), &limits)?;
    let directory = image.directory.path();
    quiet(|job| ImageView::read(&image.store, &manifest, &limits, directory, job)).map(check)
}

fn view<T>(layers: Vec<LayerTar>, check: impl FnOnce(ImageView<'_>) -> T) -> T {
    let layers: Vec<Vec<u8>> = layers.into_iter().map(LayerTar::bytes).collect();
    read(&TestImage::new(&layers), Limits::default(), check).unwrap()
}

/// The message that an image of these layers is refused with.
fn refusal(layers: Vec<LayerTar>, limits: Limits) -> String {
    let layers: Vec<Vec<u8>> = layers.into_iter().map(LayerTar::bytes).collect();
    let image = TestImage::new(&layers);
    let message = read(&image, limits, |_| ()).unwrap_err().to_string();
    let digest = image.manifest["layers"][0]["digest"].as_str().unwrap();
    assert!(message.contains(digest), "{message} names no layer");
    message
}

#[test]
fn upper_layers_replace_and_remove() {
    let lower = LayerTar::new()
        .file("etc/a", b"1")
        .file("etc/b", b"1")
        .file("opt/x/one", b"1")
        .file("srv/y/two", b"1");
    let upper = LayerTar::new()
        .file("etc/a", b"2")
        .file("etc/.wh.b", b"")
        .file("opt/.wh.x", b"")
        .file("srv/y/.wh..wh..opq", b"")
        .file("srv/y/three", b"1");
    view(vec![lower, upper], |view| {
        assert_eq!(view.read_text("etc/a").unwrap().as_deref(), Some("2"));
        assert!(view.node("etc/b").is_none() && view.node("opt/x/one").is_none());
        assert_eq!(view.list("srv/y"), ["three"]);
        assert_eq!(view.list("opt"), [""; 0]);
    });
}

#[test]
fn links_among_the_parents_are_followed() {
    let lower = LayerTar::new()
        .directory("usr/lib", 0o755)
        .symlink("lib", "usr/lib");
    let upper = LayerTar::new()
        .lone_file("lib/x/libc.so", b"c")
        .symlink("etc", "/usr/lib/x");
    view(vec![lower, upper], |view| {
        assert_eq!(
            view.canonical("lib/x/libc.so").unwrap(),
            "usr/lib/x/libc.so"
        );
        assert_eq!(view.read_text("etc/libc.so").unwrap().as_deref(), Some("c"));
        assert_eq!(view.node("lib").unwrap().symlink(), Some("usr/lib"));
    });
}

#[test]
fn a_directory_over_a_link_replaces_it_and_a_file_over_a_directory_too() {
    let lower = LayerTar::new()
        .directory("a", 0o755)
        .symlink("l", "a")
        .file("d/x", b"1");
    let upper = LayerTar::new().directory("l", 0o755).symlink("d", "a");
    view(vec![lower, upper], |view| {
        assert!(view.node("l").unwrap().is_directory());
        assert!(view.node_at("d/x").is_none());
        assert_eq!(view.node("d").unwrap().symlink(), Some("a"));
    });
}

#[test]
fn a_hard_link_has_the_content_of_its_file_even_when_that_is_replaced_above() {
    let lower = LayerTar::new()
        .file("etc/a", b"1")
        .hardlink("etc/b", "etc/a");
    let upper = LayerTar::new().file("etc/a", b"2");
    view(vec![lower, upper], |view| {
        assert_eq!(view.read_text("etc/b").unwrap().as_deref(), Some("1"));
    });
}

#[test]
fn a_large_or_unexpected_file_is_read_from_its_layer_again() {
    let lower = LayerTar::new()
        .file("srv/a", b"far away")
        .file("srv/b", b"farther");
    view(vec![lower], |view| {
        assert_eq!(view.read_text("srv/b").unwrap().as_deref(), Some("farther"));
    });
}

#[test]
fn a_device_node_stays_and_is_not_a_file() {
    let layer = LayerTar::new().device("dev/null", EntryType::Char, 1, 3);
    view(vec![layer], |view| {
        let node = view.node("dev/null").unwrap();
        assert!(!node.is_file() && !node.is_directory());
    });
}

#[test]
fn a_device_that_base_images_do_not_carry_is_refused() {
    for (path, kind, major, minor, expected) in [
        ("dev/sda", EntryType::Block, 8, 0, "block device"),
        ("dev/null", EntryType::Block, 1, 3, "block device"),
        ("dev/mem", EntryType::Char, 1, 1, "character device (1:1)"),
        ("dev/null", EntryType::Char, 1, 1, "character device (1:1)"),
        ("srv/null", EntryType::Char, 1, 3, "character device (1:3)"),
    ] {
        let layer = LayerTar::new().device(path, kind, major, minor);
        let message = refusal(vec![layer], Limits::default());
        assert!(message.contains(&format!(", {path}: ")), "{message}");
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_path_that_climbs_is_refused() {
    let message = refusal(
        vec![LayerTar::new().lone_file("a/../../etc/passwd", b"x")],
        Limits::default(),
    );
    assert!(
        message.contains("a/../../etc/passwd") && message.contains("climbs"),
        "{message}"
    );
}

#[test]
fn a_link_out_of_the_root_is_refused() {
    let layer = LayerTar::new()
        .directory("etc", 0o755)
        .symlink("etc/evil", "../../outside");
    let message = refusal(vec![layer], Limits::default());
    assert!(
        message.contains("etc/evil") && message.contains("out of the image's root"),
        "{message}"
    );
}

#[test]
fn links_in_a_circle_are_refused_where_they_are_followed() {
    let layer = LayerTar::new()
        .symlink("a", "b")
        .symlink("b", "a")
        .file("a/x", b"");
    let message = refusal(vec![layer], Limits::default());
    assert!(message.contains("circle"), "{message}");
}

#[test]
fn a_zip_bomb_is_refused() {
    let limits = Limits {
        unpacked_bytes: 1 << 20,
        ..Limits::default()
    };
    let message = refusal(
        vec![LayerTar::new().file("zeros", &vec![0; 2 << 20])],
        limits,
    );
    assert!(
        message.contains("more than the limit of 1048576 bytes"),
        "{message}"
    );
}

#[test]
fn too_many_entries_are_refused() {
    let limits = Limits {
        entries: 1,
        ..Limits::default()
    };
    let message = refusal(vec![LayerTar::new().file("a", b"").file("b", b"")], limits);
    assert!(message.contains("more entries"), "{message}");
}

#[test]
fn a_missing_blob_is_named() {
    let mut image = TestImage::new(&[LayerTar::new().file("a", b"").bytes()]);
    let digest = format!("sha256:{}", "0".repeat(64));
    image.manifest["layers"][0]["digest"] = json!(digest);
    let message = read(&image, Limits::default(), |_| ())
        .unwrap_err()
        .to_string();
    assert!(
        message.contains(&digest) && message.contains("no such blob"),
        "{message}"
    );
}

#[test]
fn a_digest_or_size_that_lies_is_refused() {
    let mut image = TestImage::new(&[LayerTar::new().file("a", b"").bytes()]);
    let digest = image.manifest["layers"][0]["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    let file = image
        .directory
        .path()
        .join("blobs/sha256")
        .join(&digest[7..]);
    let other = crate::testing::gzip(&LayerTar::new().file("a", b"tampered with").bytes());
    std::fs::write(&file, &other).unwrap();
    image.manifest["layers"][0]["size"] = json!(other.len());
    let message = read(&image, Limits::default(), |_| ())
        .unwrap_err()
        .to_string();
    assert!(
        message.contains(&digest) && message.contains("its bytes have the digest"),
        "{message}"
    );
    image.manifest["layers"][0]["size"] = json!(other.len() + 1);
    let message = read(&image, Limits::default(), |_| ())
        .unwrap_err()
        .to_string();
    assert!(message.contains("where its descriptor says"), "{message}");
}

#[test]
fn a_truncated_layer_is_refused() {
    let layer = crate::testing::gzip(&LayerTar::new().file("a", &[7; 4000]).bytes());
    let mut image = TestImage::new(&[]);
    let blob = put(&image.store, &layer[..layer.len() - 30]);
    image.manifest["layers"] = json!([{"digest": blob.digest, "size": blob.size_bytes}]);
    let message = read(&image, Limits::default(), |_| ())
        .unwrap_err()
        .to_string();
    assert!(message.contains(&blob.digest), "{message}");
}

#[test]
fn a_layer_may_be_plain_tar_whatever_its_type_says() {
    let mut image = TestImage::new(&[]);
    let blob = image
        .store
        .put(&mut &*LayerTar::new().file("etc/a", b"1").bytes())
        .unwrap();
    image.manifest["layers"] = json!([{"digest": blob.digest, "size": blob.size_bytes}]);
    let text = read(&image, Limits::default(), |view| {
        view.read_text("etc/a").unwrap()
    })
    .unwrap();
    assert_eq!(text.as_deref(), Some("1"));
}

/// The message that a layer of these bytes is refused with, its digest as `D`.
fn refusal_of_blob(bytes: &[u8], media_type: &str) -> String {
    let mut image = TestImage::new(&[]);
    let blob = put(&image.store, bytes);
    image.manifest["layers"] = json!([
        {"mediaType": media_type, "digest": blob.digest, "size": blob.size_bytes}
    ]);
    let error = read(&image, Limits::default(), |_| ()).unwrap_err();
    error.to_string().replace(&blob.digest, "D")
}

#[test]
fn a_layer_that_is_not_what_it_is_declared_says_so_and_quotes_none_of_it() {
    let gzip_type = "application/vnd.oci.image.layer.v1.tar+gzip";
    let tar_type = "application/vnd.oci.image.layer.v1.tar";
    let noise: Vec<u8> = (0..2048u32)
        .map(|at| (at * 167 % 251) as u8 | 0x80)
        .collect();
    let mut broken = LayerTar::new().file("a", b"").bytes();
    broken[512..1024].copy_from_slice(&noise[..512]);
    for (bytes, media_type, expected) in [
        (b"short".to_vec(), gzip_type, "layer D is not gzip"),
        (noise.clone(), gzip_type, "layer D is not gzip"),
        (noise.clone(), tar_type, "layer D is not a tar archive"),
        (
            crate::testing::gzip(&noise),
            gzip_type,
            "layer D is not a tar archive",
        ),
        (
            broken,
            tar_type,
            "layer D is a damaged tar archive: what follows a is no entry",
        ),
    ] {
        let message = refusal_of_blob(&bytes, media_type);
        assert!(message.contains(expected), "{message}");
        assert!(message.is_ascii() && !message.contains(char::is_control));
    }
}

#[test]
fn a_path_that_commands_a_terminal_is_shown_without_them() {
    let layer = LayerTar::new().lone_file("a/../\u{1b}[2J", b"x");
    let message = refusal(vec![layer], Limits::default());
    assert!(message.contains(r"a/../\x1b[2J"), "{message}");
}
