//! The whole platform, as its command runs it.

use std::process::Command;

#[test]
fn every_step_holds_and_each_hop_is_in_the_table() {
    let output = Command::new(env!("CARGO_BIN_EXE_platform")).arg("--once").output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert!(printed.ends_with("Every step held.\n") && !printed.contains("NOT "), "{printed}");
    let rows = |service: &str| printed.lines().filter(|line| line.trim_start().starts_with(service)).count();
    // Twice through the orders, who ask the stock twice each time; once to the stock directly.
    assert_eq!((rows("edge > orders"), rows("orders > stock"), rows("edge > stock")), (2, 4, 1), "{printed}");
    for cell in ["idp|bob", "alice", "client|orders", "stock:read"] {
        assert!(printed.contains(cell), "{printed}");
    }
    assert!(!printed.contains("rmt_live_") && !printed.contains("root"), "{printed}");
}

#[test]
fn what_it_does_not_know_is_an_error() {
    let output = Command::new(env!("CARGO_BIN_EXE_platform")).arg("--twice").output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("usage: platform [--once]"));
}
