import { bare, type MakeAdapter } from '../item';
import { merge, one, value, written } from '../page';

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
  let says: Attributes | undefined;
  let first: Attributes | undefined;
  let pending = false;

  document.addEventListener('onProductOptionsChanged', (event) => {
    says = (event as CustomEvent<{ data?: Attributes }>).detail?.data;
    pending = false;
    changed();
  });
  // Asked for by every choice, answered by the event; in between nothing is known.
  document.addEventListener(
    'change',
    ({ target }) => {
      if (!(target as Element).closest('[data-product-option-change],[data-product-attribute]')) return;
      pending = true;
      changed();
    },
    true,
  );

  return {
    look() {
      const page = (window as BigCommerceWindow).BCData?.product_attributes;
      if (page !== first) says = first = page; // the first page's, or another product's
      if (!says) return undefined;
      const variant = bare(says.variantId ?? says.v3_variant_id);
      if (!variant || pending || says.instock !== false || says.available_to_sell! > 0) return null;
      return { at: one('#form-action-addToCart'), item: merge({ variant, product: value('[name=product_id]') }, written(variant)?.item) };
    },
  };
};
