import { language, readConfig, type Config } from './config';
import { start, type Form, type More } from './start';

/** Written in front of the script by the server: see Loader in widget/config.go. */
declare const __config: Partial<Config>;
/** The languages that there are files for, joined by spaces. Written by the bundler. */
declare const LANGUAGES: string;

const config = readConfig(__config);

// import() and nothing else: it works under strict policies and Trusted Types, where a script's src would not.
const load = (part: string) => import(`${config.base}/widget/${config.version}/${part}.${language(config, LANGUAGES)}.js`);

start(
  config,
  async (context) => ((await load('form')) as { form(c: typeof context): Form }).form(context),
  () => load('more') as Promise<More>,
);
