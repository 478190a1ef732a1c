/// The proxies that the environment names, as curl reads it.
#[derive(Clone)]
pub(crate) struct EnvironmentProxy {
    https: Option<String>,
    http: Option<String>,
    without: String,
}

impl EnvironmentProxy {
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| {
            let set = |name: &str| variable(name).filter(|text| !text.trim().is_empty());
            set(name).or_else(|| set(&name.to_ascii_lowercase()))
        };
        let all = || variable("ALL_PROXY");
        Self {
            https: variable("HTTPS_PROXY").or_else(all),
            http: variable("HTTP_PROXY").or_else(all),
            without: variable("NO_PROXY").unwrap_or_default(),
        }
    }

    /// One for each scheme that has one.
    pub(crate) fn proxies(&self) -> Vec<reqwest::Result<reqwest::Proxy>> {
        let https = self.https.as_ref().map(reqwest::Proxy::https);
        https.into_iter().chain(self.http.as_ref().map(reqwest::Proxy::http)).collect()
    }

    /// The hosts that are asked without one, with commas between them.
    pub(crate) fn without(&self) -> &str {
        &self.without
    }
}
