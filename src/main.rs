//! Registers the portal's element in the browser; natively it says how to run it.

fn main() {
    println!("Casement runs in the browser. Start it with: cargo xtask run");
}
