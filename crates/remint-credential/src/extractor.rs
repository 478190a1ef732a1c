use http::header::{AUTHORIZATION, CONNECTION, COOKIE, HOST};
use http::{HeaderMap, HeaderName};
use remint_core::{Credential, Denied, DeniedKind, Slot};

use crate::authorization::Schemes;
use crate::beginnings::Beginnings;
use crate::cookie::Cookies;
use crate::origin::Origin;
use crate::watch::{Role, Seen, WatchList};
use crate::{
    CredentialRules, Edit, Extraction, HeaderLines, InvalidRules, RawCredential, Removals, RequestHead, cookie, strip,
};

/// Finds the one credential of a request, by fixed rules.
#[derive(Debug, Clone)]
pub struct Extractor {
    schemes: Schemes,
    watch: WatchList,
    cookies: Cookies,
    origin: Option<Origin>,
    max_length: usize,
}

impl Default for Extractor {
    /// By the default rules.
    fn default() -> Self {
        Self::from_valid(CredentialRules::default())
    }
}

impl Extractor {
    /// Prepares the rules.
    ///
    /// # Errors
    ///
    /// [`InvalidRules`] if they contradict themselves or HTTP.
    pub fn new(rules: CredentialRules) -> Result<Self, InvalidRules> {
        let is_token = |text: &str| HeaderName::try_from(text).is_ok();
        let has_own_slot = |scheme: &str| ["bearer", "dpop"].iter().any(|own| scheme.eq_ignore_ascii_case(own));
        if rules.api_key_schemes.iter().any(|scheme| !is_token(scheme) || has_own_slot(scheme)) {
            return Err(InvalidRules::Scheme);
        }
        let own_meaning = |name: &HeaderName| OWN_MEANING.contains(name);
        let has_star = |text: &str| text.contains('*');
        let is_vague = |name: &HeaderName| match beginning(name) {
            Some(text) => text.len() < MIN_BEGINNING || has_star(text),
            None => has_star(name.as_str()),
        };
        let credentials = || rules.api_key_headers.iter().chain(&rules.jwt_headers);
        if credentials().any(|name| has_star(name.as_str())) || rules.strip_headers.iter().any(is_vague) {
            return Err(InvalidRules::Beginning);
        }
        let catches_own_meaning = |name: &HeaderName| {
            let begins = |text: &str| OWN_MEANING.iter().any(|own| own.as_str().starts_with(text));
            beginning(name).is_some_and(begins)
        };
        if rules.jwt_headers.iter().any(|name| rules.api_key_headers.contains(name)) {
            return Err(InvalidRules::TwoMeanings);
        }
        if credentials().chain(&rules.strip_headers).any(own_meaning)
            || rules.strip_headers.iter().any(catches_own_meaning)
        {
            return Err(InvalidRules::Header);
        }
        if [&rules.cookie, &rules.session_cookie].into_iter().flatten().any(|name| !is_token(name)) {
            return Err(InvalidRules::Cookie);
        }
        if rules.cookie.is_some() && rules.cookie == rules.session_cookie {
            return Err(InvalidRules::CookieTwoMeanings);
        }
        if rules.origin.as_deref().is_some_and(|origin| Origin::of_url(origin).is_none()) {
            return Err(InvalidRules::Origin);
        }
        if credentials().count() + rules.strip_headers.len() > WatchList::MAX - 12 {
            return Err(InvalidRules::TooMany);
        }
        if rules.max_length == 0 || rules.max_length > CredentialRules::MAX_LENGTH {
            return Err(InvalidRules::Length);
        }
        Ok(Self::from_valid(rules))
    }

    fn from_valid(rules: CredentialRules) -> Self {
        let mut entries = vec![(AUTHORIZATION, Role::Authorization), (CONNECTION, Role::Connection)];
        let cookies = Cookies::new(rules.cookie, rules.session_cookie);
        if !cookies.is_empty() {
            entries.push((COOKIE, Role::Cookie));
        }
        if rules.dpop {
            entries.push((DPOP, Role::Proof));
        }
        entries.extend(rules.api_key_headers.into_iter().map(|name| (name, Role::ApiKey)));
        entries.extend(rules.jwt_headers.into_iter().map(|name| (name, Role::Jwt)));
        let ours = OURS.into_iter().map(HeaderName::from_static);
        let (beginnings, names): (Vec<_>, Vec<_>) =
            rules.strip_headers.into_iter().chain(ours).partition(|name| beginning(name).is_some());
        entries.extend(names.into_iter().map(|name| (name, Role::Strip)));
        let beginnings = beginnings.iter().filter_map(beginning).map(Box::from).collect();
        Self {
            schemes: Schemes { bearer: rules.bearer, dpop: rules.dpop, api_key: rules.api_key_schemes },
            watch: WatchList::new(entries, Beginnings::new(beginnings)),
            cookies,
            origin: rules.origin.as_deref().and_then(Origin::of_url),
            max_length: rules.max_length,
        }
    }

    /// Finds the one credential; allocates nothing.
    ///
    /// # Errors
    ///
    /// `TwoCredentials`, `LookAlikeHeader`, `TooLong`, `MalformedHeader`, `NotAscii`,
    /// `UnknownScheme`, `CrossOrigin`, or `DpopProof` for two proofs.
    #[inline]
    pub fn extract<'h, H: HeaderLines + ?Sized>(&self, head: RequestHead<'h, H>) -> Result<Extraction<'h>, Denied> {
        let mut found = Extraction { presented: None, removals: Removals::default() };
        let mut unknown_scheme = false;
        for (name, value) in head.headers.lines() {
            let Some(seen) = self.watch.see(name) else { continue };
            match self.look(seen, value, &mut found) {
                // A credential that we cannot use is one all the same: beside another it is two.
                Err(DeniedKind::UnknownScheme) if !unknown_scheme => unknown_scheme = true,
                Err(DeniedKind::UnknownScheme) => return Err(DeniedKind::TwoCredentials.into()),
                outcome => outcome?,
            }
        }
        if unknown_scheme {
            let two = found.presented.is_some();
            return Err(if two { DeniedKind::TwoCredentials } else { DeniedKind::UnknownScheme }.into());
        }
        if let Some(RawCredential { slot, bytes }) = found.presented {
            if bytes.len() > self.max_length {
                return Err(DeniedKind::TooLong.into());
            }
            match slot {
                Slot::Cookie | Slot::SessionCookie => cookie::require_same_origin(head, self.origin.as_ref())?,
                Slot::JwtHeader => cookie::refuse_other_origins(head, self.origin.as_ref())?,
                _ => {}
            }
        }
        Ok(found)
    }

    /// [`Extractor::extract`] and [`RawCredential::check`] in one.
    ///
    /// # Errors
    ///
    /// Those of the two.
    pub fn credential<'h, H: HeaderLines + ?Sized>(
        &self,
        head: RequestHead<'h, H>,
    ) -> Result<Option<Credential<'h>>, Denied> {
        self.extract(head)?.presented.map(RawCredential::check).transpose()
    }

    /// Removes what must not go on: headers with API keys or JWTs, the DPoP proof, the cookie, every header to be stripped and
    /// all look-alikes. `Authorization` is left: it is replaced by whoever calls this.
    #[inline]
    pub fn strip(&self, headers: &mut HeaderMap, removals: Removals) {
        if !removals.is_empty() {
            self.strip_what_is_there(headers, removals);
        }
    }

    fn strip_what_is_there(&self, headers: &mut HeaderMap, removals: Removals) {
        for (_, name) in self.watch.names().filter(|(index, _)| removals.has(Removals::header(*index))) {
            headers.remove(name);
        }
        if removals.has(Removals::OTHERS) {
            strip::remove_watched(&self.watch, headers);
        }
        if removals.has(Removals::CONNECTION) {
            let lines = strip::clean_connection(&self.watch, headers).collect();
            strip::replace(&CONNECTION, lines, headers);
        }
        if removals.has(Removals::COOKIE) {
            let lines = self.cookies.cut(headers).collect();
            strip::replace(&COOKIE, lines, headers);
        }
    }

    /// What [`Extractor::strip`] does, change by change, for headers that are no `HeaderMap`. `headers` are those
    /// that were extracted from. A name that is removed is named once, as its first line has it.
    pub fn each_edit<H: HeaderLines + ?Sized>(&self, headers: &H, removals: Removals, mut edit: impl FnMut(Edit<'_>)) {
        if removals.is_empty() {
            return;
        }
        strip::each_watched(&self.watch, headers, &mut edit);
        if removals.has(Removals::CONNECTION) {
            strip::each_replaced(&CONNECTION, strip::clean_connection(&self.watch, headers), &mut edit);
        }
        if removals.has(Removals::COOKIE) {
            strip::each_replaced(&COOKIE, self.cookies.cut(headers), &mut edit);
        }
    }

    #[inline]
    fn look<'h>(&self, seen: Seen, bytes: &'h [u8], found: &mut Extraction<'h>) -> Result<(), DeniedKind> {
        match seen.role {
            Role::Authorization if seen.exact => self.schemes.parse(bytes, found),
            Role::Connection if seen.exact => {
                if !strip::is_plain_connection(bytes) {
                    found.removals.add(Removals::CONNECTION);
                }
                Ok(())
            }
            _ => self.look_further(seen, bytes, found),
        }
    }

    fn look_further<'h>(&self, seen: Seen, bytes: &'h [u8], found: &mut Extraction<'h>) -> Result<(), DeniedKind> {
        if !seen.exact {
            found.removals.add(Removals::OTHERS);
            return if matches!(seen.role, Role::ApiKey | Role::Jwt) {
                Err(DeniedKind::LookAlikeHeader)
            } else {
                Ok(())
            };
        }
        if seen.role == Role::Proof && found.removals.has(Removals::header(seen.index)) {
            return Err(DeniedKind::DpopProof);
        }
        if seen.role.is_removed() {
            found.removals.add(Removals::header(seen.index));
        }
        match seen.role {
            Role::ApiKey => found.present(Slot::ApiKeyHeader, bytes),
            Role::Jwt => found.present(Slot::JwtHeader, bytes),
            Role::Cookie => self.cookies.find(bytes, found),
            _ => Ok(()),
        }
    }
}

impl Role {
    pub(crate) const fn is_removed(self) -> bool {
        matches!(self, Self::ApiKey | Self::Jwt | Self::Proof | Self::Strip)
    }
}

/// Where a proof stands (RFC 9449 §4.1).
const DPOP: HeaderName = HeaderName::from_static("dpop");

/// What can be neither an API-key header nor a stripped one.
const OWN_MEANING: [HeaderName; 5] = [AUTHORIZATION, COOKIE, CONNECTION, HOST, DPOP];

/// Headers that this workspace may set: a client's copies never go on.
const OURS: [&str; 2] = ["x-remint-*", "txn-token"];

/// How names begin that an entry with a `*` at its end stands for.
fn beginning(name: &HeaderName) -> Option<&str> {
    name.as_str().strip_suffix('*')
}

/// `x-*` would take nearly everything.
const MIN_BEGINNING: usize = 3;
