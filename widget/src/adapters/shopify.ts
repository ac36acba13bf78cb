import { bare, soldOut, toItem, type Fact, type MakeAdapter } from '../item';
import { all, json, one, written } from '../page';

/** Forms that are no product's main one: instalments, quick views, cards and bars clone the input that holds the variant. */
const notMain = 'dialog,[role=dialog],quick-add-modal,quick-add-dialog,product-card,.card,product-recommendations,[class*=sticky]';
const options = 'variant-selects,variant-radios,variant-picker,fieldset,[class*=variant],[class*=swatch],[name^=option]';

interface ShopifyEvent extends Event {
  promise?: Promise<{ variant: Fact | null }>;
  detail?: { resource?: Fact | null; variant?: Fact | null };
}

interface ShopifyWindow {
  Shopify?: { routes?: { root?: string } };
  subscribe?: (name: string, heard: (event: { data?: { variant?: Fact } }) => void) => void;
}

const mainForm = (): HTMLFormElement | undefined =>
  all<HTMLFormElement>('form[action*="/cart/add"]').find(
    (form) => one('[name=id]', form) && one('[type=submit],[name=add]', form) && !/install/.test(form.id + form.className) && !form.closest(notMain),
  );

const idInput = (form: Element) =>
  one<HTMLInputElement>('select[name=id],input[name=id]:checked,input[name=id]:not([type=radio])', form);

/**
 * Shopify: Horizon by its events, Dawn by the input that holds the variant and the JSON beside it, other themes by theirs.
 * The button is never asked: Dawn disables it before it knows the answer.
 */
export const shopify: MakeAdapter = (changed) => {
  const heard = new Map<string, Fact>();
  const asked = new Set<string>();
  let form: HTMLFormElement | undefined;
  /** The variant by the last event: null when the combination does not exist, undefined when the form's input says it. */
  let told: string | null | undefined;
  /** A choice was made, and the theme has not answered yet. */
  let pending = false;
  /** The theme tells by events with an answer: its input may lag behind, and is not asked. */
  let official = false;
  let turn = 0;
  let subscribed = false;

  const scope = (): ParentNode & Node =>
    form?.closest('product-info,product-component,.shopify-section,section') ?? form?.closest('main') ?? document;
  const ours = (event: Event): boolean => {
    form = mainForm() ?? form;
    return event.target === document || event.target === window || scope().contains(event.target as Node);
  };

  const hear = (variant: Fact | null) => {
    told = variant && bare(variant.id);
    if (told) heard.set(told, variant!);
    pending = false;
    turn++;
    changed();
  };
  const wait = () => {
    pending = true;
    turn++;
    changed();
  };
  const settle = () => {
    if (official) return;
    told = undefined;
    pending = false;
    changed();
  };

  const on = (name: string, listener: (event: ShopifyEvent) => void) =>
    document.addEventListener(name, (event) => ours(event) && listener(event as ShopifyEvent), true);

  on('shopify:product:select', (event) => {
    wait();
    const now = turn;
    official = !!event.promise;
    // Rejected: aborted by the next choice, or failed. Either way this one has no answer, and nothing is shown.
    event.promise?.then((result) => now === turn && hear(result.variant), () => {});
  });
  on('variant:selected', wait);
  on('variant:update', (event) => {
    official = true;
    hear(event.detail?.resource ?? null);
  });
  for (const name of ['variant:change', 'theme:variant:change']) {
    on(name, (event) => event.detail && 'variant' in event.detail && hear(event.detail.variant ?? null));
  }
  // While it is captured, so before the theme's own listener: some answer at once.
  on('change', (event) => {
    const input = event.target as HTMLInputElement;
    if (input.name === 'id') settle();
    else if (input.name !== 'quantity' && input.matches(options + ',' + options.replace(/,|$/g, ' *$&'))) wait();
  });

  /** Dawn publishes variants with their availability; its pubsub.js may come after us. */
  const subscribe = () => {
    const page = window as ShopifyWindow;
    if (subscribed || typeof page.subscribe !== 'function') return;
    subscribed = true;
    page.subscribe('variant-change', ({ data }) => {
      if (data?.variant?.id) heard.set(bare(data.variant.id), data.variant);
      changed();
    });
  };

  /** What the theme's own JSON says; null: the combination does not exist. */
  const themeSays = (id: string): Fact | null | undefined => {
    for (const script of all('variant-selects script,variant-radios script,script[data-selected-variant]', scope())) {
      const value = json(script) as Fact | Fact[] | null | undefined;
      if (value === null) return null;
      const fact = [value].flat().find((v) => v && bare(v.id) === id);
      if (fact) return fact;
    }
    const view = form?.closest('[view-event-payload]') ?? one('[view-event-payload]', scope());
    const payload = view && (json(view, view.getAttribute('view-event-payload')!) as { product?: Fact & { selectedVariant?: Fact } });
    const selected = payload?.product?.selectedVariant;
    return selected && bare(selected.id) === id ? { ...selected, of: payload?.product?.title, product: bare(payload?.product?.id) } : undefined;
  };

  /** The last resort, once per product: one request that only themes need which say nothing by themselves. */
  const ask = () => {
    const path = /\/products\/[^/?#]+/.exec(location.pathname)?.[0];
    if (!path || asked.has(path)) return;
    asked.add(path);
    const root = (window as ShopifyWindow).Shopify?.routes?.root ?? '/';
    fetch(root.replace(/\/$/, '') + path + '.js', { credentials: 'same-origin' })
      .then((answer) => answer.json())
      .then((product: { id: number; title: string; variants: Fact[] }) => {
        for (const v of product.variants) {
          const id = bare(v.id);
          if (!heard.has(id)) heard.set(id, { ...v, product: bare(product.id), of: product.title });
        }
        changed();
      })
      .catch(() => {});
  };

  const productOf = (): string | undefined =>
    form?.closest<HTMLElement>('[data-product-id]')?.dataset.productId ?? one<HTMLInputElement>('[name="product-id"]', form)?.value;

  return {
    look() {
      const main = mainForm();
      if (main !== form) {
        told = undefined;
        pending = official = false;
      }
      form = main;
      subscribe();
      const id = form && (told === undefined ? idInput(form)?.value : told);
      if (!form) return undefined;
      if (!id || pending) return null;
      const says = themeSays(id);
      if (says === null && told === undefined) return null;
      const fact = { ...says, ...written(id), ...heard.get(id) };
      if ((fact.available ?? fact.availableForSale) === undefined) ask();
      if (!soldOut(fact)) return null;
      fact.product ??= productOf();
      return { at: one('[name=add]', form) ?? one('[type=submit]', form), item: toItem(id, fact) };
    },
    touched(input) {
      if (form && input === idInput(form)) settle();
    },
  };
};
