//! What a Rust file uses, as far as its text shows it.

/// A file's code: without comments, and without the tests at its end.
pub(crate) fn code(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let tests = lines.iter().position(|line| line.starts_with("mod ") && line.ends_with("tests {"));
    lines.get(..tests.unwrap_or(lines.len())).unwrap_or_default().join("\n")
}

/// Each `use`, whether it is public, and the paths in it.
pub(crate) fn paths_of_uses(text: &str) -> impl Iterator<Item = (bool, Vec<Vec<String>>)> {
    let declarations = text.split(';').filter_map(|statement| {
        let (before, tree) = statement.rsplit_once("use ")?;
        let line = before.lines().next_back().unwrap_or_default().trim();
        (line.is_empty() || line.starts_with("pub")).then(|| (line.starts_with("pub"), paths(tree)))
    });
    declarations.collect::<Vec<_>>().into_iter()
}

/// The paths of a tree such as `crate::{a::B, c as d}`.
fn paths(tree: &str) -> Vec<Vec<String>> {
    let Some((head, rest)) = tree.split_once('{') else { return vec![segments(tree)] };
    let head = segments(head);
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut parts) = (0_usize, vec![String::new()]);
    for character in inner.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match parts.last_mut() {
            Some(part) if depth > 0 || character != ',' => part.push(character),
            _ => parts.push(String::new()),
        }
    }
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| paths(part)).map(|path| head.iter().cloned().chain(path).collect()).collect()
}

/// The names of a path, the last one without what it is called here.
pub(crate) fn segments(path: &str) -> Vec<String> {
    let names = path.split("::").map(|name| name.split(" as ").next().unwrap_or_default().trim());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
