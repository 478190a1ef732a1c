use super::many::World;
use super::title;

pub(crate) fn print() {
    title("Memory of a million cached entries (700-byte tokens)");
    let mut world = None;
    let counted = allocation_counter::measure(|| {
        let built = World::new(1_000_000);
        let _ = built.normalizer.cache_usage();
        world = Some(built);
    });
    let (weight, entries) = world.as_ref().map(|world| world.normalizer.cache_usage()).unwrap();
    let live = counted.bytes_current.max(0) as f64;
    println!(
        "{entries} entries weigh {:.0} MiB; {:.0} MiB are allocated: {:.2} × the weight",
        weight as f64 / MIB,
        live / MIB,
        live / weight as f64
    );
}

const MIB: f64 = 1_048_576.0;
