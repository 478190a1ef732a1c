use super::*;

#[test]
fn a_secret_comes_from_a_text_a_variable_or_a_file() {
    let cases: [(&str, &[(&str, &str)]); 7] = [
        ("bootstrap_key = 'canary-canary-canary-canary-canary-1'", &[]),
        ("bootstrap_key = { env = 'KEY' }", &[("KEY", SECRET)]),
        ("bootstrap_key = { file = 'secret' }", &[]),
        ("", &[("REMINT__ADMIN__BOOTSTRAP_KEY", SECRET)]),
        ("", &[("REMINT__ADMIN__BOOTSTRAP_KEY__FILE", "secret")]),
        ("bootstrap_key = 'another'", &[("REMINT__ADMIN__BOOTSTRAP_KEY__ENV", "KEY"), ("KEY", SECRET)]),
        ("bootstrap_key = { env = 'GONE' }", &[("REMINT__ADMIN__BOOTSTRAP_KEY__FILE", "secret")]),
    ];
    for (line, variables) in cases {
        let text = format!("[admin]\n{line}\n");
        assert_eq!(bootstrap_key(&text, variables).expose_secret(), SECRET, "{line}");
        let settings = settings(&text, variables);
        assert!(settings.bootstrap.is_some() && !format!("{settings:?}").contains("canary"), "{settings:?}");
    }
    let both = [("REMINT__ADMIN__BOOTSTRAP_KEY", SECRET), ("REMINT__ADMIN__BOOTSTRAP_KEY__FILE", "secret")];
    let told = problems("", &both);
    assert!(told.contains("which one is meant?") && !told.contains("canary"), "{told}");
}

/// The text itself, which the settings do not keep.
fn bootstrap_key(text: &str, variables: &[(&str, &str)]) -> secret::Secret {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path().join("secret"), format!("{SECRET}\n"));
    let variables = variables.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
    let mut tree = node::parse(text).unwrap();
    environment::overlay(&mut tree, &variables);
    let world = World::new(folder.path().to_owned(), variables);
    let mut book = Book { world: &world, problems: Vec::new(), shown: Shown::default() };
    Section::root(tree, &mut book).section("admin").optional("bootstrap_key", "").unwrap().value
}

#[test]
fn the_bootstrap_key_is_taken_over_http_unless_that_is_turned_off() {
    let on_http =
        |more: &str| settings(&format!("[admin]\nbootstrap_key = '{SECRET}'\n{more}"), &[]).bootstrap.unwrap().on_http;
    assert!(on_http("") && !on_http("bootstrap_on_http = false\n"));
}

#[test]
fn a_list_of_secrets_is_not_cut_at_commas() {
    let told = problems("", &[("REMINT__API_KEYS__PEPPERS", "canary-canary,canary-canary")]);
    assert!(told.contains("variables of their own") && !told.contains("canary"), "{told}");
    let peppers = [("REMINT__API_KEYS__PEPPERS__0", SECRET), ("REMINT__API_KEYS__PEPPERS__1__FILE", "secret")];
    assert!(settings("", &peppers).api_keys.peppers.is_some());
}

#[test]
fn a_secret_is_printed_masked_and_a_password_too() {
    let text = "[api_keys]\nstore = 'postgres://app:canary@db.example/remint'\npeppers = ['canary-canary-canary']\n\
                [admin]\nbootstrap_key = 'canary-canary-canary-canary-canary-1'\n";
    let settings = settings(text, &[]);
    assert!(settings.shown.contains("bootstrap_key = \"***\"") && settings.shown.contains("peppers = [\"***\"]"));
    assert!(settings.shown.contains("store = \"postgres://app:***@db.example/remint\""), "{}", settings.shown);
    assert!(!settings.shown.contains("canary") && !format!("{settings:?}").contains("canary"), "{settings:?}");
}
