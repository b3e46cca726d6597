#![no_main]

#[allow(dead_code, reason = "each target feeds one entry")]
#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(
    // The reader catches the decoder's panics; libFuzzer's own hook would end the process
    // before it can. A panic that reaches the target ends it all the same.
    init: std::panic::set_hook(Box::new(|_| {})),
    |data: &[u8]| entries::parquet(data)
);
