import { soldOut, toItem, type MakeAdapter } from '../item';
import { one, onlyVariant, soldOutChoices, written } from '../page';

/**
 * Magento, Luma and Hyvä. Sold-out swatches cannot be clicked there, so where nothing is chosen the form offers the sold-out
 * variants itself, in a slot; and where a product is sold out as a whole, at the words that say so.
 */
export const magento: MakeAdapter = () => ({
  look() {
    const form = one('#product_addtocart_form');
    const notice = one('.product-info-main .stock.unavailable,.product-info-stock-sku .stock.unavailable');
    if (!form && !notice) return undefined;
    const chosen = form && one<HTMLInputElement>('input[name=selected_configurable_option]', form);
    const product =
      one<HTMLInputElement>('input[name=product]', form ?? document)?.value ||
      one('.product-info-main [data-product-id]')?.dataset.productId;
    const id = chosen ? chosen.value : (onlyVariant() ?? '');
    const fact = written(id);
    if (fact) {
      const at = (form && one('#product-addtocart-button,[type=submit]', form)) ?? notice;
      return soldOut(fact) ? { at, item: toItem(id, fact) } : null;
    }
    const offer = { product, ...soldOutChoices() };
    if (offer.choices.length) return { at: notice, item: offer };
    return notice && product ? { at: notice, item: { product, variant: product } } : null;
  },
});
