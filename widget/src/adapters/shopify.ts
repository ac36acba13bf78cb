import { bare, type Fact, type MakeAdapter } from '../item';
import { all, json, merge, one, value, written } from '../page';

/** Forms that are no product's main one: instalments, quick views, cards and bars clone the input that holds the variant. */
const notMain = 'dialog,[role=dialog],quick-add-modal,product-card,.card,[class*=sticky],[id*=install]';
const options = 'variant-selects,variant-radios,variant-picker,fieldset,[class*=variant],[class*=swatch],[name^=option],[id*=option i]';
const idInput = 'select[name=id],[name=id]:checked,input[name=id]:not([type=radio])';

interface Told extends Event {
  /** Of standard events: rejected when the next choice aborts this one, or it failed. */
  promise?: Promise<{ variant: Fact | null }>;
  detail?: { resource?: Fact | null; variant?: Fact | null };
}

const mainForm = () =>
  all<HTMLFormElement>('form[action*="/cart/add"]').find((f) => one('[name=id]', f) && one('[type=submit],[name=add]', f) && !f.closest(notMain));

/**
 * Shopify: Horizon by its events, Dawn by the input that holds the variant and the JSON beside it, other themes by theirs.
 * The button is never asked: Dawn disables it before it knows the answer.
 */
export const shopify: MakeAdapter = (changed) => {
  const heard = new Map<string, Fact>();
  let form: HTMLFormElement | undefined;
  /** The variant by the last event: null when the combination does not exist, undefined when the form's input says it. */
  let told: string | null | undefined;
  /** A choice was made, and the theme has not answered yet. */
  let pending = false;
  /** The theme answers by events: its input may lag behind, and is not asked. */
  let official = false;
  let turn = 0;

  const scope = (): ParentNode & Node => form?.closest('product-info,product-component,.shopify-section') ?? document;

  const turnTo = (nowTold: typeof told, nowPending: boolean) => {
    told = nowTold;
    pending = nowPending;
    turn++;
    changed();
  };
  const wait = () => turnTo(told, true);
  const settle = () => official || turnTo(undefined, false);
  const hear = (variant: Fact | null | undefined) => {
    const id = variant ? bare(variant.id) : null;
    if (id) heard.set(id, variant!);
    turnTo(id, false);
  };
  const hearChange = ({ detail }: Told) => hear(detail?.variant);

  const answers: Record<string, (event: Told) => void> = {
    'shopify:product:select': ({ promise }) => {
      wait();
      const now = turn;
      official = !!promise;
      promise?.then(
        ({ variant }) => now === turn && hear(variant),
        () => {}, // this one has no answer, and nothing is shown
      );
    },
    'variant:selected': wait,
    'variant:update': ({ detail }) => {
      official = true;
      hear(detail?.resource);
    },
    'variant:change': hearChange,
    'theme:variant:change': hearChange,
    change: ({ target }) => {
      const { name } = target as HTMLInputElement;
      if (name === 'id') settle();
      else if (name !== 'quantity' && (target as Element).closest(options)) wait();
    },
  };
  // While they are captured, so before the theme's own listeners: some answer at once.
  for (const [name, answer] of Object.entries(answers)) {
    document.addEventListener(
      name,
      (event) => {
        form = mainForm();
        if (event.target === document || scope().contains(event.target as Node)) answer(event);
      },
      true,
    );
  }

  /** What the theme's own JSON says; null: the combination does not exist. */
  const themeSays = (id: string): Fact | null | undefined => {
    for (const script of all('variant-selects script,variant-radios script,variant-picker script,[data-selected-variant]', scope())) {
      const says = json(script) as Fact | Fact[] | null | undefined;
      if (says === null) return null;
      const fact = [says].flat().find((v) => v && bare(v.id) === id);
      if (fact) return fact;
    }
    const view = form!.closest('[view-event-payload]') ?? one('[view-event-payload]', scope());
    const payload = view && (json(view, view.getAttribute('view-event-payload')!) as { product?: { selectedVariant?: Fact } });
    const selected = payload?.product?.selectedVariant;
    return bare(selected?.id) === id ? selected : undefined;
  };

  return {
    look() {
      const main = mainForm();
      if (main !== form) {
        told = undefined;
        pending = official = false;
      }
      form = main;
      if (!form) return undefined;
      const id = told === undefined ? value(idInput, form) : told;
      if (!id || pending) return null;
      const theme = themeSays(id);
      if (theme === null && told === undefined) return null;
      const server = written(id);
      const { title, available, availableForSale } = heard.get(id) ?? theme ?? ({} as Fact);
      if ((available ?? availableForSale ?? server?.available) !== false) return null;
      const choice = title === 'Default Title' ? undefined : title;
      return { at: one('[name=add],[type=submit]', form), item: merge({ variant: id, choice }, server?.item) };
    },
    touched(input) {
      if (form && input === one(idInput, form)) settle();
    },
  };
};
