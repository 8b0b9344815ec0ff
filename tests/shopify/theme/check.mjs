/** Theme check of Shopify's over a folder: `node check.mjs TOOLS FOLDER`; prints [{check, file, message}]. */
import {createRequire} from 'node:module';
import {join, relative} from 'node:path';

const [, , tools, folder] = process.argv;
const {themeCheckRun} = createRequire(join(tools, '..', 'check.cjs'))('@shopify/theme-check-node');
const {offenses} = await themeCheckRun(folder, undefined, () => {});
const told = offenses.map((one) => ({
  check: one.check,
  file: relative(folder, decodeURIComponent(new URL(one.uri).pathname)),
  message: one.message,
}));
process.stdout.write(JSON.stringify(told));
