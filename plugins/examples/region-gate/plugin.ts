// The condition region-gate: a contact may be told when its region and the market it asked in are served.
import { Answer, Config, Input, no, yes } from "./restock";

/** Is asked about one contact. */
export function condition(input: Input, config: Config): Answer {
  const market = input.activityMarket;
  if (config.markets.length > 0 && !config.markets.includes(market)) {
    return no(market == "" ? "asked in no market" : "market " + market + " is not served");
  }
  const region = input.contactRegion;
  if (region == "") return config.unknown || config.regions.length == 0 ? yes("region is not known") : no("region is not known");
  if (config.except.includes(region)) return no(region + " is excepted");
  if (config.regions.length > 0 && !config.regions.includes(region)) return no(region + " is not served");
  return yes(region + " is served");
}
