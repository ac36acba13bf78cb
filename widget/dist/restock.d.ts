/** What the widget puts on the page. */
export interface Restock {
  /** The build: 16 hex characters. */
  readonly version: string;
}
