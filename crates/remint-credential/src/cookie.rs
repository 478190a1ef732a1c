use http::header::COOKIE;
use http::{HeaderValue, Method};
use remint_core::{Denied, DeniedKind, Slot};

use crate::origin::Origin;
use crate::{Extraction, HeaderLines, Removals, RequestHead, header_values};

/// The cookies that carry a credential, each with its slot.
#[derive(Debug, Clone)]
pub(crate) struct Cookies(Box<[(Slot, String)]>);

impl Cookies {
    pub(crate) fn new(jwt: Option<String>, session: Option<String>) -> Self {
        let named = [(Slot::Cookie, jwt), (Slot::SessionCookie, session)];
        Self(named.into_iter().filter_map(|(slot, name)| Some((slot, name?))).collect())
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Finds them in this header line.
    ///
    /// # Errors
    ///
    /// `TwoCredentials` if there are two, `MalformedHeader` if one is empty.
    pub(crate) fn find<'h>(&self, line: &'h [u8], found: &mut Extraction<'h>) -> Result<(), DeniedKind> {
        for (slot, value) in pairs(line).filter_map(|pair| self.credential_of(pair)) {
            found.removals.add(Removals::COOKIE);
            found.present(slot, value)?;
        }
        Ok(())
    }

    /// The `Cookie` lines without them, but those that hold nothing else.
    pub(crate) fn cut<'h, H: HeaderLines + ?Sized>(&'h self, headers: &'h H) -> impl Iterator<Item = HeaderValue> {
        header_values(headers, COOKIE.as_str()).filter_map(|line| self.without(line))
    }

    fn without(&self, line: &[u8]) -> Option<HeaderValue> {
        let kept: Vec<&[u8]> = pairs(line).filter(|pair| self.credential_of(pair).is_none()).collect();
        let joined = kept.join(&b"; "[..]);
        if joined.is_empty() { None } else { HeaderValue::from_bytes(&joined).ok() }
    }

    fn credential_of<'h>(&self, pair: &'h [u8]) -> Option<(Slot, &'h [u8])> {
        self.0.iter().find_map(|(slot, name)| Some((*slot, value_of(name, pair)?)))
    }
}

/// A browser attaches cookies to requests that other sites cause. A request that changes something
/// therefore counts only if the browser says that it comes from our own origin.
///
/// # Errors
///
/// `CrossOrigin`.
pub(crate) fn require_same_origin<H: HeaderLines + ?Sized>(
    head: RequestHead<'_, H>,
    ours: Option<&Origin>,
) -> Result<(), Denied> {
    if changes_nothing(head) {
        return Ok(());
    }
    let (site, origin) = said(head, ours);
    let same = match (site, origin) {
        (Some(site), Some(Some(origin))) => site && origin,
        (Some(site), None | Some(None)) => site,
        (None, Some(origin)) => origin == Some(true),
        (None, None) => false,
    };
    if same { Ok(()) } else { Err(DeniedKind::CrossOrigin.into()) }
}

/// A header that a proxy adds to whatever a browser sends is as ambient as a cookie, and other clients send it too: what
/// changes something is refused if a browser says that it comes from elsewhere.
///
/// # Errors
///
/// `CrossOrigin`.
pub(crate) fn refuse_other_origins<H: HeaderLines + ?Sized>(
    head: RequestHead<'_, H>,
    ours: Option<&Origin>,
) -> Result<(), Denied> {
    if changes_nothing(head) {
        return Ok(());
    }
    match said(head, ours) {
        (Some(false), _) | (_, Some(Some(false))) => Err(DeniedKind::CrossOrigin.into()),
        // An origin, and none of ours that it could be.
        (None, Some(None)) => Err(DeniedKind::CrossOrigin.into()),
        _ => Ok(()),
    }
}

fn changes_nothing<H: HeaderLines + ?Sized>(head: RequestHead<'_, H>) -> bool {
    // A WebSocket begins with a GET that any site may cause and no CORS rule guards.
    !head.has("upgrade") && matches!(*head.method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether `Sec-Fetch-Site` and `Origin` say that the request comes from our own origin, as far as they are there.
/// Without an origin of ours, one in a header says nothing.
fn said<H: HeaderLines + ?Sized>(
    head: RequestHead<'_, H>,
    ours: Option<&Origin>,
) -> (Option<bool>, Option<Option<bool>>) {
    let site = single(head, "sec-fetch-site").map(|site| site == "same-origin");
    let origin = single(head, "origin").map(|theirs| ours.map(|ours| Origin::parse(theirs).as_ref() == Some(ours)));
    (site, origin)
}

fn pairs(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty())
}

fn value_of<'h>(name: &str, pair: &'h [u8]) -> Option<&'h [u8]> {
    let equals = pair.iter().position(|byte| *byte == b'=')?;
    let (key, value) = pair.split_at_checked(equals)?;
    (key.trim_ascii() == name.as_bytes()).then(|| value.get(1..).unwrap_or_default().trim_ascii())
}

fn single<'h, H: HeaderLines + ?Sized>(head: RequestHead<'h, H>, name: &str) -> Option<&'h str> {
    let mut values = head.values(name);
    match (values.next(), values.next()) {
        (Some(value), None) => text(value),
        // Two of them are as good as a foreign one.
        (Some(_), Some(_)) => Some(""),
        (None, _) => None,
    }
}

/// Visible ASCII, or nothing.
fn text(value: &[u8]) -> Option<&str> {
    let is_visible = value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    if is_visible { std::str::from_utf8(value).ok() } else { None }
}
