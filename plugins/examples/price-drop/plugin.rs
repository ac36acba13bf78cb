//! The condition price-drop: passes when the variant costs less by so many percent than when the journey's activity occurred. In a
//! journey that waiting on stock enters, that is the price at which the contact asked.

use crate::restock::{no, yes, Answer, Config, Input};

/// Is asked about one contact.
pub fn condition(input: &Input, config: &Config) -> Answer {
    let (then, now) = match (input.activity_price, input.variant_price) {
        (Some(then), Some(now)) if then > 0 && now >= 0 => (i128::from(then), i128::from(now)),
        _ => return no("a price is not known"),
    };
    if input.activity_currency != input.variant_currency {
        return no(format!("{} is not {}", input.activity_currency, input.variant_currency));
    }
    let percent = i128::from(config.percent.unwrap_or(10));
    let dropped = (then - now) * 100 / then;
    if (then - now) * 100 >= percent * then {
        return yes(format!("{} percent less", dropped));
    }
    no(if dropped > 0 { format!("only {} percent less", dropped) } else { "not less".to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(then: i64, now: i64) -> bool {
        let input = Input { activity_price: Some(then), variant_price: Some(now), ..Input::default() };
        condition(&input, &Config::default()).pass
    }

    #[test]
    fn bounds() {
        assert!(ask(1000, 900));
        assert!(!ask(1000, 901));
        assert!(!ask(1000, 1000));
        assert!(ask(i64::MAX, 0));
        assert!(!ask(0, 0));
    }
}
