//! Whether the time tells which texts were keys once: refusals of texts that never were keys beside
//! refusals of revoked ones, over the memory store, by Welch's t-test.

use std::time::Instant;

use remint_apikey::{ApiKeys, ForeignDigest, ImportedKey, NewKey, TextFormat};
use remint_benches::service::poll_now;
use remint_benches::world::api_keys;
use remint_core::{Environment, UserId};
use sha2::{Digest, Sha512};

use super::title;

pub(crate) fn print() {
    title("enumeration: Welch's t of refusals (below 4.5 in size: the same within noise)");
    println!("{:44} {:>10} {:>10} {:>8}", "unknown, and", "ns", "ns", "t");
    let (keys, _) = api_keys();
    let keys = keys.accepting(vec![TextFormat::Remint, TextFormat::Drf]);
    let of_ours: [Vec<String>; 2] = [made(&api_keys().0), revoked(&keys)];
    let of_drf: [Vec<String>; 2] = [drf("Unknown"), imported(&keys)];
    // The first says how much the method itself makes of nothing.
    compare("unknown", &keys, [&of_ours[0], &made(&api_keys().0)]);
    compare("revoked", &keys, [&of_ours[0], &of_ours[1]]);
    compare("revoked, of djangorestframework-api-key", &keys, [&of_drf[0], &of_drf[1]]);
}

fn compare(name: &str, keys: &ApiKeys, texts: [&[String]; 2]) {
    // Twice what is wanted: which class comes next is left to chance, and no sample is to pay for room.
    let mut samples = [(); 2].map(|()| Vec::with_capacity(2 * (WARM_UP + SAMPLES)));
    // A request's text lies where the last one's did, whichever list it is from.
    let mut text = String::with_capacity(64);
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    while samples.iter().any(|samples| samples.len() < WARM_UP + SAMPLES) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let class = usize::from(random & 1 == 1);
        text.clear();
        text.push_str(&texts[class][(random >> 8) as usize % texts[class].len()]);
        let start = Instant::now();
        let refused = poll_now(keys.verify(&text)).is_err();
        let took = start.elapsed().as_nanos() as f64;
        assert!(refused);
        samples[class].push(took);
    }
    // What an interrupt hit says nothing of the code: both classes lose what is above one line.
    let mut all: Vec<f64> = samples.iter().flat_map(|samples| &samples[WARM_UP..]).copied().collect();
    all.sort_by(f64::total_cmp);
    let line = all[all.len() * 99 / 100];
    let [first, second] = samples.map(|samples| moments(samples[WARM_UP..].iter().filter(|took| **took <= line)));
    let t = (first.mean - second.mean) / (first.variance / first.count + second.variance / second.count).sqrt();
    let verdict = if t.abs() < 4.5 { "the same within noise" } else { "DIFFERS" };
    println!("{name:44} {:10.1} {:10.1} {t:8.2}  {verdict}", first.mean, second.mean);
}

struct Moments {
    count: f64,
    mean: f64,
    variance: f64,
}

fn moments<'a>(samples: impl Iterator<Item = &'a f64> + Clone) -> Moments {
    let count = samples.clone().count() as f64;
    let mean = samples.clone().sum::<f64>() / count;
    let variance = samples.map(|sample| (sample - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Moments { count, mean, variance }
}

/// Texts of new keys.
fn made(keys: &ApiKeys) -> Vec<String> {
    let make = || poll_now(keys.create(NewKey::new(alice(), Environment::Live))).unwrap().0;
    (0..TEXTS).map(|_| make().expose_secret().to_owned()).collect()
}

fn revoked(keys: &ApiKeys) -> Vec<String> {
    let texts = made(keys);
    for record in poll_now(keys.list(&alice())).unwrap() {
        poll_now(keys.revoke(&record.id)).unwrap();
    }
    texts
}

/// Texts as that package makes them, with this in their secrets.
fn drf(mark: &str) -> Vec<String> {
    (0..TEXTS).map(|number| format!("A{number:07}.{mark}{number:0width$}", width = 32 - mark.len())).collect()
}

fn imported(keys: &ApiKeys) -> Vec<String> {
    let texts = drf("Revoked");
    let import = texts.iter().map(|text| {
        let hex: String = Sha512::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        let digest = ForeignDigest::parse("sha512", &hex).unwrap();
        ImportedKey::new(alice(), Environment::Live, &TextFormat::Drf, &text[..8], digest).unwrap().revoked()
    });
    poll_now(keys.import(import.collect())).unwrap();
    texts
}

fn alice() -> UserId {
    "alice".parse().unwrap()
}

/// Of each class, after the first, which warm up.
const SAMPLES: usize = 200_000;
const WARM_UP: usize = 10_000;
const TEXTS: usize = 512;
