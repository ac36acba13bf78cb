type Child = Node | string | false | null | undefined;
type Attributes = Record<string, string | number | boolean | undefined>;

function fill<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value || value === '') element.setAttribute(name, value as string);
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/** h makes an element. Markup is never parsed: policies with Trusted Types forbid that, and a product's title may hold any text. */
export const h = <K extends keyof HTMLElementTagNameMap>(name: K, attributes: Attributes = {}, ...children: Child[]) =>
  fill(document.createElement(name), attributes, children);

/** icon draws one stroked path in a box of 24. */
export const icon = (d: string): Element => {
  const make = (name: string, attributes: Attributes, ...children: Child[]) =>
    fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
  return make('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, make('path', { d }));
};

/** shadow gives the host an open root with a style sheet that policies against inline styles allow; a second call finds the same. */
export function shadow(host: Element, css: string): ShadowRoot {
  if (host.shadowRoot) return host.shadowRoot;
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  return root;
}

export const bell = 'M6 9a6 6 0 0 1 12 0c0 6 2.5 7.5 2.5 7.5h-17S6 15 6 9m4 11a2 2 0 0 0 4 0';
