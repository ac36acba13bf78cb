import { bigcommerce } from './adapters/bigcommerce';
import { byAttributes, bySlots, bareSlot } from './adapters/generic';
import { magento } from './adapters/magento';
import { shopify } from './adapters/shopify';
import { woocommerce } from './adapters/woocommerce';
import type { Config } from './config';
import type { Item, MakeAdapter, Spot } from './item';
import type { Restock, RestockEvents } from './restock';

/** A cover or a filled slot. */
export interface View {
  update(item: Item): void;
  remove(): void;
}

/** What the form is given when it is loaded. */
export interface Context {
  config: Config;
  emit: Emit;
}

export type Emit = <K extends keyof RestockEvents>(name: K, detail: RestockEvents[K]) => void;

/** The form's module: loaded only when something is sold out, or a capture waits to be sent again. */
export interface Form {
  show(at: HTMLElement, item: Item): View;
  open(item: Item): boolean;
  close(): void;
}

export type LoadForm = (context: Context) => Promise<Form>;

const platforms: Record<string, MakeAdapter> = { shopify, woocommerce, bigcommerce, magento };

/** Attributes whose change is a new state; value is that of hidden inputs, which themes write without any event. */
const attributes = [
  'value',
  ...['product', 'variant', 'available', 'title', 'choice', 'image', 'market'].flatMap((name) => [name, 'data-restock-' + name]),
];

/** queued says whether a capture waits in this browser to be sent again. */
function queued(): boolean {
  try {
    return Object.keys(localStorage).some((key) => key.startsWith('restock:'));
  } catch {
    return false; // storage is forbidden here: nothing can wait in it
  }
}

/** start looks after the page from now on. A second copy on the same page only asks the first to look again. */
export function start(config: Config, load: LoadForm): void {
  if (window.Restock) return window.Restock.refresh();
  const listeners = new Map<string, Set<(detail: never) => void>>();
  const views = new Map<HTMLElement, View>();
  let form: Form | undefined;
  let loading: Promise<Form> | undefined;
  let current: Spot[] = [];

  const emit: Emit = (name, detail) => listeners.get(name)?.forEach((listener) => listener(detail as never));
  const loadForm = () =>
    (loading ??= load({ config, emit }).then(
      (loaded) => (form = loaded),
      (failed) => {
        loading = undefined; // the next change tries again
        throw failed;
      },
    ));

  const look = () => {
    const main = adapters.map((a) => a.look()).find((spot) => spot !== undefined);
    current = [...(main?.at && !bareSlot() ? [main] : []), ...byAttributes(), ...bySlots(main)];
    for (const [at, view] of views) {
      if (at.isConnected && current.some((spot) => spot.at === at)) continue;
      views.delete(at);
      view.remove();
    }
    if (!current.length) return;
    if (!form) return void loadForm().then(look, () => {});
    for (const { at, item } of current) {
      const view = views.get(at!);
      if (view) view.update(item);
      else views.set(at!, form.show(at!, item));
    }
  };

  const adapters = Object.entries(platforms)
    .filter(([name]) => !config.platform || name === config.platform)
    .map(([, make]) => make(look));

  const restock: Restock = {
    version: config.version,
    refresh: look,
    open: (item = current[0]?.item) => (item ? loadForm().then((f) => f.open(item), () => false) : Promise.resolve(false)),
    close: () => form?.close(),
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener as never));
      return () => void set.delete(listener as never);
    },
  };
  window.Restock = restock;

  new MutationObserver((records) => {
    for (const r of records) {
      if (r.attributeName === 'value') adapters.forEach((a) => a.touched?.(r.target as Element));
    }
    look();
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: attributes });
  window.addEventListener('pageshow', look);
  look();
  if (queued()) loadForm().catch(() => {});
  document.dispatchEvent(new CustomEvent('restock:ready', { detail: restock }));
}
