//! Files of a crate do not import each other in a circle: what two of them need stands in a third, below both.

use std::collections::{BTreeMap, BTreeSet};

use crate::uses::{code, paths_of_uses, segments};

/// Two files of a package that may import each other. The import of `to` in `from` counts for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The package.
    pub package: &'static str,
    /// What is built, or a service or future.
    pub from: &'static str,
    /// Its builder or layer, or the service that returns the future.
    pub to: &'static str,
}

/// The pairs that import each other by their nature.
pub const PAIRS: &[Pair] = &[
    // What is built has `builder()`, and the builder ends in what is built.
    pair("remint-exchange", "exchanger", "builder"),
    pair("remint-issuer", "issuer", "builder"),
    pair("remint-normalize", "normalizer", "builder"),
    pair("remint-pkcs11", "signer", "builder"),
    pair("remint-verify", "verifier", "builder"),
    // A layer makes its service, which keeps the layer; a service makes its future.
    pair("remint-exchange", "outbound::service", "outbound::layer"),
    pair("remint-guard", "require::service", "require::layer"),
    pair("remint-tower", "client_addr::service", "client_addr::layer"),
    pair("remint-tower", "client_certificate::service", "client_certificate::layer"),
    pair("remint-tower", "normalize::service", "normalize::layer"),
    pair("remint-tower", "normalize::future", "normalize::service"),
    pair("remint-tower", "quota::service", "quota::layer"),
];

const fn pair(package: &'static str, from: &'static str, to: &'static str) -> Pair {
    Pair { package, from, to }
}

/// Module paths, such as `["keys", "import"]`; the crate's root has none.
type Module = Vec<String>;

/// The modules of one crate, and who imports whom.
#[derive(Debug)]
pub struct Modules {
    arrows: BTreeMap<Module, BTreeSet<Module>>,
}

impl Modules {
    /// Reads the files of a crate: each with its path below `src`, with `/` between, and its text. What stands in a
    /// module for tests is not read.
    #[must_use]
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let texts: BTreeMap<Module, String> =
            files.into_iter().filter_map(|(path, text)| Some((module(path)?, code(text)))).collect();
        let shown = texts.iter().map(|(module, text)| (module.clone(), shown_again(module, text, &texts))).collect();
        let arrows = texts.iter().map(|(module, text)| (module.clone(), imports(module, text, &texts, &shown)));
        Self { arrows: arrows.collect() }
    }

    /// The same without the arrows of these pairs, and the pairs that have none: they are no circle any more.
    #[must_use]
    pub fn without<'p>(mut self, pairs: impl IntoIterator<Item = &'p Pair>) -> (Self, Vec<&'p Pair>) {
        let path = |text: &str| text.split("::").map(str::to_owned).collect::<Module>();
        let mut idle = Vec::new();
        for pair in pairs {
            let (from, to) = (path(pair.from), path(pair.to));
            let is_back = self.reaches(&to, &from);
            let removed = self.arrows.get_mut(&from).is_some_and(|arrows| arrows.remove(&to));
            if !(is_back && removed) {
                idle.push(pair);
            }
        }
        (self, idle)
    }

    /// Each circle, as the names of its modules in order.
    #[must_use]
    pub fn circles(&self) -> Vec<Vec<String>> {
        let mut found = BTreeSet::new();
        for module in self.arrows.keys() {
            let is_in_circle = |other: &&Module| self.reaches(module, other) && self.reaches(other, module);
            let circle: Vec<String> = self.arrows.keys().filter(is_in_circle).map(|module| module.join("::")).collect();
            if circle.len() > 1 {
                found.insert(circle);
            }
        }
        found.into_iter().collect()
    }

    /// Whether one imports the other, directly or by way of others.
    fn reaches(&self, from: &Module, to: &Module) -> bool {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(module) = next.pop() {
            for arrow in self.arrows.get(module).into_iter().flatten() {
                if arrow == to {
                    return true;
                }
                if seen.insert(arrow) {
                    next.push(arrow);
                }
            }
        }
        false
    }
}

/// The module of a file; `None` for one with tests.
fn module(path: &str) -> Option<Module> {
    let mut module: Module = path.strip_suffix(".rs")?.split('/').map(str::to_owned).collect();
    if module.iter().any(|part| part == "tests") {
        return None;
    }
    if module.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        module.pop();
    }
    Some(module)
}

/// The names that a module shows of the modules below it, and where each stands.
fn shown_again(at: &Module, text: &str, all: &BTreeMap<Module, String>) -> BTreeMap<String, Module> {
    let shown = paths_of_uses(text).filter(|(public, _)| *public).flat_map(|(_, paths)| paths);
    let of_child = |path: Vec<String>| {
        let [child, name] = path.strip_prefix(&["self".to_owned()]).unwrap_or(&path) else { return None };
        let module: Module = at.iter().chain([child]).cloned().collect();
        all.contains_key(&module).then(|| (name.clone(), module))
    };
    shown.filter_map(of_child).collect()
}

/// The modules that a module imports, but those above and below it.
fn imports(
    at: &Module,
    text: &str,
    all: &BTreeMap<Module, String>,
    shown: &BTreeMap<Module, BTreeMap<String, Module>>,
) -> BTreeSet<Module> {
    let uses = paths_of_uses(text).flat_map(|(_, paths)| paths);
    let inline =
        ["crate::", "super::"].into_iter().flat_map(|root| text.split(root).skip(1).map(move |rest| (root, rest)));
    let inline = inline.map(|(root, rest)| {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':'))).unwrap_or(rest.len());
        segments(&format!("{root}{}", rest.get(..end).unwrap_or_default()))
    });
    let resolved = uses.chain(inline).filter_map(|path| {
        let mut path = path.into_iter().peekable();
        let mut base = match path.next_if(|first| first == "crate") {
            Some(_) => Module::new(),
            None if path.peek().is_some_and(|first| matches!(first.as_str(), "super" | "self")) => at.clone(),
            None => return None,
        };
        while let Some(step) = path.next_if(|step| matches!(step.as_str(), "super" | "self")) {
            if step == "super" {
                base.pop();
            }
        }
        for name in path {
            let below: Module = base.iter().chain([&name]).cloned().collect();
            match shown.get(&base).and_then(|names| names.get(&name)) {
                _ if all.contains_key(&below) => base = below,
                Some(module) => base.clone_from(module),
                None => break,
            }
        }
        Some(base)
    });
    resolved.filter(|other| !other.starts_with(at) && !at.starts_with(other)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        Modules::read(files.iter().copied()).circles()
    }

    #[test]
    fn two_files_that_import_each_other_are_a_circle() {
        for b in [
            "use crate::a::A;",
            "use crate::{\n    c::C,\n    a::{A, Other as Another},\n};",
            "use super::a;",
            "fn f() { crate::a::f() }",
            "impl super::a::A {}",
            // By the name that the root shows.
            "use crate::A;",
            "pub(crate) use crate::A;",
        ] {
            let files = [("lib.rs", "pub use self::a::A;"), ("a.rs", "use crate::b::B;"), ("b.rs", b), ("c.rs", "")];
            assert_eq!(circles(&files), [["a", "b"]], "{b}");
        }
    }

    #[test]
    fn a_circle_by_way_of_others_and_of_folders_is_one() {
        let files = [
            ("lib.rs", ""),
            ("a.rs", "use crate::folder::inner::B;"),
            ("folder/mod.rs", "mod inner;"),
            ("folder/inner.rs", "use crate::c::C;"),
            ("c.rs", "use crate::a;"),
        ];
        assert_eq!(circles(&files), [["a", "c", "folder::inner"]]);
    }

    #[test]
    fn what_points_one_way_or_up_and_down_is_none() {
        let files = [
            ("lib.rs", "use self::a::A;"),
            ("a.rs", "use crate::b::B; use crate::Root;"),
            ("b.rs", "// use crate::a::A;\nuse std::a::A;\n#[cfg(test)]\nmod tests {\n    use crate::a::A;\n}"),
            ("folder/mod.rs", "use self::inner::I;"),
            ("folder/inner.rs", "use super::M;"),
            ("b/tests.rs", "use crate::a::A;"),
        ];
        assert_eq!(circles(&files), [[""; 0]; 0]);
    }

    #[test]
    fn a_pair_may_import_each_other_and_nobody_else_with_it() {
        let own = pair("remint", "edge", "builder");
        let files = [("edge.rs", "use crate::builder::B;"), ("builder.rs", "use crate::edge::E; use crate::c;")];
        let (modules, idle) = Modules::read(files).without([&own]);
        assert_eq!((modules.circles(), idle), (Vec::<Vec<String>>::new(), vec![]));
        let third = [files[0], files[1], ("c.rs", "use crate::builder::B;")];
        assert_eq!(Modules::read(third).without([&own]).0.circles(), [["builder", "c"]]);
        let one_way = [files[0], ("builder.rs", "")];
        assert_eq!(Modules::read(one_way).without([&own]).1, [&own]);
    }
}
