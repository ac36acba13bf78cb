import { bigcommerce } from './adapters/bigcommerce';
import { byAttributes, bySlots } from './adapters/generic';
import { magento } from './adapters/magento';
import { shopify } from './adapters/shopify';
import { woocommerce } from './adapters/woocommerce';
import type { Config } from './config';
import type { Adapter, Item, MakeAdapter, Spot } from './item';
import type { Restock } from './restock';
import { emit, makeSend, type Send } from './send';

/** A cover or a filled slot. */
export interface View {
  update(item: Item): void;
  remove(): void;
}

/** What the form is given when it is loaded. */
export interface Context {
  config: Config;
  send: Send;
  emit: typeof emit;
  /** Loads what only some forms need. */
  more(): Promise<More>;
}

export type More = typeof import('./more');

/** The form's module: loaded only when something is sold out. */
export interface Form {
  show(at: HTMLElement, item: Item): View;
  open(item: Item): Promise<boolean>;
  close(): void;
}

export type LoadForm = (context: Context) => Promise<Form>;

/** The platform that this loader is for; empty: all, and each page is asked. Written by the bundler, which drops the others. */
declare const PLATFORM: string;

const makers: Record<string, MakeAdapter> =
  PLATFORM === 'shopify' ? { shopify }
  : PLATFORM === 'woocommerce' ? { woocommerce }
  : PLATFORM === 'bigcommerce' ? { bigcommerce }
  : PLATFORM === 'magento' ? { magento }
  : PLATFORM ? {}
  : { shopify, woocommerce, bigcommerce, magento };

/** Attributes whose change is a new state; value is that of hidden inputs, which themes write without any event. */
const attributes = ['value'];
for (const name of ['product', 'variant', 'available']) attributes.push(name, 'data-restock-' + name);

/** start looks after the page from now on. A second copy on the same page only asks the first to look again. */
export function start(config: Config, loadForm: LoadForm, more: Context['more']): void {
  if (window.Restock?.refresh) return window.Restock.refresh(); // an element with the id Restock has none
  const views = new Map<HTMLElement, View>();
  let form: Form | undefined;
  let loading: Promise<Form> | undefined;
  let current: Spot[] = [];

  const context: Context = { config, more, emit, send: makeSend(config) };
  const getForm = async () => {
    try {
      form = await (loading ??= loadForm(context));
    } catch {
      loading = undefined; // the next change tries again
    }
    return form;
  };

  const look = () => {
    const main = adapters.map((a) => a.look()).find((spot) => spot !== undefined);
    current = [...byAttributes(), ...bySlots(main)];
    if (main?.at && !current.some(({ item }) => item.variant === main.item.variant)) current.push(main); // a slot takes its place
    for (const [at, view] of views) {
      if (current.some((spot) => spot.at === at)) continue;
      views.delete(at);
      view.remove();
    }
    if (!form) {
      if (current.length) void getForm().then((loaded) => loaded && look());
      return;
    }
    for (const { at, item } of current) {
      const view = views.get(at!);
      if (view) view.update(item);
      else views.set(at!, form.show(at!, item));
    }
  };

  const adapters: Adapter[] = [];
  // A loader for one platform has no other to choose.
  for (const [name, make] of Object.entries(makers)) if (PLATFORM || !config.platform || config.platform === name) adapters.push(make(look));

  const restock: Restock = (window.Restock = {
    version: config.version!,
    refresh: look,
    async open(item = current[0]?.item) {
      return !!item && !!(await (await getForm())?.open(item));
    },
    close: () => form?.close(),
    on(name, listener) {
      const hear = (event: Event) => listener((event as CustomEvent).detail);
      document.addEventListener('restock:' + name, hear);
      return () => document.removeEventListener('restock:' + name, hear);
    },
  });

  new MutationObserver((records) => {
    for (const { attributeName, target } of records) {
      if (attributeName === 'value') for (const a of adapters) a.touched?.(target);
    }
    look();
  }).observe(document, { subtree: true, childList: true, attributeFilter: attributes });
  look();
  emit('ready', restock);
}
