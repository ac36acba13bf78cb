import type { MakeAdapter, Spot } from '../item';
import { all, json, merge, one, value, written, writtenOf } from '../page';

interface Variation {
  variation_id: number;
  is_in_stock: boolean;
  backorders_allowed?: boolean;
  attributes?: Record<string, string>;
  image?: { src?: string };
}

interface JQuery {
  (target: Document): { on(events: string, selector: string, listener: (event: unknown, variation?: Variation) => void): void };
}

/** Products that are not the page's own. */
const others = '.related,.upsells,.up-sells,.cross-sells,.products,dialog,[role=dialog]';

const own = (selector: string) => all(selector).find((e) => !e.closest(others));

/**
 * WooCommerce. Variations stand in the form, or, above thirty of them, come one by one in an event that only jQuery hears.
 * A variation that cannot be bought for want of a price is not sold out: no restock would ever come.
 */
export const woocommerce: MakeAdapter = (changed) => {
  const heard = new Map<string, Variation>();
  let hooked = false;

  const hook = () => {
    const { jQuery } = window as { jQuery?: JQuery };
    if (hooked || !jQuery) return;
    hooked = true;
    jQuery(document).on('found_variation show_variation hide_variation reset_data', 'form.variations_form', (_, variation) => {
      if (variation?.variation_id) heard.set(String(variation.variation_id), variation);
      changed();
    });
  };

  const chosen = (form: HTMLElement): Spot | null => {
    const id = value('[name=variation_id]', form) ?? '';
    const product = form.dataset.product_id;
    const list = json(form, form.dataset.product_variations) as Variation[] | undefined;
    const notice = one('.stock.out-of-stock', form);
    if (list && !list.length && notice) return { at: notice, item: { product } }; // no variation is left
    if (!(+id > 0)) return null;
    const variation = heard.get(id) ?? (list || undefined)?.find((v) => String(v.variation_id) === id);
    const server = written(id);
    // Without jQuery and list, the notice that Woo wrote is the only word on it.
    const available = variation ? variation.is_in_stock || variation.backorders_allowed : (server?.available ?? !notice);
    if (available) return null;
    const choice = Object.values(variation?.attributes ?? {}).join(' / ');
    return { at: one('.single_add_to_cart_button', form), item: merge({ variant: id, product, choice, image: variation?.image?.src }, server?.item) };
  };

  /** A sold-out simple product has neither form nor button. */
  const simple = (): Spot | null => {
    const notice = own('.stock.out-of-stock');
    const id = /postid-(\d+)/.exec(document.body.className)?.[1] ?? notice?.closest('[id^=product-]')?.id.slice(8);
    return notice && id ? { at: notice, item: merge({ product: id, variant: id }, writtenOf(id)?.item) } : null;
  };

  return {
    look() {
      hook();
      if (one('.wc_bis_form')) return null; // WooCommerce's own form does this already
      const form = own('form.variations_form');
      return form ? chosen(form) : /woocommerce/.test(document.body?.className) ? simple() : undefined;
    },
  };
};
