//! The condition holdout: keeps a share of contacts untold, always the same ones, so that what the messages lead to can be
//! measured against them.

use crate::restock::{no, yes, Answer, Config, Input};

/// Is asked about one contact.
pub fn condition(input: &Input, config: &Config) -> Answer {
    let percent = config.percent.unwrap_or(10).clamp(0, 100) as u64;
    if place(&config.test, input.contact_id) < percent * 100 {
        no("held out")
    } else {
        yes("not held out")
    }
}

/// Where a contact stands, 0 to 9,999: FNV-1a with a last mixing (MurmurHash3's), since its low bits alone are not even.
fn place(test: &str, contact: &str) -> u64 {
    let text = test.bytes().chain([0]).chain(contact.bytes());
    let mut h = text.fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    h = (h ^ h >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    h = (h ^ h >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    (h ^ h >> 33) % 10_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_held() {
        let held = (0..20_000).filter(|i| place("spring", &format!("{:032x}", i)) < 1_000).count();
        assert!((1_850..2_150).contains(&held), "{} of 20000", held);
    }

    #[test]
    fn tests_are_independent() {
        let both = (0..20_000).map(|i| format!("{:032x}", i)).filter(|c| place("a", c) < 5_000 && place("b", c) < 5_000).count();
        assert!((4_750..5_250).contains(&both), "{} of 20000", both);
    }
}
