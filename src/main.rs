//! The bundle's entry: in the browser it exports what `public/mount.js` mounts; natively it says how to
//! run it.

#[cfg(target_arch = "wasm32")]
pub use casement::embed::mount;

fn main() {
    #[cfg(not(target_arch = "wasm32"))]
    println!("Casement runs in the browser. Start it with: cargo xtask run");
}
