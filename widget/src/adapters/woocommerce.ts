import { toItem, type MakeAdapter, type Spot } from '../item';
import { all, json, one, written } from '../page';

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
const others = '.related,.upsells,.up-sells,.cross-sells,ul.products,.wc-block-grid,dialog,[role=dialog]';

/**
 * WooCommerce. Variations stand in the form, or, above thirty of them, come one by one in an event that only jQuery hears.
 * A variation that cannot be bought for want of a price is not sold out: no restock would ever come.
 */
export const woocommerce: MakeAdapter = (changed) => {
  const heard = new Map<string, Variation>();
  let hooked = false;

  const hook = () => {
    const jQuery = (window as { jQuery?: JQuery }).jQuery;
    if (hooked || !jQuery) return;
    hooked = true;
    jQuery(document).on('found_variation show_variation hide_variation reset_data', 'form.variations_form', (_, variation) => {
      if (variation?.variation_id) heard.set(String(variation.variation_id), variation);
      changed();
    });
  };

  const button = (form: Element) => one('.single_add_to_cart_button', form);

  const chosen = (form: HTMLElement): Spot | null => {
    const id = one<HTMLInputElement>('input.variation_id,[name=variation_id]', form)?.value ?? '';
    const product = form.dataset.product_id;
    const list = json(form, form.dataset.product_variations ?? '');
    const notice = one('.stock.out-of-stock', form);
    if (Array.isArray(list) && !list.length && notice) return { at: notice, item: { product } }; // no variation is left
    if (!(+id > 0)) return null;
    const known = Array.isArray(list) && (list as Variation[]).find((v) => String(v.variation_id) === id);
    const variation = heard.get(id) ?? (known || undefined);
    const fact = { ...written(id) };
    if (variation) fact.available = variation.is_in_stock || !!variation.backorders_allowed;
    if (fact.available ?? !notice) return null; // without jQuery the notice that Woo wrote is the only word on it
    fact.title ??= Object.values(variation?.attributes ?? {}).filter(Boolean).join(' / ');
    fact.image ??= variation?.image?.src;
    fact.product ??= product;
    return { at: button(form), item: toItem(id, fact) };
  };

  /** A sold-out simple product has neither form nor button. */
  const simple = (): Spot | null => {
    const notice = all('.stock.out-of-stock').find((e) => !e.closest(others));
    const id =
      /(?:^| )postid-(\d+)/.exec(document.body.className)?.[1] ?? notice?.closest('[id^=product-]')?.id.replace(/\D+/, '');
    if (!notice || !id) return null;
    return { at: notice, item: toItem(id, { product: id, ...written(id) }) };
  };

  return {
    look() {
      hook();
      if (one('.wc_bis_form')) return null; // WooCommerce's own form does this already
      const form = all('form.variations_form').find((f) => !f.closest(others));
      return form ? chosen(form) : /woocommerce/.test(document.body?.className) ? simple() : undefined;
    },
  };
};
