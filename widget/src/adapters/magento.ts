import type { MakeAdapter } from '../item';
import { merge, one, value, written, writtenOf } from '../page';

/**
 * Magento, Luma and Hyvä. Sold-out swatches cannot be clicked there, so where nothing is chosen the form offers the sold-out
 * variants itself, in a slot; and where a product is sold out as a whole, at the words that say so.
 */
export const magento: MakeAdapter = () => ({
  look() {
    const form = one('#product_addtocart_form');
    const notice = one('.product-info-main .stock.unavailable');
    if (!form && !notice) return undefined;
    const product = value('[name=product]', form) || one('.product-info-main [data-product-id]')?.dataset.productId;
    const id = value('[name=selected_configurable_option]', form);
    const known = id ? written(id) : writtenOf(product);
    if (known?.available || (id && !known)) return null;
    if (known) {
      const at = known.item.choices ? null : form && one('[type=submit]', form);
      return { at: at ?? notice, item: merge({ product }, known.item) };
    }
    return notice && product ? { at: notice, item: { product, variant: product } } : null;
  },
});
