#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::answers(data));

#[allow(dead_code)]
#[path = "../properties.rs"]
mod properties;
