//! The step bundle: who waits for all parts of a set is told when the last of them is back, and not before. It remembers by tags on
//! the contact: back-20577-TEE-M says that TEE-M was back on day 20,577 since 1970.

use crate::restock::{exit, fail, proceed, Answer, Config, Input, DAY};

/// Is asked whenever a variant is back that a contact waits for.
pub fn step(input: &Input, config: &Config) -> Answer {
    let sku = input.activity_sku;
    if !config.skus.iter().any(|s| s == sku) {
        return proceed(format!("{} belongs to no set", sku));
    }
    let today = input.now / DAY;
    let first = today - config.days.unwrap_or(14);
    let back = |wanted: &str| input.contact_tags.iter().filter_map(|t| parse(t)).any(|(day, s)| s == wanted && day >= first);
    let missing: Vec<&str> = config.skus.iter().map(String::as_str).filter(|s| *s != sku && !back(s)).collect();
    let tag = format!("back-{}-{}", today, sku);
    if tag.len() > 64 {
        fail("SKUs of a bundle have 50 bytes at most, since tags have 64");
    }
    let mut a = match missing.as_slice() {
        [] => proceed("all parts are back"),
        _ => exit(format!("waits for {}", missing.join(", "))),
    };
    a.tags.push(tag);
    a
}

/// The day and the SKU of a tag of ours.
fn parse(tag: &str) -> Option<(i64, &str)> {
    let (day, sku) = tag.strip_prefix("back-")?.split_once('-')?;
    Some((day.parse().ok()?, sku))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        assert_eq!(parse("back-20577-TEE-M"), Some((20577, "TEE-M")));
        assert_eq!(parse("back-TEE-M"), None);
        assert_eq!(parse("vip"), None);
    }
}
