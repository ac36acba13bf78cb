import { bare, toItem, type MakeAdapter } from '../item';
import { one, written } from '../page';

interface Attributes {
  instock?: boolean;
  available_to_sell?: number;
  variantId?: number | null;
  v3_variant_id?: number | null;
}

interface BigCommerceWindow {
  BCData?: { product_attributes?: Attributes };
}

/** BigCommerce (Stencil): the first state stands in BCData, later ones in an event. Without a variant nothing is chosen yet. */
export const bigcommerce: MakeAdapter = (changed) => {
  let heard: Attributes | undefined;
  let button: HTMLElement | null = null;
  let pending = false;

  document.addEventListener('onProductOptionsChanged', (event) => {
    heard = (event as CustomEvent<{ data?: Attributes }>).detail?.data;
    pending = false;
    changed();
  });
  // Asked for by every choice, answered by the event; in between nothing is known.
  document.addEventListener(
    'change',
    (event) => {
      if (!(event.target as Element).closest?.('[data-product-option-change],[data-product-attribute]')) return;
      pending = true;
      changed();
    },
    true,
  );

  return {
    look() {
      const first = (window as BigCommerceWindow).BCData?.product_attributes;
      const now = one('#form-action-addToCart');
      if (now !== button) heard = undefined; // another product's page
      button = now;
      const says = heard ?? first;
      const id = bare(says?.variantId ?? says?.v3_variant_id);
      if (!says) return undefined;
      if (!id || pending || says.instock !== false || says.available_to_sell! > 0) return null;
      const product = one<HTMLInputElement>('input[name=product_id]')?.value;
      return { at: button, item: toItem(id, { product, ...written(id) }) };
    },
  };
};
