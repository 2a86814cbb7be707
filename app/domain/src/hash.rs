//! Maps with a hasher that is quick on short names. In the browser, where the standard one is
//! slow, all tags of a registry are looked up several times at each keystroke.
pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
pub(crate) type HashSet<T> = std::collections::HashSet<T, foldhash::fast::RandomState>;
