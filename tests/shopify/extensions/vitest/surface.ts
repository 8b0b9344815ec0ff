/** Texts and numbers as the surface would give them, and a look at what is drawn. */

import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';

const FILES: Record<string, string> = {en: 'en.default', de: 'de', es: 'es', 'zh-CN': 'zh-CN', 'zh-TW': 'zh-TW'};

/** The extension's own locales. A key that is not there fails the test. */
export function i18nOf(extension: string, language = 'en') {
  const file = `extensions/${extension}/locales/${FILES[language]}.json`;
  const texts = JSON.parse(readFileSync(file, 'utf8'));
  return {
    translate(key: string, options: Record<string, string | number> = {}) {
      const text = key.split('.').reduce((part: any, name) => part?.[name], texts);
      if (typeof text !== 'string') {
        throw new Error(`${file} has no ${key}`);
      }
      return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
        if (!(name in options)) {
          throw new Error(`${key} is not given ${name}`);
        }
        return String(options[name]);
      });
    },
    formatNumber: (number: number | bigint) => new Intl.NumberFormat(language).format(number),
    formatCurrency: (number: number | bigint) => String(number),
    formatDate: (date: Date, options?: Intl.DateTimeFormatOptions) =>
      new Intl.DateTimeFormat(language, options).format(date),
  } as any;
}

/** Sets parts of a surface that are optional: the tester's mock leaves them out, and refuses to be given them. */
export function put(shopify: any, parts: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(parts)) {
    Object.defineProperty(shopify, name, {value, configurable: true, enumerable: true, writable: true});
  }
}

/** Until something is drawn; else the test fails with what there is. */
export async function until<Found>(look: () => Found | null | undefined | false, within = 20_000): Promise<Found> {
  const end = Date.now() + within;
  for (;;) {
    const found = look();
    if (found) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`not drawn: ${words().slice(0, 500)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What has been drawn by now, after everything that is on its way. */
export async function settledBody(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 60));
  return document.body.innerHTML;
}

/** Everything that is said, attributes of elements included. */
export function words(): string {
  const said = [...document.body.querySelectorAll('*')].flatMap((one) => [
    ...['heading', 'subheading', 'label', 'details', 'error'].map(
      (name) => (one as any)[name] ?? one.getAttribute(name) ?? '',
    ),
    ...[...one.childNodes].filter((child) => child.nodeType === 3).map((child) => child.textContent ?? ''),
  ]);
  return said.filter(Boolean).join(' | ');
}

export function said(text: string | RegExp): Promise<boolean> {
  return until(() => (typeof text === 'string' ? words().includes(text) : text.test(words())));
}

export function find(text: string): HTMLElement | undefined {
  return [...document.body.querySelectorAll<HTMLElement>('s-button')].find((one) => one.textContent === text);
}

export function button(text: string): HTMLElement {
  const found = find(text);
  if (!found) {
    throw new Error(`no button ${text}: ${words().slice(0, 500)}`);
  }
  return found;
}

export function click(one: HTMLElement): void {
  one.dispatchEvent(new Event('click'));
}

export function type(one: Element, value: string): void {
  (one as any).value = value;
  one.dispatchEvent(new Event('input'));
}

/** For people to look at (tests/shopify/extensions/test_seen.py), where it is asked for. */
export function keep(name: string): void {
  const folder = process.env.DRAWN;
  if (folder) {
    mkdirSync(folder, {recursive: true});
    writeFileSync(`${folder}/${name}.html`, drawn(document.body));
  }
}

/** The tree with properties that Preact sets on elements as attributes. */
function drawn(of: Element): string {
  const names = ['heading', 'subheading', 'label', 'details', 'error', 'value', 'max', 'min', 'step', 'text', 'tone', 'type', 'color', 'gap', 'direction', 'disabled', 'loading', 'variant', 'accessibilityLabel', 'href', 'lang'];
  for (const one of of.querySelectorAll('*')) {
    for (const name of names) {
      const value = (one as any)[name];
      if (value !== undefined && value !== null && value !== '' && value !== false && !one.hasAttribute(name)) {
        one.setAttribute(name, String(value));
      }
    }
  }
  return of.innerHTML;
}
