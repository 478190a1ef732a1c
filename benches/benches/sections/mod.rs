pub(crate) mod enumeration;
pub(crate) mod hit;
pub(crate) mod many;
pub(crate) mod memory;
pub(crate) mod metering;
pub(crate) mod miss;
pub(crate) mod revocations;
pub(crate) mod stampede;
pub(crate) mod stores;
pub(crate) mod threads;
pub(crate) mod token;

use remint_benches::measure::Row;

pub(crate) fn title(text: &str) {
    println!("\n## {text}\n");
}

pub(crate) fn rows(rows: &[Row], base: f64) {
    println!("{:44} {:>10} {:>21} {:>10} {:>7} {:>8}", "", "ns", "[quartiles]", "over base", "allocs", "bytes");
    for Row { name, nanos, low, high, allocations, bytes } in rows {
        let quartiles = format!("[{low:.0} – {high:.0}]");
        println!("{name:44} {nanos:10.1} {quartiles:>21} {:10.1} {allocations:7} {bytes:8}", nanos - base);
    }
}
