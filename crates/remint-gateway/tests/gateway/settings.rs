use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{BOOTSTRAP, Gateway, gateway, stderr, stdout, write};

#[test]
fn good_settings_are_checked_without_a_trace() {
    let gateway = Gateway::new("");
    let output = gateway.command(&["--check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(fs::read_dir(gateway.folder.path()).unwrap().count(), 1, "something was made beside the file");
}

#[test]
fn a_warning_is_told_and_the_settings_are_good_all_the_same() {
    let trust = "[[trust]]\nissuer = 'https://idp.example'\naudience = ['api']\n[trust.claims]\nroles = 'roles'\n";
    let output = Gateway::with(trust).command(&["--check"]).output().unwrap();
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(
        told.starts_with("warning: ") && told.contains("gateway.toml:5: ") && told.contains("allow_roles"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[test]
fn bad_settings_are_told_with_file_line_and_suggestion() {
    let gateway = Gateway::with("[issuer]\nalgorithm = 'ES257'\nttll = '1m'\n");
    for arguments in [&["--check"][..], &["--print-config"], &[], &["keys", "list", "--user", "a"]] {
        let output = gateway.command(arguments).output().unwrap();
        let told = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("gateway.toml:2: ") && told.contains("did you mean \"ES256\"?"), "{told}");
        assert!(told.contains("gateway.toml:3: `issuer` has no setting `ttll`; did you mean `ttl`?"), "{told}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn what_is_printed_can_be_read_again_and_holds_no_secret() {
    let gateway = Gateway::with("[admin]\nbootstrap_key = { file = 'key' }\n[issuer]\nttl = '90s'\n");
    write(gateway.path("key"), BOOTSTRAP);
    let printed = stdout(&gateway.command(&["--print-config"]).output().unwrap());
    assert!(printed.contains("ttl = \"90s\" # default: \"5m\"") && !printed.contains(BOOTSTRAP), "{printed}");
    fs::write(gateway.path("gateway.toml"), &printed).unwrap();
    assert!(gateway.command(&["--check"]).output().unwrap().status.success());
    assert_eq!(stdout(&gateway.command(&["--print-config"]).output().unwrap()), printed);
}

#[test]
fn a_variable_wins_over_the_file_and_an_unknown_one_is_an_error() {
    let gateway = Gateway::new("[issuer]\nttl = '90s'\n");
    let printed = gateway.command(&["--print-config"]).env("REMINT__ISSUER__TTL", "2m").output().unwrap();
    assert!(stdout(&printed).contains("ttl = \"2m\""));
    let refused = gateway.command(&["--check"]).env("REMINT__ISSUER__TTLL", "2m").output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(stderr(&refused), "REMINT__ISSUER__TTLL: no such setting; did you mean REMINT__ISSUER__TTL?\n");
}

#[test]
fn a_variable_that_is_no_text_is_an_error_and_not_ignored() {
    use std::os::unix::ffi::OsStrExt;
    let gateway = Gateway::new("");
    let bytes = std::ffi::OsStr::from_bytes(b"\xff");
    let refused = gateway.command(&["--check"]).env("REMINT__ISSUER__TTL", bytes).output().unwrap();
    assert_eq!((refused.status.code(), stderr(&refused).contains("UTF-8")), (Some(1), true));
    assert!(gateway.command(&["--check"]).env("UNRELATED", bytes).output().unwrap().status.success());
}

#[test]
fn a_file_that_is_not_there_is_not_the_same_as_none() {
    let output = gateway(&["--config", "no such file", "--check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
}

#[test]
fn the_example_of_settings_is_good() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/gateway.toml");
    let output = gateway(&["--config", example, "--check"]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

/// With `--check` and with a start, which says the same.
fn refused(gateway: &Gateway, expected: &str) {
    for arguments in [&["--check"][..], &[]] {
        let output = gateway.command(arguments).output().unwrap();
        let told = stderr(&output);
        assert!(!output.status.success() && told.contains(expected), "{arguments:?}: {expected}: {told}");
    }
}

#[test]
fn what_a_start_would_not_find_is_found_by_a_check() {
    refused(&Gateway::new("[api_keys]\nstore = 'sqlite://missing/remint.db'\n"), "missing");
    refused(
        &Gateway::new("[api_keys]\nstore = 'postgres://db.example/remint?sslmode=verify-fully'\n"),
        "gateway.toml:2: `api_keys.store`: sslmode: it is one of \"disable\", \"allow\", \"prefer\", \"require\", \
         \"verify-ca\", \"verify-full\", not \"verify-fully\"; did you mean \"verify-full\"?",
    );
    let garbage = Gateway::new("");
    write(garbage.path("remint.db"), "this is not a database, however long one looks at it".repeat(99));
    refused(&garbage, "remint.db");
    let no_folder = Gateway::new("");
    write(no_folder.path("keys"), "");
    refused(&no_folder, "keys");
    let exposed = Gateway::new("");
    fs::create_dir(exposed.path("keys")).unwrap();
    fs::set_permissions(exposed.path("keys"), fs::Permissions::from_mode(0o777)).unwrap();
    refused(&exposed, "mode 0777");
    let pepper = Gateway::new("");
    fs::create_dir(pepper.path("keys")).unwrap();
    fs::set_permissions(pepper.path("keys"), fs::Permissions::from_mode(0o700)).unwrap();
    write(pepper.path("keys/pepper"), "short");
    refused(&pepper, "pepper");
}

#[test]
fn files_that_a_start_would_only_miss_later_are_found_by_a_check() {
    let certificate =
        Gateway::new("[api_keys]\nstore = 'postgres://db.example/r?sslmode=verify-ca&sslrootcert=/gone.pem'\n");
    let trust = |file: &str| {
        let trust = "[[trust]]\nissuer = 'https://idp.example'\naudience = ['api']\njwks_file";
        let gateway = Gateway::new(&format!("{trust} = '{file}'\n"));
        write(gateway.path("empty.json"), "{\"keys\":[]}");
        gateway
    };
    for (gateway, expected) in [
        (certificate, "sslrootcert: /gone.pem cannot be read"),
        (trust("gone.json"), "gone.json: it cannot be read"),
        (trust("empty.json"), "no key of it can be used"),
        (trust("gateway.toml"), "it is no key set"),
    ] {
        let output = gateway.command(&["--check"]).output().unwrap();
        let told = stderr(&output);
        assert!(output.status.code() == Some(1) && told.contains(expected), "{expected}: {told}");
    }
}
