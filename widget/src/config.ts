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
 * document does not know it any more. A host or a source may be called widget as well.
 */
export function readConfig(inlined: Partial<Config>): Config {
  const tag = document.currentScript as HTMLScriptElement | null;
  return { ...inlined, ...tag?.dataset, base: tag?.src.replace(/\/widget(\.js|(\/[^/]+){1,2})$/, '') ?? '' };
}

/** language is the first that we have texts for: the tag's, the page's, the same without its region; else English. */
export function language(config: Config, known: string): string {
  const wanted = (config.locale || document.documentElement.lang).toLowerCase();
  const list = known.split(' ');
  return list.find((tag) => tag === wanted) ?? list.find((tag) => tag === wanted.slice(0, 2)) ?? 'en';
}
