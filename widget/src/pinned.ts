import { readConfig } from './config';
import { form } from './form';
import { start } from './start';

/** Loader and form in one file that a page can pin by its hash: nothing is imported later, so nothing can be swapped. */
start(readConfig({}), (context) => Promise.resolve(form(context)));
