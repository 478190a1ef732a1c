//! The settings of the gateway: a TOML file, and `REMINT__` variables over it.
//!
//! What a setting is called, how it is read, what it is without being set and how it is shown stand in
//! one place, the reader of its section: a key that no reader asked for is an error.

mod access_tokens;
mod act_for;
mod admin;
mod api_keys;
mod cache;
mod client_cert_header;
mod client_keys;
mod client_scopes;
mod clients;
mod credentials;
mod dpop;
mod environment;
mod exchange;
mod exchange_credentials;
mod failures;
mod http_client;
mod introspection;
mod issuer;
mod jwks_headers;
mod leaked_keys;
mod listen;
mod node;
mod origin;
mod problem;
mod quota;
mod revocation;
mod secret;
mod section;
mod setting;
mod shown;
mod store;
#[cfg(test)]
mod tests;
mod trust;
mod value;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use remint::{Audience, CredentialRules, FailureLimits, HttpClient, IssuerId, Plans};
use remint_keyset::{HttpFetch, Url};
use remint_secret_file::Kind;

pub(crate) use self::admin::Bootstrap;
pub(crate) use self::api_keys::ApiKeySettings;
pub(crate) use self::cache::CacheSettings;
pub(crate) use self::client_cert_header::ClientCertHeader;
pub(crate) use self::clients::ClientSettings;
pub(crate) use self::dpop::DpopSettings;
pub(crate) use self::exchange::ExchangeSettings;
pub(crate) use self::issuer::IssuerSettings;
pub(crate) use self::listen::{HostName, Limits, Listen};
use self::node::Table;
use self::origin::Origin;
use self::problem::Problem;
pub(crate) use self::problem::{Problems, meant};
pub(crate) use self::revocation::{Log, RevocationSettings};
use self::section::{Book, Section};
use self::setting::World;
pub(crate) use self::setting::open_guarded;
use self::shown::Shown;
pub(crate) use self::store::Place;
pub(crate) use self::trust::TrustSettings;

/// Everything that was set, checked.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) listen: Listen,
    /// The server that does the work of an edge without keys. Then issuer, trusts, clients, API keys, quota
    /// and bootstrap key are set there, and are defaults here.
    pub(crate) exchange: Option<ExchangeSettings>,
    pub(crate) issuer: IssuerSettings,
    pub(crate) trusts: Vec<TrustSettings>,
    /// Who may ask the authorization server.
    pub(crate) clients: Vec<ClientSettings>,
    pub(crate) credentials: CredentialRules,
    /// Whether proofs are taken, and which; `None`: a token that is bound to a key is refused.
    pub(crate) dpop: Option<DpopSettings>,
    pub(crate) api_keys: ApiKeySettings,
    pub(crate) cache: CacheSettings,
    pub(crate) revocation: RevocationSettings,
    pub(crate) failures: FailureLimits,
    /// The limits of callers, by plan; `None`: there are none.
    pub(crate) quota: Option<Plans>,
    /// Where the keys of a secret scanner are whose reports are believed.
    pub(crate) public_keys_uri: Option<Url>,
    pub(crate) bootstrap: Option<Bootstrap>,
    /// The client for whatever this process asks.
    pub(crate) http: Arc<HttpClient>,
    /// What is no error, and probably not meant.
    pub(crate) warnings: Problems,
    /// All of it as a file, with secrets masked.
    pub(crate) shown: String,
}

impl Settings {
    /// Reads the file, if there is one, and the variables over it.
    pub(crate) fn load(file: Option<&Path>, variables: BTreeMap<String, String>) -> Result<Self, Problems> {
        Self::load_for(file, variables, false)
    }

    /// The same for an operator's command, which needs no bootstrap key.
    pub(crate) fn load_for_command(file: Option<&Path>, variables: BTreeMap<String, String>) -> Result<Self, Problems> {
        Self::load_for(file, variables, true)
    }

    fn load_for(
        file: Option<&Path>,
        variables: BTreeMap<String, String>,
        is_for_command: bool,
    ) -> Result<Self, Problems> {
        let all = |problems| Problems::new(file, problems);
        let (opened, text) = match file.map(read) {
            Some(Ok((opened, text))) => (Some(opened), text),
            Some(Err(message)) => return Err(all(vec![Problem::new(Origin::Default, message)])),
            None => (None, String::new()),
        };
        let mut tree = node::parse(&text).map_err(|problem| all(vec![problem]))?;
        let mut problems = environment::overlay(&mut tree, &variables);
        let folder = file.and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
        let world = World { is_for_command, ..World::new(folder, variables) };
        let (settings, found) = Self::read(tree, &world);
        problems.extend(found);
        problems.extend(file.zip(opened).and_then(|(path, opened)| exposed(path, &opened, &world)));
        match settings {
            Some(settings) if problems.is_empty() => Ok(Self { warnings: settings.warnings.told_of(file), ..settings }),
            _ => Err(all(problems)),
        }
    }

    /// Whether gateways learn in the store of what others change there.
    pub(crate) fn gateways_follow_store(&self) -> bool {
        self.revocation.log == Log::Source && !matches!(self.api_keys.store.place, Place::Memory)
    }

    fn read(tree: Table, world: &World) -> (Option<Self>, Vec<Problem>) {
        let mut book = Book { world, problems: Vec::new(), shown: Shown::default() };
        let settings = Self::read_into(tree, &mut book);
        let (problems, shown) = (book.problems, book.shown.into_text());
        (settings.map(|settings| Self { shown, ..settings }), problems)
    }

    fn read_into(tree: Table, book: &mut Book<'_>) -> Option<Self> {
        let standard: (IssuerId, Audience) = ("http://127.0.0.1:8480".parse().ok()?, "internal".parse().ok()?);
        let mut root = Section::root(tree, book);
        let issuer_url = root.text_at("issuer", "url").filter(|url| *url != standard.0.as_str());
        let listen = Listen::read(root.section("listen"), issuer_url.as_deref());
        let http = Arc::new(http_client::read(root.section("http"))?);
        let exchanges = root.place("exchange").is_some();
        let revocation = RevocationSettings::read(root.section("revocation"), exchanges, &http);
        let exchange = ExchangeSettings::read(&mut root, &http, &revocation.log);

        let mut nothing = Book { world: root.book.world, problems: Vec::new(), shown: Shown::default() };
        let mut elsewhere = Section::root(Table::new(), &mut nothing);
        let own = if exchange.is_some() { &mut elsewhere } else { &mut root };
        let issuer = IssuerSettings::read(own.section("issuer"), standard);
        let trusts = own.list("trust", |section| TrustSettings::read(section, &http));
        if trusts.is_empty() {
            trust::show_example(own.book, &http);
        }
        let trusts: Vec<_> = trusts.into_iter().flatten().collect();
        let clients = own.list("clients", ClientSettings::read);
        if clients.is_empty() {
            clients::show_example(own.book);
        }
        let clients: Vec<_> = clients.into_iter().flatten().collect();
        let api_keys = ApiKeySettings::read(own.section("api_keys"));
        if let (Some(given), None) = (&issuer.given, &api_keys.peppers) {
            let message = "`issuer.key` leaves no folder for a pepper of the API keys: set `api_keys.peppers`";
            own.problem(&given.origin, message);
        }
        let quota = quota::read(own);
        let public_keys_uri = leaked_keys::read(own.section("leaked_keys"), &http);
        let bootstrap = Bootstrap::read(own.section("admin"));

        let credentials = credentials::read(root.section("credentials"), &listen.public_url);
        let dpop = DpopSettings::read(root.section("dpop"), &listen.public_url);
        let cache = CacheSettings::read(root.section("cache"), issuer.ttl);
        let failures = failures::read(root.section("failures"));
        if exchange.is_none() {
            exchange::show_example(root.book, &http);
        }
        for key in LATER {
            root.later(key);
        }
        let fetch: Arc<dyn HttpFetch> = Arc::clone(&http) as _;
        let wrong_trusts = TrustSettings::check(&trusts, &issuer.url, &fetch);
        for (origin, message) in wrong_trusts.into_iter().chain(ClientSettings::check(&clients, &issuer.url, &trusts)) {
            root.problem(&origin, message);
        }
        let warnings =
            TrustSettings::warnings(&trusts).map(|(origin, message)| Problem::new(origin, message)).collect();
        root.finish();
        Some(Self {
            listen,
            exchange: exchange.flatten(),
            issuer,
            trusts,
            clients,
            credentials,
            dpop,
            api_keys,
            cache,
            revocation,
            failures,
            quota,
            public_keys_uri,
            bootstrap,
            http,
            warnings: Problems::new(None, warnings),
            shown: String::new(),
        })
    }
}

/// The settings file and its text. Who can write it decides whom we believe.
fn read(path: &Path) -> Result<(File, String), String> {
    let unreadable = |error| format!("it cannot be read: {error}");
    let file = File::open(path).map_err(unreadable)?;
    remint_secret_file::check(&file, path, Kind::Settings).map_err(|error| error.to_string())?;
    let text = std::io::read_to_string(&file).map_err(unreadable)?;
    Ok((file, text))
}

/// What is wrong with a file that holds a secret as text, if others could have read it.
fn exposed(path: &Path, file: &File, world: &World) -> Option<Problem> {
    let line = world.secret_at.get()?;
    let error = remint_secret_file::check(file, path, Kind::Secret).err()?;
    let message = format!("a secret stands here as text, and {error}. Or give it as {{ env = … }} or {{ file = … }}");
    Some(Problem::new(Origin::Line(line), message))
}

/// Sections that later versions give a meaning to.
const LATER: [&str; 3] = ["policies", "tls", "telemetry"];
