//! The rules between the crates: who may depend on whom, and who may bring in what.

use std::path::Path;

use crate::metadata::{Dependency, Package, Workspace};

/// Every crate with its rank. A crate depends only on crates of a lower rank.
pub const RANKS: &[(&str, u8)] = &[
    ("remint-core", 0),
    ("remint-secret-file", 0),
    ("remint-strict-json", 0),
    ("remint-apikey", 1),
    ("remint-credential", 1),
    ("remint-jwt", 1),
    ("remint-quota", 1),
    ("remint-revocation", 1),
    ("remint-seal", 1),
    ("remint-usage", 1),
    ("remint-wait", 1),
    ("remint-cache", 2),
    ("remint-dpop", 2),
    ("remint-forwarded", 2),
    ("remint-guard", 2),
    ("remint-keyset", 2),
    ("remint-postgres", 2),
    ("remint-redis", 2),
    ("remint-sqlite", 2),
    ("remint-token", 2),
    ("remint-http-api", 3),
    ("remint-issuer", 3),
    ("remint-normalize", 3),
    ("remint-oauth-client", 3),
    ("remint-exchange", 4),
    ("remint-gate", 4),
    ("remint-oidc", 4),
    ("remint-pkcs11", 4),
    ("remint-verify", 4),
    ("remint-authorization-server", 5),
    ("remint-conformance", 5),
    ("remint-tower", 5),
    ("remint-identity-service", 6),
    ("remint", 7),
    ("remint-gateway", 8),
];

/// What only these crates may depend on (dev-dependencies are exempt).
pub const WRAPPERS: [(&str, &[&str]); 13] = [
    ("aws-lc-rs", &["remint-jwt", "remint-seal"]),
    ("axum", &["remint-authorization-server", "remint-gateway", "remint-http-api", "remint-identity-service"]),
    ("cryptoki", &["remint-pkcs11"]),
    ("fs4", &["remint-issuer"]),
    ("hyper", &["remint-gateway"]),
    ("jsonwebtoken", &[]),
    ("moka", &["remint-cache"]),
    ("openssl", &[]),
    ("redis", &["remint-redis"]),
    ("reqwest", &["remint-exchange", "remint-gateway", "remint-keyset", "remint-normalize"]),
    ("rustix", &["remint-revocation", "remint-secret-file"]),
    ("sqlx", &["remint-gateway", "remint-postgres", "remint-sqlite"]),
    ("tonic", &[]),
];

/// The one crate without a rank: for tests only.
pub const TESTKIT: &str = "remint-testkit";

/// What members have as a dev-dependency by path only. The crates that it tests are published before it, so
/// none of them can name a version of it.
pub const FOR_TESTS: [&str; 2] = ["remint-conformance", TESTKIT];

/// The version that every member has.
pub const VERSION: &str = "0.1.0";

/// Every breach of a rule, as a sentence; none if the architecture holds.
#[must_use]
pub fn breaches(workspace: &Workspace) -> Vec<String> {
    let mut breaches = Vec::new();
    for package in &workspace.packages {
        member(package, &mut breaches);
        for_tests(package, &mut breaches);
    }
    for package in workspace.crates() {
        ranks(package, workspace, &mut breaches);
        wrappers(package, &mut breaches);
    }
    breaches
}

/// The breach of a manifest that does not take the workspace's lints.
#[must_use]
pub fn unlinted(manifest: &Path, text: &str) -> Option<String> {
    let mut lines = text.lines().map(str::trim).skip_while(|line| *line != "[lints]").skip(1);
    let inherits = lines.next() == Some("workspace = true");
    (!inherits).then(|| format!("{} lacks `[lints] workspace = true`", manifest.display()))
}

fn member(package: &Package, breaches: &mut Vec<String>) {
    let name = &package.name;
    if package.version != VERSION {
        breaches.push(format!("{name} has version {}, not {VERSION}", package.version));
    }
    if name.split(['-', '_']).any(|word| VAGUE_NAMES.contains(&word)) {
        breaches.push(format!("{name} is named after no idea"));
    }
}

fn ranks(package: &Package, workspace: &Workspace, breaches: &mut Vec<String>) {
    let name = &package.name;
    if name == TESTKIT {
        return;
    }
    let Some(own) = rank(name) else {
        breaches.push(format!("{name} has no rank: give it one in xtask/src/architecture.rs"));
        return;
    };
    for dependency in arrows(package) {
        let is_member = workspace.packages.iter().any(|member| member.name == dependency.name);
        match rank(&dependency.name) {
            Some(theirs) if theirs >= own => {
                breaches.push(format!("{name} (rank {own}) depends on {} (rank {theirs})", dependency.name));
            }
            Some(_) => {}
            None if is_member => breaches.push(format!("{name} depends on {}, which has no rank", dependency.name)),
            None => {}
        }
    }
}

fn wrappers(package: &Package, breaches: &mut Vec<String>) {
    for dependency in arrows(package) {
        let wrapped = WRAPPERS.iter().find(|(name, _)| *name == dependency.name);
        if let Some((_, holders)) = wrapped
            && !holders.contains(&package.name.as_str())
        {
            breaches.push(format!("{} may not depend on {}", package.name, dependency.name));
        }
    }
}

/// A crate that is never published, or only after those that it tests, must be nothing but a dev-dependency by
/// path, or `cargo package --workspace` fails.
fn for_tests(package: &Package, breaches: &mut Vec<String>) {
    for dependency in package.dependencies.iter().filter(|dependency| FOR_TESTS.contains(&dependency.name.as_str())) {
        if !dependency.is_dev() || dependency.req != "*" || dependency.path.is_none() {
            let (name, what) = (&package.name, &dependency.name);
            breaches.push(format!("{name} depends on {what} otherwise than for tests and by path only"));
        }
    }
}

fn arrows(package: &Package) -> impl Iterator<Item = &Dependency> {
    package.dependencies.iter().filter(|dependency| !dependency.is_dev())
}

fn rank(name: &str) -> Option<u8> {
    RANKS.iter().find(|(ranked, _)| *ranked == name).map(|(_, rank)| *rank)
}

const VAGUE_NAMES: [&str; 5] = ["common", "util", "utils", "helper", "helpers"];

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: Vec<Dependency>) -> Package {
        Package {
            name: name.to_owned(),
            version: VERSION.to_owned(),
            manifest_path: format!("/w/crates/{name}/Cargo.toml").into(),
            dependencies,
            features: Default::default(),
            publish: None,
        }
    }

    fn on(name: &str) -> Dependency {
        Dependency { name: name.to_owned(), req: "^1".to_owned(), kind: None, path: None }
    }

    fn dev(dependency: Dependency) -> Dependency {
        Dependency { kind: Some("dev".to_owned()), ..dependency }
    }

    fn breaches_of(packages: Vec<Package>) -> Vec<String> {
        breaches(&Workspace { packages })
    }

    #[test]
    fn an_arrow_points_down() {
        assert_eq!(breaches_of(vec![package("remint-jwt", vec![on("remint-core")])]), [""; 0]);
    }

    #[test]
    fn an_arrow_up_or_sideways_is_a_breach() {
        for target in ["remint-issuer", "remint-cache", "remint-jwt"] {
            assert_eq!(breaches_of(vec![package("remint-jwt", vec![on(target)])]).len(), 1, "{target}");
        }
    }

    #[test]
    fn a_dev_dependency_may_point_anywhere() {
        let upwards = vec![dev(on("remint-issuer")), dev(on("jsonwebtoken"))];
        assert_eq!(breaches_of(vec![package("remint-jwt", upwards)]), [""; 0]);
    }

    #[test]
    fn a_crate_without_a_rank_is_a_breach() {
        assert_eq!(breaches_of(vec![package("remint-new", vec![])]).len(), 1);
    }

    #[test]
    fn a_dependency_on_a_member_without_a_rank_is_a_breach() {
        let mut example = package("quickstart", vec![]);
        example.manifest_path = "/w/examples/quickstart/Cargo.toml".into();
        assert_eq!(breaches_of(vec![example.clone()]), [""; 0]);
        assert_eq!(breaches_of(vec![example, package("remint-jwt", vec![on("quickstart")])]).len(), 1);
    }

    #[test]
    fn what_is_for_tests_is_a_dev_dependency_by_path_only() {
        for name in FOR_TESTS {
            let by_path = Dependency { req: "*".to_owned(), path: Some("/w/crates/it".into()), ..on(name) };
            assert_eq!(breaches_of(vec![package("remint", vec![dev(by_path.clone())])]), [""; 0]);
            assert_eq!(breaches_of(vec![package("remint", vec![by_path])]).len(), 1, "{name}");
            assert_eq!(breaches_of(vec![package("remint", vec![dev(on(name))])]).len(), 1, "{name}");
        }
    }

    #[test]
    fn a_wrapped_library_has_one_holder() {
        for (library, holders) in WRAPPERS {
            assert_eq!(breaches_of(vec![package("remint", vec![on(library)])]).len(), 1, "{library}");
            for holder in holders {
                assert_eq!(breaches_of(vec![package(holder, vec![on(library)])]), [""; 0], "{library}");
            }
        }
    }

    #[test]
    fn a_vague_name_is_a_breach() {
        for name in ["remint-common", "remint-util", "test-helpers"] {
            let mut member = package(name, vec![]);
            member.manifest_path = format!("/w/{name}/Cargo.toml").into();
            assert_eq!(breaches_of(vec![member]).len(), 1, "{name}");
        }
    }

    #[test]
    fn another_version_is_a_breach() {
        let member = Package { version: "0.2.0".to_owned(), ..package("remint-core", vec![]) };
        assert_eq!(breaches_of(vec![member]).len(), 1);
    }

    #[test]
    fn lints_of_its_own_are_a_breach() {
        let manifest = Path::new("Cargo.toml");
        assert_eq!(unlinted(manifest, "[package]\n\n[lints]\nworkspace = true\n"), None);
        assert!(unlinted(manifest, "[package]\n").is_some());
        assert!(unlinted(manifest, "[lints]\nworkspace = false\n").is_some());
    }
}
