//! Who may read and write the files that settings come from.

use super::*;

fn loaded(folder: &TempDir) -> String {
    let problems = Settings::load(Some(&folder.path().join("gateway.toml")), BTreeMap::new()).err();
    problems.map(|problems| problems.to_string()).unwrap_or_default()
}

fn folder(text: &str) -> TempDir {
    load(text, &[]).0
}

#[test]
fn settings_that_others_may_write_are_refused() {
    let folder = folder("[issuer]\nttl = '2m'\n");
    let file = folder.path().join("gateway.toml");
    for mode in [0o600, 0o644, 0o444] {
        set_mode(&file, mode);
        assert_eq!(loaded(&folder), "", "{mode:o}");
    }
    for mode in [0o664, 0o646, 0o666] {
        set_mode(&file, mode);
        let told = loaded(&folder);
        assert!(told.contains("others than its owner may write to it"), "{told}");
        assert!(told.contains(&format!("mode {mode:04o}")) && told.contains(file.to_str().unwrap()), "{told}");
    }
}

#[test]
fn settings_with_a_secret_as_text_are_a_secret_file() {
    for (text, line) in [
        (format!("[admin]\nbootstrap_key = '{SECRET}'\n"), 2),
        (format!("[api_keys]\npeppers = [\n'{SECRET}']\n"), 3),
        ("[api_keys]\nstore = 'postgres://a:canary@db.example/remint'\n".to_owned(), 2),
        ("[api_keys]\nstore = 'postgres://a@db.example/remint?password=canary'\n".to_owned(), 2),
        (CLIENT.to_owned(), 3),
    ] {
        let folder = folder(&text);
        let file = folder.path().join("gateway.toml");
        assert_eq!(loaded(&folder), "", "{text}");
        set_mode(&file, 0o644);
        let told = loaded(&folder);
        assert!(told.contains(&format!(":{line}: a secret stands here as text")), "{told}");
        assert!(told.contains("mode 0644") && !told.contains("canary"), "{told}");
    }
}

#[test]
fn settings_whose_secrets_are_elsewhere_may_be_read_by_everybody() {
    let folder = folder(
        "[admin]\nbootstrap_key = { file = 'secret' }\n[api_keys]\nstore = 'postgres://a@db.example/remint'\n\
         [[clients]]\nid = 'edge-1'\njwks = 'keys.json'\nmay = ['exchange']\n\
         [[trust]]\nissuer = 'https://idp.example'\naudience = ['api']\n",
    );
    set_mode(&folder.path().join("gateway.toml"), 0o644);
    set_mode(&folder.path().join("keys.json"), 0o644);
    assert_eq!(loaded(&folder), "");
}

#[test]
fn a_secret_in_a_file_that_others_may_read_is_refused() {
    let folder = folder("[admin]\nbootstrap_key = { file = 'secret' }\n");
    let secret = folder.path().join("secret");
    for mode in [0o644, 0o604, 0o660] {
        set_mode(&secret, mode);
        let told = loaded(&folder);
        assert!(told.contains(":2: `admin.bootstrap_key`: "), "{told}");
        for part in [secret.to_str().unwrap(), &format!("mode {mode:04o}"), "owner "] {
            assert!(told.contains(part), "{told}");
        }
        assert!(!told.contains("canary"), "{told}");
    }
    set_mode(&secret, 0o640);
    assert_eq!(loaded(&folder), "");
}

#[test]
fn keys_that_others_may_write_make_nobody_believed() {
    for text in [
        "[[clients]]\nid = 'edge-1'\njwks = 'keys.json'\nmay = ['exchange']\n",
        "[issuer]\nkey = { file = 'secret' }\nalso_published = 'keys.json'\n",
    ] {
        let folder = folder(text);
        set_mode(&folder.path().join("keys.json"), 0o664);
        let told = loaded(&folder);
        assert!(told.contains("keys.json is refused: others than its owner may write to it"), "{told}");
    }
}
