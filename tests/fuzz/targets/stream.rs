#![no_main]

#[allow(dead_code, reason = "each target feeds one entry")]
#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::stream(data));
