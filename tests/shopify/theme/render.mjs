/**
 * Renders blocks of the theme extension with liquidjs: `node render.mjs TOOLS` with {folder, pages} on its standard
 * input. Each page: {file, language, now, zone, escapes, globals, scope}; the answer is an array of HTML.
 *
 * Liquid here is not Shopify's. What is Shopify's own is written below: the schema tag, and the filters t, asset_url and
 * default_errors. Whether `t` escapes what is put into a text is not told anywhere, so pages are rendered both ways.
 */
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const tools = process.argv[2];
const {Liquid, Tag} = createRequire(join(tools, '..', 'render.cjs'))('liquidjs');
const {folder, pages} = JSON.parse(readFileSync(0, 'utf-8'));

const inner = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&#34;').replace(/'/g, '&#39;');

class Unprinted extends Tag {
  constructor(token, remaining, liquid) {
    super(token, remaining, liquid);
    const end = `end${token.name}`;
    while (remaining.length) {
      const next = remaining.shift();
      if (next.name === end) return;
    }
    throw new Error(`${token.name} is not closed`);
  }

  render() {}
}

function textOf(language, key) {
  for (const name of [language, 'en.default']) {
    let found;
    try {
      found = JSON.parse(readFileSync(join(folder, 'locales', `${name}.json`), 'utf-8'));
    } catch {
      continue;
    }
    for (const part of key.split('.')) found = found?.[part];
    if (typeof found === 'string') return found;
  }
  throw new Error(`no text ${key}`);
}

function translated(page) {
  return (key, ...given) => {
    const values = Object.fromEntries(given);
    return textOf(page.language, key).replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name) => {
      if (!(name in values)) throw new Error(`${key} asks for ${name}`);
      return page.escapes ? inner(String(values[name])) : String(values[name]);
    });
  };
}

const Clock = Date;

/* What a page says when it is: of now alone, else every date is as it would be. */
function setClock(now) {
  const moment = now === null ? null : Clock.parse(now);
  globalThis.Date = moment === null ? Clock : class extends Clock {
    constructor(...given) {
      super(...(given.length ? given : [moment]));
    }

    static now() {
      return moment;
    }
  };
}

async function rendered(page) {
  setClock(page.now);
  const liquid = new Liquid({
    root: join(folder, 'blocks'),
    partials: join(folder, 'snippets'),
    extname: '.liquid',
    strictFilters: true,
    timezoneOffset: page.zone,
    locale: 'en-US',
    globals: page.globals,
  });
  liquid.registerTag('schema', Unprinted);
  liquid.registerTag('comment', Unprinted);
  liquid.registerFilter('t', translated(page));
  liquid.registerFilter('asset_url', (name) => `https://cdn.shop.example/extensions/belong/assets/${name}`);
  const source = readFileSync(join(folder, page.file), 'utf-8');
  return liquid.parseAndRender(source, page.scope);
}

const told = [];
for (const page of pages) told.push(await rendered(page));
process.stdout.write(JSON.stringify(told));
