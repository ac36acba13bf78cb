import type { Item, Spot } from '../item';
import { all, json, merge, one, written, writtenOf } from '../page';

/** Asked where structured data would be read: platforms have better signals, and what is not called is not bundled. */
declare const PLATFORM: string;

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

const list = <T>(value: T | T[] | undefined): T[] => (value ? [value].flat() as T[] : []);

/** offers flattens what JSON-LD nests, each offer with what its product says; an offer's own words win. */
const offers = (node: Product, above: Product = {}): Product[] => {
  const { '@graph': graph, hasVariant, offers: below, ...own } = node;
  const merged = { ...above, ...own };
  return own.availability ? [merged] : [graph, hasVariant, below].flatMap((nested) => list(nested).flatMap((n) => offers(n, merged)));
};

/**
 * structured is the offer with one of those ids or SKUs, or else the page's only one, if it is sold out. Discontinued is not:
 * it never comes back.
 */
function structured(...ids: (string | undefined)[]): Item | undefined {
  const found = all('script[type="application/ld+json"]').flatMap((s) => list(json(s) as Product).flatMap((n) => offers(n)));
  const offer = found.length > 1 ? found.find((o) => ids.some((id) => id && (o.sku === id || o.productID === id))) : found[0];
  if (!/(OutOfStock|SoldOut)$/.test(offer?.availability ?? '')) return undefined;
  const { productID: product, sku = product, name: title, image } = offer!;
  return { product, variant: sku, title, image: list(image)[0] };
}

/** declared is what an element's attributes say, if it is sold out: data-restock-variant, or variant on a slot. */
function declared(element: Element, prefix: string, main?: Spot | null): Item | undefined {
  const own: Record<string, string | undefined> = {};
  for (const name of ['product', 'variant', 'title', 'choice', 'image', 'market']) own[name] = element.getAttribute(prefix + name) ?? undefined;
  const item: Item = own;
  if (item.variant === '') return undefined; // nothing is chosen, or the combination does not exist
  const available = element.getAttribute(prefix + 'available');
  if (available) return /^(false|0)$/.test(available) ? merge(item) : undefined;
  const { variant, product } = item;
  if (main && (variant ? main.item.variant === variant : main.item.product === product)) return main.item;
  const known = variant ? written(variant) : writtenOf(product!);
  const found = known ? (known.available === false ? known.item : undefined) : !PLATFORM || PLATFORM === 'generic' ? structured(variant, product) : undefined;
  return found && merge(found, item);
}

/** byAttributes are the sold-out elements that the page marked by data-restock-product or data-restock-variant. */
export const byAttributes = (): Spot[] =>
  all('[data-restock-variant],[data-restock-product]:not(script)').flatMap((element) => {
    const item = declared(element, 'data-restock-');
    return item ? [{ at: one('[data-restock-cover]', element) ?? element, item }] : [];
  });

/**
 * bySlots are the slots, <restock-notify>, that have something to show. One that names no item shows the page's; on pages of no
 * platform that we know, the structured data's.
 */
export const bySlots = (main: Spot | null | undefined): Spot[] =>
  all('restock-notify').flatMap((at) => {
    const bare = !at.matches('[variant],[product],[available]');
    const item = !bare ? declared(at, '', main) : (!PLATFORM || PLATFORM === 'generic') && main === undefined ? structured() : main?.item;
    return item ? [{ at, item }] : [];
  });
