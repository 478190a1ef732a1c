use remint_guard::Denials;

fn main() {
    let name = String::from("api");
    let _ = Denials::new().with_hook(move |context, mut response| {
        let code = context.code.unwrap_or("unauthenticated");
        *response.body_mut() = format!("{name}: {code}").into();
        response
    });
}
