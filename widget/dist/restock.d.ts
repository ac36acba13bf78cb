/** What the widget puts on the page as window.Restock. `document` hears `restock:ready` when it is there. */
export interface Restock {
  /** The build: 16 hex characters. */
  readonly version: string;
  /**
   * Opens the form for an item, or for the sold-out one that the page shows. Resolves to false when there is none, or when
   * the form could not be loaded.
   */
  open(item?: RestockItem): Promise<boolean>;
  /** Closes the form, if it is open. */
  close(): void;
  /** Looks at the page again. Changes of the document are seen without it. */
  refresh(): void;
  /** Calls the listener on every event of that name; the function that is returned ends that. */
  on<K extends keyof RestockEvents>(name: K, listener: (detail: RestockEvents[K]) => void): () => void;
}

/** What may be waited for: a variant, or a product where any variant will do. Ids are the shop's own. */
export interface RestockItem {
  product?: string;
  variant?: string;
  /** The product's title, as the shopper knows it. */
  title?: string;
  /** What was chosen: "Black / M". */
  choice?: string;
  /** The URL of a picture. */
  image?: string;
  /** The shop's market that the shopper is in. */
  market?: string;
}

/** What was asked for. It never holds the shopper's address. */
export interface RestockCapture {
  source: string;
  product?: string;
  variant?: string;
  channel: 'email' | 'phone';
}

/** Events: by Restock.on, and as `restock:…` on document with the same detail. */
export interface RestockEvents {
  /** The widget is there: on document only, since nobody can ask Restock.on before. */
  ready: Restock;
  /** The form was opened. */
  open: RestockItem;
  /** The form was closed. */
  close: RestockItem;
  /** The edge has the capture on its disk. */
  captured: RestockCapture;
  /** The edge could not be reached: the capture is kept in this browser, up to 24 hours, and sent again. */
  queued: RestockCapture;
  /** The capture was refused, and not for what the shopper typed. */
  failed: RestockCapture;
}

declare global {
  interface Window {
    Restock?: Restock;
  }
}
