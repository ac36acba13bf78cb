/** What the widget is told: inlined by the server (Config in widget/config.go), and by attributes of the script's tag, which win. */
export interface Config {
  source?: string;
  version?: string;
  platform?: string;
  region?: string;
  market?: string;
  locale?: string;
  channels?: string | string[];
  marketing?: boolean | string;
  quantity?: boolean | string;
  any?: boolean | string;
  privacy?: string;
  theme?: string;
  pushKey?: string;
  pushWorker?: string;
  /** Where the edge is: the script's own URL up to /widget. */
  base: string;
}

/** on reads a switch: data-any and data-any="true" switch on, data-any="false" off. */
export const on = (value: boolean | string | undefined): boolean => value !== undefined && String(value) !== 'false';

/**
 * readConfig reads the tag of the script that runs. It must be called while that script runs for the first time: later the
 * document does not know it any more. A source may be called widget as well; caches and shops add queries to addresses.
 */
export function readConfig(inlined: Partial<Config>): Config {
  const { dataset, localName, src } = document.currentScript as HTMLScriptElement;
  // A review's <img name="currentScript" src="…"> takes its place: where we load from, and addresses go, is no reader's to say.
  if (localName !== 'script') throw localName;
  return { ...inlined, ...dataset, base: src.replace(/\/widget(\.js[^/]*|(\/[^/]+){1,2})$/, '') };
}

/**
 * language is what we have texts for and comes nearest to the tag's locale, or else the page's: as much of it as we know, from
 * the front; else English. Known languages are sorted, so the longest that fits comes last. Pages write de_AT as well.
 */
export function language(config: Config, known: string): string {
  const wanted = (config.locale || document.documentElement.lang).toLowerCase().replace(/_|$/g, '-');
  return known.split(' ').findLast((tag) => wanted.startsWith(tag + '-')) ?? 'en';
}
