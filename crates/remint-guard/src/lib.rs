//! What stands directly before a handler: the caller, the requirement, the denial.
