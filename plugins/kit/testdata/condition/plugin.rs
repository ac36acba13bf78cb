//! The condition of plugins/testdata/condition.

use crate::restock::{fail, log, no, yes, Answer, Config, Input, Level};

/// Is asked about one contact.
pub fn condition(input: &Input, config: &Config) -> Answer {
    if config.loud {
        log(Level::Warn, "LOUD");
    }
    if input.contact_region == "fail" {
        fail("as it was told");
    }
    let number = |i: Option<i64>| i.map_or("?".to_string(), |v| v.to_string());
    let reason = [
        input.now.to_string(), input.contact_tags.join(","), input.contact_region.to_string(), number(input.variant_price),
        number(input.variant_units), input.activity_asked_at.to_string(), input.contact_fields_note.to_string(), number(config.least),
        config.name.clone(), config.words.join(","),
    ].join("|");
    let pass = input.variant_price.unwrap_or(-7) >= config.least.unwrap_or(-1);
    let a = if pass { yes(reason) } else { no(reason) };
    match input.variant_units {
        Some(units) => a.with_score(units),
        None => a,
    }
}
