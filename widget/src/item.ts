/** The words that loader, adapters and form share. Ids are the shop's own, as strings: digits beyond 2^53 must survive. */

/** What a shopper may wait for: a variant, or a product where any variant will do. */
export interface Item {
  product?: string;
  variant?: string;
  title?: string;
  /** What was chosen, in the shop's words: "Black / M". */
  choice?: string;
  image?: string;
  market?: string;
  /** Sold-out variants to choose from, where the page itself does not let anybody choose them. */
  choices?: { variant: string; choice: string }[];
}

/** A sold-out item and where to say so: the theme's button, which is covered, or a slot, which is filled. */
export interface Spot {
  at?: HTMLElement | null;
  item: Item;
}

/**
 * An adapter knows the pages of one platform. It listens from the moment it is made and calls changed whenever its answer
 * may be another one.
 */
export interface Adapter {
  /**
   * What is sold out on this page right now: null while nothing is, or it is not known for sure; undefined on pages that are
   * not this platform's. Reads only, and is called often.
   */
  look(): Spot | null | undefined;
  /** A hidden input's value was written, perhaps with the value that it had. */
  touched?(input: Node): void;
}

export type MakeAdapter = (changed: () => void) => Adapter;

/** What a page may know of a variant: in the words of Shopify, of its standard events, or ours. */
export interface Fact {
  id?: string | number;
  available?: boolean;
  availableForSale?: boolean;
  title?: string;
  image?: string;
}

/** bare strips the prefix of a GID: gid://shopify/ProductVariant/123 is 123. */
export const bare = (id: unknown): string => `${id ?? ''}`.replace(/^gid:.*\//, '');
