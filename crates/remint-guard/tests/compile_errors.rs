//! What compiles without ceremony, and what the compiler says of mistakes.

#[test]
fn hooks_infer_their_arguments_and_a_wrong_one_is_told_what_a_hook_is() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile/hook_infers.rs");
    cases.compile_fail("tests/compile/hook_is_none.rs");
}
