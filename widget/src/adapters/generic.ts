import type { Item, Spot } from '../item';
import { all, json, one } from '../page';

/** schema.org Product, ProductGroup and Offer, as far as they matter here. */
interface Product {
  '@graph'?: Product[];
  hasVariant?: Product[];
  offers?: Product | Product[];
  productID?: string;
  sku?: string;
  name?: string;
  image?: string | string[];
  availability?: string;
}

const list = <T>(value: T | T[] | undefined): T[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** offers flattens what JSON-LD nests, each offer with what its product says; an offer's own words win. */
function offers(node: Product, above: Product = {}): Product[] {
  const { '@graph': graph, hasVariant, offers: below, ...own } = { ...node };
  const merged = { ...above, ...own };
  const nested = [...list(graph), ...list(hasVariant), ...list(below)];
  return own.availability ? [merged] : nested.flatMap((n) => offers(n, merged));
}

const structured = (): Product[] =>
  all('script[type="application/ld+json"]').flatMap((s) => list(json(s) as Product | Product[]).flatMap((n) => offers(n)));

/**
 * byStructuredData is the page's only offer, or the one with that SKU or id, if it is sold out. Discontinued is not: it never
 * comes back.
 */
function byStructuredData(id?: string): Item | undefined {
  const found = structured();
  const offer = id ? found.find((o) => o.sku === id || o.productID === id) : found.length === 1 ? found[0] : undefined;
  if (!/(OutOfStock|SoldOut)$/.test(offer?.availability ?? '')) return undefined;
  const { productID: product, sku: variant, name: title, image } = offer!;
  return { product, variant: variant ?? product, title, image: list(image)[0] };
}

/** declared is what an element's attributes say, if it is sold out: data-restock-variant, or variant on a slot. */
function declared(element: Element, prefix: string): Item | undefined {
  const say = (name: string) => element.getAttribute(prefix + name) || undefined;
  const item: Item = {
    product: say('product'),
    variant: say('variant'),
    title: say('title'),
    choice: say('choice'),
    image: say('image'),
    market: say('market'),
  };
  const available = say('available');
  if (available) return available === 'false' || available === '0' ? item : undefined;
  const known = byStructuredData(item.variant ?? item.product);
  return known && { ...known, ...Object.fromEntries(Object.entries(item).filter(([, v]) => v)) };
}

/** says: a slot that names an item itself does not show what the platform's page shows. */
const says = (slot: Element) => slot.hasAttribute('variant') || slot.hasAttribute('product') || slot.hasAttribute('available');

/** byAttributes are the sold-out elements that the page marked by data-restock-product or data-restock-variant. */
export function byAttributes(): Spot[] {
  return all('[data-restock-variant],[data-restock-product]:not(script)').flatMap((element) => {
    const item = declared(element, 'data-restock-');
    return item?.product || item?.variant ? [{ at: one('[data-restock-cover]', element) ?? element, item }] : [];
  });
}

/**
 * bySlots are the slots, <restock-notify>, that have something to show. A slot that names
 * no item shows the platform's, in place of the cover; on pages of no platform that we know, the structured data's.
 */
export function bySlots(main: Spot | null | undefined): Spot[] {
  return all('restock-notify').flatMap((at) => {
    const item = says(at) ? declared(at, '') : (main === undefined ? byStructuredData() : main?.item);
    return item?.product || item?.variant || item?.choices ? [{ at, item }] : [];
  });
}

/** bare slots take the cover's place. */
export const bareSlot = (): boolean => all('restock-notify').some((slot) => !says(slot));
