//! Ports have no default bodies: a wrapper that forgets a method would answer in place of what it wraps.

/// The methods with a default body of each port in a source file, as `Port::method`. A port is a public trait
/// that is `Send + Sync + 'static`, so that it can stand behind a pointer. A method `where Self: Sized` is not one of
/// the port's: it cannot be called through the pointer.
#[must_use]
pub fn default_bodies(source: &str) -> Vec<String> {
    let code = without_comments(source);
    let mut found = Vec::new();
    for declared in code.split("pub trait ").skip(1) {
        let Some((head, after)) = declared.split_once('{') else { continue };
        if !["Send", "Sync", "'static"].iter().all(|bound| head.contains(bound)) {
            continue;
        }
        let methods = block(after).split("fn ").skip(1).filter(|method| has_body(method) && !needs_size(method));
        found.extend(methods.map(|method| format!("{}::{}", name(head), name(method))));
    }
    found
}

/// The identifier that a text begins with.
fn name(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// What stands before the brace that closes a block whose opening brace was read.
fn block(text: &str) -> &str {
    let mut depth = 1_usize;
    let end = text.char_indices().find(|(_, character)| {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// Whether a brace comes before the semicolon that ends a signature; `[u8; 32]` ends none.
fn has_body(method: &str) -> bool {
    let mut depth = 0_usize;
    let end = method.chars().find(|character| {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(character, '{' | ';')
    });
    end == Some('{')
}

/// Whether the signature, up to the body, asks for `Self: Sized`.
fn needs_size(method: &str) -> bool {
    method.split('{').next().is_some_and(|signature| {
        signature.split_whitespace().collect::<Vec<_>>().join(" ").contains("where Self: Sized")
    })
}

fn without_comments(source: &str) -> String {
    source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_body_is_found_and_a_signature_is_not() {
        let source = "
            /// A port { of words }.
            #[async_trait]
            pub trait Port: Debug + Send + Sync + 'static {
                fn said(&self) -> [u8; 2];
                async fn asked(&self, of: &str) -> Result<(), Unavailable>;
                fn guessed(&self) -> [u8; 2] { if true { [0; 2] } else { [1; 2] } }
                fn by_value(self) -> u8 where Self: Sized { 0 }
                fn generic<T>(&self, of: T) where T: Sized { }
                fn last(&self);
            }
            pub trait Extension { fn given(&self) {} }
            pub trait Other: Send + Sync + 'static { fn named(&self, of: [u8; 4]) {} }
        ";
        assert_eq!(default_bodies(source), ["Port::guessed", "Port::generic", "Other::named"]);
    }
}
