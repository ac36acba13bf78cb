import { useEffect, useRef, type CSSProperties } from 'react';

/** What a shopper may wait for. Ids are the shop's own, as text. */
export interface RestockProps {
  /** Where your edge node stands: https://alerts.your-shop.com. */
  edge: string;
  /** The name of the data source. */
  source: string;
  /** The product's id; with it and without `variant`, any variant is waited for. */
  product?: string;
  /** The chosen variant's id; leave it out while nothing is chosen. */
  variant?: string;
  /** Whether it can be bought now: true shows nothing. */
  available: boolean;
  /** The product's title, as the dialog says it. */
  title?: string;
  /** What tells the variant from its siblings: "Black / M". */
  choice?: string;
  /** The address of a picture. */
  image?: string;
  /** The market, where you sell in several. */
  market?: string;
  /** Told after a capture reached the edge. */
  onCaptured?: (detail: unknown) => void;
  className?: string;
  style?: CSSProperties;
}

/** What of window.Restock is used here; see restock.d.ts beside the widget's files for all of it. */
interface Api {
  on(name: 'captured', heard: (detail: unknown) => void): () => void;
}

const api = (): Api | undefined => (window as { Restock?: Api }).Restock;

/**
 * A place for the widget. It renders one empty element, on the server and in the browser alike; what the widget shows
 * stands in that element's shadow root, where React does not look, so hydration finds what it expects.
 */
export function Restock({ edge, source, product, variant, available, title, choice, image, market, onCaptured, className, style }: RestockProps) {
  const heard = useRef(onCaptured);
  heard.current = onCaptured;

  useEffect(() => load(edge, source), [edge, source]);
  useEffect(() => whenReady((r) => r.on('captured', (detail) => heard.current?.(detail))), []);

  return (
    <restock-notify
      class={className}
      style={{ display: 'block', minHeight: 48, ...style }}
      product={product}
      variant={variant}
      available={variant || product ? String(available) : 'true'}
      title={title}
      choice={choice}
      image={image}
      market={market}
    />
  );
}

/**
 * Adds the loader once per page, however many places there are; it stays when they go and serves the next page's. A page
 * that has the tag in its HTML already needs none of this, and under Trusted Types that is the way: no script may write an
 * address there.
 */
function load(edge: string, source: string): void {
  const src = `${edge.replace(/\/$/, '')}/widget/${encodeURIComponent(source)}.js`;
  if (api() || [...document.scripts].some((s) => s.src === src)) return;
  const script = document.createElement('script');
  try {
    script.src = src;
  } catch {
    console.error(`Restock: Trusted Types forbid adding the widget; put <script async src="${src}"> into the page's HTML`);
    return;
  }
  script.async = true;
  document.head.append(script);
}

/** Calls back when window.Restock is there; returns what undoes it all. */
function whenReady(then: (api: Api) => () => void): () => void {
  let undo: (() => void) | undefined;
  const ready = () => {
    const r = api();
    if (r && !undo) undo = then(r);
  };
  ready();
  document.addEventListener('restock:ready', ready);
  return () => {
    document.removeEventListener('restock:ready', ready);
    undo?.();
  };
}

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'restock-notify': {
        class?: string;
        style?: CSSProperties;
        product?: string;
        variant?: string;
        available?: string;
        title?: string;
        choice?: string;
        image?: string;
        market?: string;
      };
    }
  }
}
