use std::io::{Stdout, Write, stdout};

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::Outcome;
use crate::demo::{Demo, Provider};
use crate::step::Taken;
use crate::style::Style;
use crate::table::{self, Rows};

/// What is printed: text for people, or JSON lines for programs.
#[derive(Debug)]
pub(crate) struct Report {
    out: Stdout,
    json: bool,
    style: Style,
    steps: usize,
}

impl Report {
    pub(crate) fn new(json: bool) -> Self {
        Self { out: stdout(), json, style: Style::of(&stdout()), steps: 0 }
    }

    pub(crate) fn opening(&mut self, demo: &Demo) -> Outcome<()> {
        if self.json {
            return Ok(());
        }
        let provider = match &demo.provider {
            Provider::Demo(provider) => {
                ("demo provider".to_owned(), format!("{}, in this process; it logs nobody in", provider.issuer()))
            }
            Provider::Real(issuer) => ("your provider".to_owned(), issuer.clone()),
        };
        let rows = vec![
            provider,
            ("edge".to_owned(), demo.url().to_owned()),
            ("service behind".to_owned(), format!("{}; it knows the edge's keys and nothing else", demo.behind())),
        ];
        writeln!(self.out, "{}\n", self.style.bold("One coin past the border"))?;
        self.rows("  ", &rows)
    }

    pub(crate) fn step(&mut self, taken: &Taken) -> Outcome<()> {
        self.steps += 1;
        if self.json {
            let line = json!({
                "step": self.steps, "title": taken.title, "sent": headers(&taken.sent),
                "status": taken.status.as_u16(), "challenge": taken.challenge, "answer": taken.answer,
                "held": taken.broken.is_empty(), "broken": taken.broken,
            });
            return self.line(&line);
        }
        self.title(taken.title)?;
        let sent = taken.sent.iter().map(|(name, value)| (format!("in   {name}"), value.clone())).collect();
        self.rows("   ", &sent)?;
        match taken.status {
            StatusCode::OK if taken.brief => writeln!(self.out, "   out  {}", taken.status)?,
            StatusCode::OK => self.seen(taken)?,
            _ => self.refused(taken)?,
        }
        self.verdict(taken)
    }

    fn seen(&mut self, taken: &Taken) -> Outcome<()> {
        writeln!(self.out, "   out  {}; the service behind saw", taken.status)?;
        self.rows("        ", &table::seen(&taken.answer))?;
        writeln!(self.out, "   {}", self.style.dim("the internal token's claims"))?;
        let claims = serde_json::to_string_pretty(taken.answer.get("claims").unwrap_or(&Value::Null))?;
        for line in claims.lines() {
            writeln!(self.out, "        {line}")?;
        }
        Ok(())
    }

    fn refused(&mut self, taken: &Taken) -> Outcome<()> {
        writeln!(self.out, "   out  {}", taken.status)?;
        let challenge = taken.challenge.iter().map(|text| ("www-authenticate".to_owned(), text.clone()));
        self.rows("        ", &challenge.chain([("body".to_owned(), taken.answer.to_string())]).collect())
    }

    /// A step that is not for this provider.
    pub(crate) fn skipped(&mut self, title: &str, why: &str) -> Outcome<()> {
        self.steps += 1;
        if self.json {
            return self.line(&json!({ "step": self.steps, "title": title, "skipped": why }));
        }
        self.title(title)?;
        writeln!(self.out, "   {} {why}", self.style.dim("left out:"))?;
        Ok(())
    }

    pub(crate) fn conclusion(&mut self, held: bool) -> Outcome<()> {
        if !self.json {
            let text = if held { "Every step held." } else { "Not every step held." };
            writeln!(self.out, "\n{}", self.style.bold(text))?;
        }
        Ok(())
    }

    pub(crate) fn serving(&mut self, demo: &Demo) -> Outcome<()> {
        let (url, live, test) = (demo.url(), &demo.live.text, &demo.test.text);
        let jwt = match &demo.provider {
            Provider::Demo(provider) => Some(provider.access_token()?),
            Provider::Real(_) => None,
        };
        if self.json {
            let mut line = json!({ "listening": url, "keys": { "live": live, "test": test } });
            if let (Some(jwt), Some(line)) = (jwt, line.as_object_mut()) {
                line.insert("jwt".to_owned(), jwt.into());
            }
            return self.line(&line);
        }
        let jwt = jwt.as_deref().unwrap_or("<a token of your provider>");
        writeln!(self.out, "\nServing on {} until Ctrl-C. Lines to paste:\n", self.style.bold(url))?;
        writeln!(self.out, "curl -s {url}/whoami -H 'X-API-Key: {live}'")?;
        writeln!(self.out, "curl -s {url}/whoami -H 'Authorization: Api-Key {test}'")?;
        writeln!(self.out, "curl -s {url}/whoami -H 'Authorization: Bearer {jwt}'")?;
        writeln!(self.out, "curl -si {url}/whoami")?;
        writeln!(self.out, "curl -s {url}/.well-known/jwks.json")?;
        self.out.flush()?;
        Ok(())
    }

    fn title(&mut self, title: &str) -> Outcome<()> {
        writeln!(self.out, "\n{}", self.style.bold(format_args!("{}. {title}", self.steps)))?;
        Ok(())
    }

    fn verdict(&mut self, taken: &Taken) -> Outcome<()> {
        if taken.broken.is_empty() {
            writeln!(self.out, "   {}", self.style.good("as it must be"))?;
        }
        for what in &taken.broken {
            writeln!(self.out, "   {} {what}", self.style.bad("NOT as it must be:"))?;
        }
        Ok(())
    }

    fn rows(&mut self, indent: &str, rows: &Rows) -> Outcome<()> {
        for (name, value) in table::aligned(rows) {
            writeln!(self.out, "{indent}{}  {value}", self.style.dim(name))?;
        }
        Ok(())
    }

    fn line(&mut self, object: &Value) -> Outcome<()> {
        writeln!(self.out, "{object}")?;
        self.out.flush()?;
        Ok(())
    }
}

/// Headers as `/whoami` shows them: each name with its values.
fn headers(rows: &Rows) -> Value {
    let mut shown = serde_json::Map::new();
    for (name, value) in rows {
        let values = shown.entry(name.as_str()).or_insert_with(|| json!([]));
        if let Some(values) = values.as_array_mut() {
            values.push(value.as_str().into());
        }
    }
    Value::Object(shown)
}
