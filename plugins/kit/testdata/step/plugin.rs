//! The step of plugins/testdata/step.

use crate::restock::{delay, exit, proceed, to_left, to_right_2, Answer, Config, Input};

/// Is asked about one contact.
pub fn step(input: &Input, _config: &Config) -> Answer {
    let mut a = match input.activity_sku {
        "delay" => delay(input.variant_units.unwrap_or(0), "later"),
        "left" => to_left(""),
        "right" => to_right_2("the other way"),
        "exit" => exit("enough"),
        sku => proceed(format!("on: {}", sku)),
    };
    a.tags = input.contact_tags.iter().map(|t| t.to_string()).collect();
    a.vars.word = input.contact_tags.join(" ");
    a.vars.count = input.variant_units;
    a.vars.empty = input.contact_tags.is_empty();
    a.vars.list = a.tags.clone();
    a
}
