//! A complete small signed archive, made here where no other can be reached.
