/** Numbers, days and names as a reader of the surface's language reads them. */

import {pointsNameOf, type Programme} from './programme';
import type {Snapshot} from './snapshot';

/** What of the surface's `i18n` is needed for it. */
export interface I18n {
  translate(key: string, options?: Record<string, string | number>): string;
  formatNumber(number: number): string;
  formatDate(date: Date, options?: Intl.DateTimeFormatOptions): string;
}

export interface Words {
  /** A text of the extension's locales. */
  say(key: string, options?: Record<string, string | number>): string;
  number(number: number): string;
  /** Such as "1,200 points", in this shop's word for them. */
  points(number: number): string;
  /** The same of a change: "+50 points". */
  change(number: number): string;
  /** The day of a moment. */
  day(moment: string): string;
  /** The last day on which something that ends at a moment can be used. */
  lastDay(moment: string): string;
  /** The time of day at a moment, by the reader's own clock. */
  time(at: number): string;
  /** Tag of the language of the texts, as our service writes it. */
  language: string;
}

/** The programme knows the zone and the points' name in every language; the snapshot knows it in the member's. */
export function wordsOf(i18n: I18n, programme: Programme | null, snapshot: Snapshot | null): Words {
  const language = i18n.translate('language');
  const own = programme ? pointsNameOf(programme, language) : [];
  const names = own.length === 2 ? own : (snapshot?.points_name ?? []);
  const number = (value: number) => i18n.formatNumber(value);
  const day = (at: number) =>
    i18n.formatDate(new Date(at), {dateStyle: 'medium', ...(programme ? {timeZone: programme.timezone} : {})});
  const points = (value: number) =>
    i18n.translate('points', {number: number(value), name: names[value === 1 ? 0 : 1] ?? ''});
  return {
    say: (key, options) => i18n.translate(key, options),
    number,
    points,
    change: (value) => (value > 0 ? `+${points(value)}` : points(value)),
    day: (moment) => day(Date.parse(moment)),
    lastDay: (moment) => day(Date.parse(moment) - 1),
    time: (at) => i18n.formatDate(new Date(at), {timeStyle: 'short'}),
    language,
  };
}
