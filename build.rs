//! Has the program built anew when a file comes to or goes from the folders that are embedded whole.

fn main() {
    println!("cargo::rerun-if-changed=assets/learn");
    println!("cargo::rerun-if-changed=assets/lessons");
}
