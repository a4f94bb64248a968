//! Feeds one law, named by the environment variable `LAW`, with what libFuzzer thinks of.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static LAW: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("LAW").unwrap_or_default();
    metricsheet_laws::law(&name).unwrap_or_else(|| panic!("`LAW={name}` is no law"))
});

fuzz_target!(|data: &[u8]| LAW(data));
