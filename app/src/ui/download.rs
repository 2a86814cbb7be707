/// Hands a file that the page made to the reader's browser.
#[cfg(target_arch = "wasm32")]
pub fn save_file(name: &str, media_type: &str, content: &str) {
    use leptos::prelude::document;
    use wasm_bindgen::{JsCast, JsValue};
    let parts = js_sys::Array::of1(&JsValue::from_str(content));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(media_type);
    let file = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options);
    let address = file.and_then(|file| web_sys::Url::create_object_url_with_blob(&file));
    let link = document().create_element("a").ok();
    let link = link.and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok());
    if let (Ok(address), Some(link)) = (address, link) {
        link.set_href(&address);
        link.set_download(name);
        link.click();
        // The browser has begun to read it; without this it stays in memory as long as the page.
        let _ = web_sys::Url::revoke_object_url(&address);
    }
}

#[cfg(not(target_arch = "wasm32"))]
pub fn save_file(_name: &str, _media_type: &str, _content: &str) {}
