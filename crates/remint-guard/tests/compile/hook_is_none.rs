use remint_guard::Denials;

fn main() {
    let _ = Denials::new().with_denial_hook("not a hook");
}
