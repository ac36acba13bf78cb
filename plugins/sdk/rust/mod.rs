//! What a Restock plugin in Rust is written with: sdk.rs is the same in every plugin, plugin.rs has the types of plugin.yaml.

mod plugin;
mod sdk;

pub use self::plugin::*;
pub use self::sdk::*;
