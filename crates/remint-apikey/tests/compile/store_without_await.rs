use remint_apikey::{KeyStore, MemoryStore};

async fn open(_path: &str) -> Result<MemoryStore, std::io::Error> {
    Ok(MemoryStore::new())
}

fn api_keys(_store: impl KeyStore) {}

fn main() {
    api_keys(open("keys.db"));
}
