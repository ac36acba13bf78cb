// The step of plugins/testdata/step.
import { Answer, Config, Input, delay, exit, proceed, toLeft, toRight2 } from "./restock";

/** Is asked about one contact. */
export function step(input: Input, _config: Config): Answer {
  const a = answer(input);
  a.tags = input.contactTags;
  a.vars.word = input.contactTags.join(" ");
  a.vars.count = input.variantUnits;
  a.vars.empty = input.contactTags.length == 0;
  a.vars.list = input.contactTags;
  return a;
}

function answer(input: Input): Answer {
  const sku = input.activitySku;
  if (sku == "delay") return delay(input.variantUnits.value, "later");
  if (sku == "left") return toLeft("");
  if (sku == "right") return toRight2("the other way");
  if (sku == "exit") return exit("enough");
  return proceed("on: " + sku);
}
