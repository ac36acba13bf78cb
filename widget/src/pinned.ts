/** The loader is what every page of the shop loads: it must stay small. */
declare const __config: { version: string };

declare global {
  interface Window {
    Restock?: { readonly version: string };
  }
}

window.Restock ??= { version: __config.version };

export {};
