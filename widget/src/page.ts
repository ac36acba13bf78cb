import { bare, type Choice, type Fact } from './item';

/** What the shop's server wrote for us: <script type="application/json" data-restock-product>. Variants may be some of all. */
interface Block {
  product?: string | number;
  title?: string;
  image?: string;
  market?: string;
  variants?: Record<string, Fact>;
}

export const all = <E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E[] => [
  ...root.querySelectorAll<E>(selector),
];

export const one = <E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E | null =>
  root.querySelector<E>(selector);

const parsed = new WeakMap<Element, { text: string; value: unknown }>();

/** json is the value of a script of data, parsed again only when its text is another; undefined when it is not JSON. */
export function json(script: Element, text = script.textContent ?? ''): unknown {
  const known = parsed.get(script);
  if (known?.text === text) return known.value;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // somebody else's mistake: as if it were not there
  }
  parsed.set(script, { text, value });
  return value;
}

const blocks = (): Block[] => all('script[data-restock-product]').map((s) => (json(s) ?? {}) as Block);

const factOf = (block: Block, id: string): Fact | undefined => {
  const variant = block.variants?.[id];
  return variant && { image: block.image, ...variant, product: bare(block.product), of: block.title, market: block.market };
};

/** written is what the server wrote about a variant. */
export function written(id: string): Fact | undefined {
  for (const block of blocks()) {
    const fact = factOf(block, id);
    if (fact) return fact;
  }
  return undefined;
}

/** onlyVariant is the id of the variant of a product that has no other; undefined when there are several, or no block. */
export function onlyVariant(): string | undefined {
  const ids = Object.keys(blocks()[0]?.variants ?? {});
  return ids.length === 1 ? ids[0] : undefined;
}

/** soldOutChoices are the variants that the server wrote down as sold out, for pages that cannot choose them. */
export function soldOutChoices(): { product?: string; title?: string; image?: string; choices: Choice[] } {
  const block = blocks()[0] ?? {};
  const variants = Object.entries(block.variants ?? {});
  return {
    product: block.product ? bare(block.product) : undefined,
    title: block.title,
    image: block.image,
    choices: variants.filter(([, v]) => v.available === false).map(([variant, v]) => ({ variant, choice: v.title ?? variant })),
  };
}
