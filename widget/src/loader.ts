import { language, readConfig, type Config } from './config';
import { start, type Context, type Form } from './start';

/** Written in front of the script by the server: see Loader in widget/config.go. */
declare const __config: Partial<Config>;
/** The languages that there are files for, joined by spaces. Written by the bundler. */
declare const LANGUAGES: string;

const config = readConfig(__config);

// import() and nothing else: it works under strict policies and Trusted Types, where a script's src would not.
const load = async (context: Context): Promise<Form> => {
  const module = (await import(`${config.base}/widget/${config.version}/form.${language(config, LANGUAGES)}.js`)) as {
    form(context: Context): Form;
  };
  return module.form(context);
};

start(config, load);
