#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::profiles(data));

#[allow(dead_code)]
#[path = "../properties.rs"]
mod properties;
