use bytes::Bytes;
use http::{Extensions, Request, Response};
use remint_core::{QuotaAnswer, QuotaTaken, Refusal, Unavailable};
use remint_guard::{Denials, OutsideLayer, RequestKind, Requirements, find_caller};
use remint_quota::{Charged, Draw, Quota, Report};

use super::markers::{Refused, Told};

#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) quota: Quota,
    pub(super) class: Option<Box<str>>,
    pub(super) cost: u64,
    pub(super) denials: Denials,
    pub(super) pass_when_unavailable: bool,
}

/// A charge whose request has gone on: its response is to be told.
#[derive(Debug)]
pub(super) struct Watch {
    report: Report,
    nested: bool,
}

impl Settings {
    /// What the request is charged; `None`: nothing, since nobody is signed in, or no limit applies to them.
    pub(super) fn draw(&self, extensions: &Extensions) -> Result<Option<Draw>, OutsideLayer> {
        let Some(identity) = find_caller(extensions)? else { return Ok(None) };
        Ok(self.quota.draw(identity, self.class.as_deref(), self.cost, extensions.get()))
    }

    /// The answer where no layer outside has looked for a caller: nobody would be held to anything.
    #[cold]
    pub(super) fn misplaced<ReqBody, ResBody: From<Bytes>>(
        &self,
        outside: OutsideLayer,
        asked: &Request<ReqBody>,
    ) -> Response<ResBody> {
        outside.log("QuotaLayer", asked.method(), asked.uri().path());
        self.denials.defect(RequestKind::of(asked)).map(ResBody::from)
    }

    /// Lets the request go on (`None`: uncounted), or answers it.
    pub(super) fn admit<ReqBody, ResBody: From<Bytes>>(
        &self,
        draw: Draw,
        answer: Result<QuotaTaken, Unavailable>,
        request: &mut Request<ReqBody>,
    ) -> Result<Option<Watch>, Response<ResBody>> {
        let before = request.extensions().get::<Charged>();
        let nested = before.is_some();
        let taken = match answer {
            Ok(taken) => taken,
            Err(unavailable) => return self.unavailable(unavailable, request, nested),
        };
        if !taken.is_allowed() {
            return Err(self.refuse(&Report::new(draw, taken), request, nested));
        }
        let charged = Charged::and(before, &draw);
        request.extensions_mut().insert(charged);
        Ok(Some(Watch { report: Report::new(draw, taken), nested }))
    }

    #[cold]
    fn refuse<ReqBody, ResBody: From<Bytes>>(
        &self,
        report: &Report,
        asked: &Request<ReqBody>,
        nested: bool,
    ) -> Response<ResBody> {
        for limit in report.violated() {
            metrics::counter!("remint_quota_refused_total", "limit" => limit.to_owned()).increment(1);
            tracing::debug!(target: "remint", limit, "a quota is used up");
        }
        let mut response = self.denials.quota_exceeded(report.retry_after(), RequestKind::of(asked));
        report.write(response.headers_mut(), false);
        mark(response.map(ResBody::from), nested)
    }

    #[cold]
    fn unavailable<ReqBody, ResBody: From<Bytes>>(
        &self,
        unavailable: Unavailable,
        asked: &Request<ReqBody>,
        nested: bool,
    ) -> Result<Option<Watch>, Response<ResBody>> {
        log(&unavailable);
        if self.pass_when_unavailable {
            return Ok(None);
        }
        let refusal = Refusal::Unavailable(unavailable);
        let response = self.denials.respond(&refusal, RequestKind::of(asked), &Requirements::new());
        Err(mark(response.map(ResBody::from), nested))
    }
}

impl Watch {
    /// Takes the charge back if a layer further in refused the request.
    pub(super) fn take_back<B>(&mut self, response: &Response<B>) -> Option<QuotaAnswer<()>> {
        response.extensions().get::<Refused>().map(|_| self.report.give_back())
    }

    pub(super) fn tell<B>(&self, response: &mut Response<B>) {
        let after_ours = response.extensions().get::<Told>().is_some();
        self.report.write(response.headers_mut(), after_ours);
        if self.nested && !after_ours {
            response.extensions_mut().insert(Told);
        }
    }
}

#[cold]
pub(super) fn log(unavailable: &Unavailable) {
    metrics::counter!("remint_quota_unavailable_total").increment(1);
    let cause = std::error::Error::source(unavailable).map(ToString::to_string).unwrap_or_default();
    tracing::warn!(target: "remint", reason = unavailable.kind().reason(), cause, "the quota counter did not answer");
}

fn mark<B>(mut response: Response<B>, nested: bool) -> Response<B> {
    response.extensions_mut().insert(Refused);
    if nested {
        response.extensions_mut().insert(Told);
    }
    response
}
