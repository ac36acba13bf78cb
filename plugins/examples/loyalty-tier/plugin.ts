// The step loyalty-tier: sends contacts on by their tier in the loyalty programme, or by their points where no tier is noted.
import { Answer, Config, Input, proceed, toGold, toSilver } from "./restock";

/** Is asked about one contact. */
export function step(input: Input, config: Config): Answer {
  const tier = input.contactFieldsLoyaltyTier.toLowerCase();
  const points = pointsOf(input.contactFieldsLoyaltyPoints);
  if (tier == "gold" || (tier == "" && points >= config.gold.or(1000))) return named(toGold("gold"), "gold");
  if (tier == "silver" || (tier == "" && points >= config.silver.or(300))) return named(toSilver("silver"), "silver");
  return named(proceed("no tier"), "");
}

function named(a: Answer, tier: string): Answer {
  a.vars.tier = tier;
  return a;
}

/** A whole number of up to 15 digits, -1 for what is none. */
function pointsOf(text: string): i64 {
  if (text.length == 0 || text.length > 15) return -1;
  let n: i64 = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    n = 10 * n + digit;
  }
  return n;
}
