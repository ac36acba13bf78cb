// The condition of plugins/testdata/condition.
import { Answer, Config, Input, Int, Level, fail, log, no, yes } from "./restock";

/** Is asked about one contact. */
export function condition(input: Input, config: Config): Answer {
  if (config.loud) log(Level.Warn, "LOUD");
  if (input.contactRegion == "fail") fail("as it was told");
  const reason = [
    input.now.toString(), input.contactTags.join(","), input.contactRegion, number(input.variantPrice), number(input.variantUnits),
    input.activityAskedAt.toString(), input.contactFieldsNote, number(config.least), config.name, config.words.join(","),
  ].join("|");
  const a = input.variantPrice.or(-7) >= config.least.or(-1) ? yes(reason) : no(reason);
  return input.variantUnits.known ? a.withScore(input.variantUnits.value) : a;
}

function number(i: Int): string {
  return i.known ? i.value.toString() : "?";
}
