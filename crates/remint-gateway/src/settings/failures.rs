use remint::FailureLimits;

use super::origin::Origin;
use super::section::Section;

/// `[failures]`: from how many failed credentials in a minute something is said, and something else answered.
/// They are counted by the caller's address and by the beginning of API keys.
pub(super) fn read(mut section: Section<'_, '_>) -> FailureLimits {
    let warn_at = section.or("warn_at", 100_u64);
    let limit = section.or("limit", 0_u64);
    let mut per_minute = |key: &str, value: u64, origin: &Origin| match u32::try_from(value) {
        Ok(0) => None,
        Ok(failures) => Some(failures),
        Err(_) => {
            section.problem(origin, format!("`failures.{key}`: at most {}, or 0 for none", u32::MAX));
            None
        }
    };
    let warn = per_minute("warn_at", *warn_at, &warn_at.origin);
    let most = per_minute("limit", *limit, &limit.origin);
    section.finish();
    FailureLimits::new().warn_at(warn).limit(most)
}
