import { readConfig } from './config';
import { form } from './form';
import * as more from './more';
import { start } from './start';

/** Everything in one file that a page can pin by its hash: nothing is imported later, so nothing can be swapped. */
// It is told no version and finds it in its own URL.
const version = /\/widget\/(\w+)\//.exec((document.currentScript as HTMLScriptElement | null)?.src ?? '')?.[1];

start(readConfig({ version }), async (context) => form(context), async () => more);
