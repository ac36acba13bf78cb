import { bare, type Fact, type Item } from './item';

declare const PLATFORM: string;

export const all = <E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E[] => [
  ...root.querySelectorAll<E>(selector),
];

export const one = <E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E | null =>
  root.querySelector<E>(selector);

/** value is what stands in a form's input of that selector. */
export const value = (selector: string, root?: ParentNode | null): string | undefined =>
  one<HTMLInputElement>(selector, root ?? document)?.value;

const parsed = new WeakMap<Element, [text: string, value: unknown]>();

/** json is the value of a script of data, parsed again only when its text is another; undefined when it is not JSON. */
export function json(element: Element, text = element.textContent ?? ''): unknown {
  const known = parsed.get(element);
  if (known?.[0] === text) return known[1];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // somebody else's mistake: as if it were not there
  }
  parsed.set(element, [text, value]);
  return value;
}

/** What the shop's server wrote for us: <script type="application/json" data-restock-product>. Variants may be some of all. */
interface Block {
  product?: string | number;
  title?: string;
  image?: string;
  market?: string;
  variants?: Record<string, Fact>;
}

export interface Known {
  available?: boolean;
  item: Item;
}

const blocks = () => all('script[data-restock-product]').map((script) => (json(script) ?? {}) as Block);

/** say makes an item of what is known of a variant. */
const say = (block: Block, variant: string, fact: Fact): Known => ({
  available: fact.available,
  item: {
    product: bare(block.product),
    variant,
    title: block.title,
    choice: fact.title,
    image: fact.image ?? block.image,
    market: block.market,
  },
});

/** written is what the server wrote about a variant. */
export function written(id: string): Known | undefined {
  for (const block of blocks()) {
    const fact = block.variants?.[id];
    if (fact) return say(block, id, fact);
  }
  return undefined;
}

/** writtenOf is what the server wrote about a product: its variant where it has but one, else those sold out, to choose from. */
export function writtenOf(product?: string): Known | undefined {
  const block = blocks().find((b) => !product || bare(b.product) === product);
  const [first, ...more] = Object.entries(block?.variants ?? {});
  if (!block || !first) return undefined;
  if (!more.length) return say(block, ...first);
  if (!PLATFORM || PLATFORM === 'magento') { // elsewhere every variant can be chosen on the page
    const choices = [first, ...more].filter(([, fact]) => fact.available === false).map(([variant, { title }]) => ({ variant, choice: title ?? variant }));
    const { item } = say(block, '', {});
    if (choices.length) return { item: { ...item, variant: undefined, choices } };
  }
  return undefined;
}

/** merge adds what a page knows of a variant to what the server wrote; nothing that is undefined hides anything. */
export function merge(...items: (Item | undefined)[]): Item {
  const whole: Record<string, unknown> = {};
  for (const item of items) for (const [name, value] of Object.entries(item ?? {})) whole[name] = value || whole[name];
  return whole;
}
