//! What the compiler says of the mistakes that are made most: one error, which says what to do.

#[test]
fn a_store_that_was_not_awaited_is_one_error_that_says_so() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/compile/store_without_await.rs");
}
