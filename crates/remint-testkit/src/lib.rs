//! Conformance suites and fakes for the tests of this workspace.
