fn main() {
    // `sqlx::migrate!` embeds this folder, and cargo does not know.
    println!("cargo:rerun-if-changed=migrations");
}
