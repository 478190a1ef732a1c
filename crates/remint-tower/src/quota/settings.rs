use bytes::Bytes;
use http::{Extensions, Request, Response};
use remint_core::{QuotaAnswer, QuotaTaken, Refusal, Unavailable};
use remint_guard::{Denials, OutsideLayer, RequestKind, RequestTrace, Requirements, find_caller};
use remint_quota::{Charged, Draw, Quota, Report};

use super::markers::{Refused, Told};
use super::telemetry;

#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) quota: Quota,
    pub(super) class: Option<Box<str>>,
    pub(super) cost: u64,
    /// `None`: those of the layer outside.
    pub(super) denials: Option<Denials>,
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
        let trace = RequestTrace::of(asked.into());
        outside.log("QuotaLayer", &trace);
        self.denials(asked).traced_defect(RequestKind::of(asked), &trace).map(ResBody::from)
    }

    fn denials<'a, B>(&'a self, asked: &'a Request<B>) -> &'a Denials {
        const PLAIN: &Denials = &Denials::new();
        self.denials.as_ref().or_else(|| Denials::shared(asked.extensions())).unwrap_or(PLAIN)
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
        let trace = RequestTrace::of(asked.into());
        let limits: Vec<&str> = report.violated().collect();
        for limit in &limits {
            metrics::counter!("remint_quota_refused_total", "limit" => (*limit).to_owned()).increment(1);
        }
        let identity = find_caller(asked.extensions()).ok().flatten();
        telemetry::refused(&limits.join(" "), identity.map(|identity| &**identity), &trace);
        let mut response = self.denials(asked).quota_exceeded(report.retry_after(), RequestKind::of(asked));
        trace.write(response.headers_mut());
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
        let trace = RequestTrace::of(asked.into());
        telemetry::unavailable(&unavailable, Some(&trace));
        if self.pass_when_unavailable {
            return Ok(None);
        }
        let refusal = Refusal::Unavailable(unavailable);
        let mut response = self.denials(asked).respond(&refusal, RequestKind::of(asked), &Requirements::new());
        trace.write(response.headers_mut());
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

fn mark<B>(mut response: Response<B>, nested: bool) -> Response<B> {
    response.extensions_mut().insert(Refused);
    if nested {
        response.extensions_mut().insert(Told);
    }
    response
}
